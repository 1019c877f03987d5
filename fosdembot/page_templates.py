"""What pages are made with: templates that lie beside the code of a package, wherever that lies."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pkgutil import get_data
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined

from fosdembot.texts.harmless import harmless


@cache
def source(package: str, name: str) -> str:
    """A file beside the code of `package`; it may lie in the plugin's archive."""
    data = get_data(package, name)
    assert data is not None
    return data.decode()


def environment(package: str, **filters: Callable[[Any], Any]) -> Environment:
    """What reads the templates of `package`. Whatever a template shows is made harmless and
    escaped, unless it is `Markup`."""
    made = Environment(
        autoescape=True,
        finalize=_finalized,
        loader=FunctionLoader(lambda name: source(package, f"templates/{name}")),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(filters)
    return made


def _finalized(value: object) -> object:
    return harmless(value) if type(value) is str else value
