"""How the overlay looks, by parameters in its address. Pure.

Nothing that somebody wrote gets into the style sheet: each parameter has a name of ours, and a
value that can be read as what it is to be.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

_COLOUR = re.compile(r"#?([0-9a-fA-F]{8}|[0-9a-fA-F]{6}|[0-9a-fA-F]{3,4})")
_NUMBER = re.compile(r"[0-9]{1,4}")
_PLACES = {
    "top-left": "start start",
    "top": "start center",
    "top-right": "start end",
    "left": "center start",
    "middle": "center center",
    "right": "center end",
    "bottom-left": "end start",
    "bottom": "end center",
    "bottom-right": "end end",
}
"""By word, where the box is (CSS, `place-items`)."""
_FONTS = {
    "sans": 'system-ui,"Noto Sans",sans-serif',
    "serif": '"Noto Serif",serif',
    "mono": '"Noto Sans Mono",monospace',
}


class _Parameter(NamedTuple):
    variable: str
    read: Callable[[str], str | None]
    """What it is in CSS; None where it is nothing."""


def _colour(value: str) -> str | None:
    found = _COLOUR.fullmatch(value)
    return f"#{found[1]}" if found else None


def _pixels(least: int, most: int) -> Callable[[str], str | None]:
    def read(value: str) -> str | None:
        found = _NUMBER.fullmatch(value.removesuffix("px"))
        return f"{int(found[0])}px" if found and least <= int(found[0]) <= most else None

    return read


_PARAMETERS = {
    "place": _Parameter("--place", _PLACES.get),
    "ground": _Parameter("--ground", _colour),
    "text": _Parameter("--text", _colour),
    "accent": _Parameter("--accent", _colour),
    "font": _Parameter("--font", _FONTS.get),
    "size": _Parameter("--size", _pixels(12, 160)),
    "width": _Parameter("--width", _pixels(200, 3840)),
    "margin": _Parameter("--margin", _pixels(0, 1000)),
    "round": _Parameter("--round", _pixels(0, 200)),
}
NAMES = tuple(_PARAMETERS)


def chosen(query: Mapping[str, str]) -> dict[str, str]:
    """Those of the parameters that say how it looks, and can be read. As in CSS, a name may begin
    with `--`."""
    given = {name.removeprefix("--"): value for name, value in query.items()}
    return {name: given[name] for name in NAMES if name in given and _read(name, given[name])}


def style_sheet(query: Mapping[str, str]) -> str:
    """The variables for what was chosen."""
    lines = [
        f"{_PARAMETERS[name].variable}:{_read(name, value)}"
        for name, value in chosen(query).items()
    ]
    return f":root{{{';'.join(lines)}}}\n"


def _read(name: str, value: str) -> str | None:
    return _PARAMETERS[name].read(value.strip())
