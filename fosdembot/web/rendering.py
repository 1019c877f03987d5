"""Makes pages from templates, and serves what they load."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pkgutil import get_data
from typing import Any

from aiohttp import web
from jinja2 import Environment
from markupsafe import Markup

from fosdembot.conference.page_addresses import PageAddresses
from fosdembot.page_templates import environment
from fosdembot.texts import page_room as room_texts
from fosdembot.texts import pages as texts
from fosdembot.texts import widget as widget_texts
from fosdembot.texts.render import Text, say

from .routing import Asked, Route

_PACKAGE = "fosdembot.web"
_TYPES = {"js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}
_FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}
_IMPORT = re.compile(rb'(?<= from "\./)[\w.]+(?=";)')
STATIC = (
    "pages.css",
    "silence.js",
    "parts.js",
    "requests.js",
    "drafts.js",
    "mine.js",
    "list.js",
    "clock.js",
    "deeds.js",
    "pages.js",
    "talk.css",
    "talk.js",
    "aloud.js",
    "login.js",
    "stage.css",
    "overlay.css",
    "overlay.js",
    "widget.js",
)
"""A module comes after those that it imports."""


def as_html(text: Text) -> Markup:
    """A sentence of ours, with its markup."""
    return Markup(text.html)


@cache
def _static_files() -> Mapping[str, tuple[str, bytes]]:
    """They are the same for every bot of a process."""
    found: dict[str, tuple[str, bytes]] = {}
    for name in STATIC:
        data = get_data(_PACKAGE, f"static/{name}")
        assert data is not None
        data = _IMPORT.sub(lambda name: found[name[0].decode()][0].encode(), data)
        digest = hashlib.sha256(data).hexdigest()[:12]
        stem, _, kind = name.rpartition(".")
        found[name] = f"{stem}.{digest}.{kind}", data
    return found


@dataclass
class Rendering:
    """Templates know `base` (the path before all of ours), `static(name)`, and `texts`."""

    addresses: PageAddresses
    away: Callable[[], str] = str
    """Since when the homeserver is away, as a sentence; empty: it is there."""
    _static: Mapping[str, tuple[str, bytes]] = field(default_factory=_static_files)
    """By name what its address has in it, and what is served there."""

    @cached_property
    def _environment(self) -> Environment:
        made = environment(_PACKAGE, sentence=as_html)
        base = self.addresses.base
        made.globals.update(base=base, static=self.static, texts=texts, away=self.away)
        made.globals.update(room_texts=room_texts, widget_texts=widget_texts, say=say)
        return made

    def static(self, name: str) -> str:
        """The path of a file that pages load: another, once it says something else."""
        return f"{self.addresses.base}/static/{self._static[name][0]}"

    def page(self, template: str, **values: Any) -> str:
        return self._environment.get_template(template).render(**values)

    def routes(self) -> list[Route]:
        return [Route("GET", "/static/{name}", self._serve)]

    async def _serve(self, asked: Asked) -> web.Response:
        for versioned, data in self._static.values():
            if asked.parts["name"] == versioned:
                kind = _TYPES[versioned.rpartition(".")[2]]
                return web.Response(body=data, content_type=kind, charset="utf-8", headers=_FOREVER)
        raise web.HTTPNotFound
