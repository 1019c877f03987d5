"""Where the room's page is, in what rooms are told."""

from __future__ import annotations

import pytest

from fosdembot.schedule.model import Talk
from fosdembot.settings import Settings
from fosdembot.talks.messages import tell
from fosdembot.talks.notices import plan
from fosdembot.talks.slots import build_slots

from .programme import BRUSSELS, ROOM, at, talk

PAGE = "https://qa.example.org/r/kernel"


def told_with_page(*talks: Talk, page: str = PAGE, bridged: bool = False) -> str:
    rules = Settings()
    planned = plan(build_slots(talks, {}, rules), rules, ROOM, bridged, BRUSSELS)
    (message,) = tell(planned, {}, at("10:00"), BRUSSELS, "!", {}, bridged, page)
    return message.text.plain


@pytest.mark.parametrize("bridged", [False, True])
def test_the_pinned_message_says_where_the_page_is(bridged: bool) -> None:
    said = told_with_page(talk("a", "10:00"), bridged=bridged).split("\n")
    assert f"On your phone: {PAGE}" in said[1]
    assert PAGE not in said[0], "the first line is what the banner shows"


def test_where_talks_go_on_together_it_is_said_once() -> None:
    said = told_with_page(talk("a", "10:00", room="H1"), talk("b", "10:00", room="H2"))
    assert said.count(PAGE) == 1


def test_without_pages_nothing_is_said_of_them() -> None:
    assert "phone" not in told_with_page(talk("a", "10:00"), page="")
