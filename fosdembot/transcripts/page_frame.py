"""What pages are made with: templates that lie beside the code, and a policy that lets a browser
run and load nothing but what is in the page."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from functools import cache
from pkgutil import get_data
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from .harmless import harmless

_LESS_THAN = "\\u003c"


@cache
def source(name: str) -> str:
    """A file beside the code; it may lie in the plugin's archive."""
    data = get_data("fosdembot.transcripts", name)
    assert data is not None
    return data.decode()


def environment(**filters: Callable[[Any], Any]) -> Environment:
    """What reads templates. Whatever a template shows is made harmless and escaped, unless it is
    `Markup`."""
    made = Environment(
        autoescape=True,
        finalize=_finalized,
        loader=FunctionLoader(lambda name: source(f"templates/{name}")),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(filters)
    return made


_environment = cache(environment)


def policy(*, style: str, script: str = "") -> str:
    """What the page tells a browser: to apply this style and run this script, and nothing else."""
    told = ["default-src 'none'", f"style-src {_hash(style)}"]
    if script:
        told.append(f"script-src {_hash(script)}")
    return "; ".join([*told, "base-uri 'none'", "form-action 'none'"])


def page(template: str, *, style: str, script: str = "", **values: Any) -> str:
    """The template with its style and its script, which alone a browser may apply and run."""
    return (
        _environment()
        .get_template(template)
        .render(
            policy=policy(style=style, script=script),
            style=Markup(style),
            script=Markup(script),
            **values,
        )
    )


def data(value: Any) -> Markup:
    """JSON that may stand in a `<script>`: nothing in it ends that."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return Markup(text.replace("<", _LESS_THAN))


def _finalized(value: object) -> object:
    return harmless(value) if type(value) is str else value


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
