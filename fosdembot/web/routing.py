"""Which handler answers a request."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from aiohttp import web

Handler = Callable[["Asked"], Awaitable[web.StreamResponse]]
"""Answers a request; raises `web.HTTPException` or `refusals.Declined`."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request to one of our paths."""

    request: web.Request
    parts: Mapping[str, str]
    """What stood in the path for each `{name}`, decoded."""


@dataclass(frozen=True, slots=True)
class Route:
    method: str
    path: str
    """As `/r/{room}/events`; each `{name}` stands for one part of a path."""
    handler: Handler


@dataclass(slots=True)
class Routes:
    _routes: list[tuple[re.Pattern[str], Route]] = field(default_factory=list)

    @property
    def all(self) -> list[Route]:
        return [route for _, route in self._routes]

    def add(self, routes: Iterable[Route]) -> None:
        for route in routes:
            parts = re.split(r"\{(\w+)\}", route.path)
            pattern = "".join(
                f"(?P<{part}>[^/]+)" if index % 2 else re.escape(part)
                for index, part in enumerate(parts)
            )
            self._routes.append((re.compile(pattern), route))

    def find(self, method: str, raw_path: str) -> tuple[Handler, Mapping[str, str]]:
        """Raises `web.HTTPNotFound`, `web.HTTPMethodNotAllowed`."""
        allowed = set()
        for pattern, route in self._routes:
            if (found := pattern.fullmatch(raw_path)) is None:
                continue
            if route.method == method or (method == "HEAD" and route.method == "GET"):
                return route.handler, _decoded(found.groupdict())
            allowed.add(route.method)
        if allowed:
            raise web.HTTPMethodNotAllowed(method, sorted(allowed))
        raise web.HTTPNotFound


def _decoded(parts: Mapping[str, str]) -> Mapping[str, str]:
    """Raises `web.HTTPNotFound` where one of them is no text: no name of ours has such a thing."""
    try:
        decoded = {name: unquote(value, errors="strict") for name, value in parts.items()}
    except UnicodeDecodeError:
        raise web.HTTPNotFound from None
    if not all(is_text(value) for value in decoded.values()):
        raise web.HTTPNotFound
    return decoded


def is_text(value: str) -> bool:
    """Whether a database takes it: PostgreSQL takes no NUL, and nothing takes half of a surrogate
    pair, which JSON may name."""
    return "\0" not in value and not any("\ud800" <= char <= "\udfff" for char in value)
