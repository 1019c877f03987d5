"""What a page is told makes it show what the screen shows, whatever it showed before."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fosdembot.web.screens import Countdown, Item, Screen, Topic
from fosdembot.web.telling import difference, seconds_until, whole
from fosdembot.web.watched import MOST_CHANGES, Looker, Watched

NOW = datetime(2026, 1, 31, 10, tzinfo=UTC)
HTML = st.sampled_from(["", "<b>1</b>", "a\nb", "ä\u2028\r\x00", "data: x\n\nid: 9"])
KEYS = st.sampled_from(["q1", "q2", "q3", "q4"])
SCREENS = st.builds(
    lambda parts, items, announced: Screen(
        parts, tuple(Item(key, html) for key, html in items.items()), announced=announced
    ),
    st.dictionaries(st.sampled_from(["head", "now"]), HTML),
    st.dictionaries(KEYS, HTML),
    HTML,
)


@dataclass
class Browser:
    """Does what pages.js does with what it is told."""

    parts: dict[str, str] = field(default_factory=dict)
    items: dict[str, str] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    said: str = ""
    position: str = ""

    def told(self, data: Any) -> None:
        self.parts |= data.get("parts", {})
        self.items |= data.get("items", {})
        self.order = data.get("order", self.order)
        self.items = {key: self.items[key] for key in self.order}
        self.said = data.get("say", self.said)

    def heard(self, stream: bytes) -> None:
        """As HTML's "Server-sent events" reads it."""
        for event in stream.decode().split("\n\n")[:-1]:
            fields = [line.partition(": ") for line in event.split("\n")]
            assert [name for name, _, _ in fields] == ["id", "data"]
            self.position = fields[0][2]
            self.told(json.loads(fields[1][2]))

    def shows(self, screen: Screen) -> bool:
        shown = {id: html for id, html in self.parts.items() if html}
        return (
            shown == {id: html for id, html in screen.parts.items() if html}
            and [Item(key, self.items[key]) for key in self.order] == list(screen.items)
            and self.said == screen.announced
        )


@given(SCREENS, SCREENS)
def test_the_difference_leads_from_one_screen_to_the_other(one: Screen, other: Screen) -> None:
    page = Browser()
    page.told(whole(one))
    assert page.shows(one)
    page.told(difference(one, other))
    assert page.shows(other)
    assert not difference(other, other)


@given(st.lists(st.tuples(SCREENS, st.booleans(), st.booleans()), min_size=1, max_size=25))
def test_who_listens_now_and_then_sees_the_same(steps: list[tuple[Screen, bool, bool]]) -> None:
    """However many changes it missed, whether it comes back on the same connection or on another,
    or with an id of an earlier life of the bot."""
    watched, page = Watched(Topic("room", "#kernel:example.org")), Browser()
    looker = Looker(watched)
    for screen, comes_back, listens in steps:
        watched.take(screen, NOW)
        if comes_back:
            looker = Looker(watched, watched.version_at(page.position))
        if listens:
            page.heard(looker.take(0.0, lambda _: b"null"))
            assert page.shows(screen)
    page.heard(Looker(watched, watched.version_at("other.1")).take(0.0, lambda _: b"null"))
    assert page.shows(steps[-1][0])


def test_what_nobody_may_read_any_more_is_told_to_nobody_who_comes_back() -> None:
    """Ids of events are known to all who look, and a redaction is always obeyed."""
    watched = Watched(Topic("room", "#kernel:example.org"))
    watched.take(Screen(parts={"head": "Tiny kernels"}), NOW)
    before = watched.position
    for items in ((Item("q1", "redacted"),), (Item("q1", "redacted"), Item("q2", "Why?")), ()):
        watched.take(Screen(parts={"head": "Tiny kernels"}, items=items), NOW)
    looker = Looker(watched, watched.version_at(before))
    assert b"redacted" not in looker.take(0.0, lambda _: b"null")


def test_an_id_that_was_made_up_leads_to_the_whole() -> None:
    watched = Watched(Topic("room", "#kernel:example.org"))
    for number in range(20):
        watched.take(Screen(parts={"head": str(number)}), NOW)
    name = watched.position.partition(".")[0]
    versions = [watched.version_at(f"{name}.{n}") for n in ("19", "-1", "²", "1e1", "", "21", "x")]
    assert versions == [19, *[None] * 6]
    assert watched.version_at(f"{name}.{20 - MOST_CHANGES - 1}") is None
    assert watched.version_at(f"{name}.{'9' * 5000}") is None


def test_the_moments_of_the_clock_are_seconds_from_now() -> None:
    countdown = Countdown(NOW + timedelta(seconds=90), "Q&A", NOW - timedelta(seconds=0.5))
    told = json.loads(seconds_until(countdown, NOW, lambda moment: moment))
    assert told == {"until": 90, "warns_at": -0.5}
    assert seconds_until(None, NOW, lambda moment: moment) == b"null"
