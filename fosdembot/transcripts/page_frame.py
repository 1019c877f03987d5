"""What pages are made with: templates that lie beside the code, and a policy that lets a browser
run and load nothing but what is in the page."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from functools import cache
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from fosdembot import page_templates

_LESS_THAN = "\\u003c"


_PACKAGE = "fosdembot.transcripts"


def source(name: str) -> str:
    """A file beside the code."""
    return page_templates.source(_PACKAGE, name)


def environment(**filters: Callable[[Any], Any]) -> Environment:
    """What reads the templates beside the code."""
    return page_templates.environment(_PACKAGE, **filters)


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


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
