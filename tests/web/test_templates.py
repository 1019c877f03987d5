"""What holds for the templates of all pages."""

from __future__ import annotations

import re
from importlib.resources import files

TEMPLATES = files("fosdembot.web") / "templates"
OURS = {
    ("stage_list.html", "<h2>{{ title }}"),
    ("talk_frame.html", '<a href="{{ address }}">{{ name }}'),
}
"""Words of the catalogue."""


def test_what_came_of_a_tap_is_heard_as_well() -> None:
    """Screen readers say by themselves what comes into an element with such a role only."""
    lines = [
        (each.name, line)
        for each in TEMPLATES.iterdir()
        for line in re.findall(r"<[^>]* data-answer[^>]*>", each.read_text())
    ]
    assert len(lines) >= 6
    assert [each for each in lines if not re.search(r' role="(alert|status)"', each[1])] == []


def test_what_people_wrote_is_read_in_its_own_direction() -> None:
    """Else the question mark of an Arabic question stands at its wrong end."""
    written = r"(?:\w+\.)?(?:text|name|speakers|place|asker|title)"
    lines = [
        (each.name, line)
        for each in TEMPLATES.iterdir()
        for line in re.findall(rf"<[a-z0-9]+[^>]*>\{{\{{ {written} \}}\}}", each.read_text())
        if (each.name, line) not in OURS
    ]
    assert len(lines) >= 15
    assert [each for each in lines if not re.search(r' dir="auto"|<bdi>', each[1])] == []
