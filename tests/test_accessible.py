"""What `tests/accessible.py` relies on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "fosdembot"
DARK = [
    path for path in sorted(PACKAGE.rglob("*.css")) if "prefers-color-scheme" in path.read_text()
]
ONLY_COLOURS = re.compile(
    r"@media\s*\(prefers-color-scheme:\s*dark\)\s*"
    r"\{\s*:root\s*\{(\s*--[\w-]+\s*:\s*#[0-9a-f]{3,8}\s*;?)+\s*\}\s*\}"
)


@pytest.mark.parametrize("sheet", DARK, ids=lambda path: path.name)
def test_the_dark_scheme_is_other_values_of_the_same_colours(sheet: Path) -> None:
    """So pages are looked at in it by the rules of colours alone."""
    assert "prefers-color-scheme" not in ONLY_COLOURS.sub("", sheet.read_text())


def test_there_is_a_dark_scheme() -> None:
    assert len(DARK) >= 3
