"""What holds for the templates of all pages."""

from __future__ import annotations

import re
from importlib.resources import files

TEMPLATES = files("fosdembot.web") / "templates"


def test_what_came_of_a_tap_is_heard_as_well() -> None:
    """Screen readers say by themselves what comes into an element with such a role only."""
    lines = [
        (each.name, line)
        for each in TEMPLATES.iterdir()
        for line in re.findall(r"<[^>]* data-answer[^>]*>", each.read_text())
    ]
    assert len(lines) >= 6
    assert [each for each in lines if not re.search(r' role="(alert|status)"', each[1])] == []
