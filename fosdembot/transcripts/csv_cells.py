"""Tables that spreadsheets open, and nothing in them that a spreadsheet would compute."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from typing import TextIO

from fosdembot.texts.render import legible

Cell = str | int | float | None

_FORMULA = frozenset("=+-@＝＋－＠\t\r\n|%")
"""What a spreadsheet takes for the beginning of a formula, or skips before it."""
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f\x85]")


def write(file: TextIO, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    # By this mark spreadsheets know that it is UTF-8.
    file.write("\ufeff")
    table = csv.writer(file)
    table.writerow([cell(column) for column in columns])
    for row in rows:
        table.writerow([cell(value) for value in row])


def cell(value: Cell) -> Cell:
    """A text that nobody's spreadsheet computes. A sign that shows it is a text goes before it."""
    if not isinstance(value, str):
        return value
    text = _CONTROLS.sub(" ", legible(value.replace("\r\n", "\n")))
    return f"'{text}" if text.lstrip(" \u00a0")[:1] in _FORMULA and text else text
