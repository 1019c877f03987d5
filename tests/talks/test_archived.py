"""Where there will be a transcript, the message that says which talk is on says so."""

from __future__ import annotations

from typing import Any

import pytest

from fosdembot.schedule.model import Talk
from fosdembot.settings import Settings
from fosdembot.talks.messages import Message, tell
from fosdembot.talks.notices import Kind, plan
from fosdembot.talks.question_summary import Entry, QuestionSummary
from fosdembot.talks.slots import build_slots

from .programme import BRUSSELS, ROOM, at, settings, talk

ON: dict[str, Any] = {
    "transcripts": {"folder": "/srv/transcripts"},
    "privacy": {"contact": "privacy@example.org"},
}
ARCHIVED = "Archived: !privacy"


def said(
    *talks: Talk, clock: str = "10:00", bridged: bool = False, closed: bool = False, **rules: Any
) -> Message:
    given: Settings = settings(**{**ON, **rules})
    planned = plan(build_slots(talks, {}, given), given, ROOM, bridged, BRUSSELS)
    asked = {
        each.guid: QuestionSummary((Entry(1, 0, "Why?", "Bob"),), open=9, closed=closed)
        for each in talks
    }
    [message] = [
        each
        for each in tell(planned, {}, at(clock), BRUSSELS, "!", asked, bridged)
        if each.kind is Kind.NOW
    ]
    return message


def test_it_is_said_on_the_second_line() -> None:
    """In plain text as well; the first line is what clients show of a pinned message."""
    text = said(talk("a", "10:00", hallway="#hall:example.org")).text
    lines = text.plain.split("\n")
    assert lines[0] == 'Now, until 10:25: "Talk a"'
    assert lines[1] == (
        "Ask: !ask your question. Vote: 👍 on a question, or !vote 12. Q&A at 10:20. " + ARCHIVED
    )
    assert "Archived: <code>!privacy</code>" in text.html


@pytest.mark.parametrize("rules", [{"bridged": True}, {"closed": True}, {"command_prefix": "?"}])
def test_wherever_people_read(rules: dict[str, Any]) -> None:
    assert ARCHIVED in said(talk("a", "10:00"), **rules).text.plain


def test_once_for_several_talks() -> None:
    halls = [talk(name, "10:00", room=f"Hall {name}") for name in "abcd"]
    for most in (2, 4):
        text = said(*halls[:most]).text.plain
        assert text.count(ARCHIVED) == 1


def test_nothing_of_a_break_is_kept() -> None:
    lunch = talk("lunch", "10:00", 60, title="Lunch", persons=())
    assert ARCHIVED not in said(lunch).text.plain
    beside = talk("a", "10:00", room="Hall 2")
    assert ARCHIVED in said(lunch, beside).text.plain


@pytest.mark.parametrize(
    "off",
    [
        {"transcripts": {"folder": ""}},
        {"transcripts": {"folder": "  "}},
        {"privacy": {"contact": ""}},
        {"privacy": {"contact": " "}},
    ],
)
def test_where_nothing_is_published_nothing_is_said(off: dict[str, Any]) -> None:
    assert "rchived" not in said(talk("a", "10:00"), **off).text.plain


def endings(*talks: Talk, **rules: Any) -> list[tuple[Kind, str]]:
    """The notices that name where transcripts are to be found."""
    given: Settings = settings(**{**ON, "transcripts": PUBLISHED, **rules})
    planned = plan(build_slots(talks, {}, given), given, ROOM, False, BRUSSELS)
    return [(notice.kind, notice.slot.talk.guid) for notice in planned if notice.transcripts]


PUBLISHED = {"folder": "/srv/transcripts", "public_url": "https://talks.example.org"}


def test_the_last_notice_of_a_session_says_where_transcripts_are() -> None:
    talks = (talk("a", "10:00"), talk("b", "10:25"), talk("c", "14:00"))
    assert endings(*talks) == [(Kind.QA, "b"), (Kind.QA, "c")]
    assert endings(*talks, notices={"level": "full"}) == [(Kind.OVER, "b"), (Kind.OVER, "c")]
    assert endings(*talks, notices={"qa_minutes": 0}) == [(Kind.NOW, "b"), (Kind.NOW, "c")]


def test_not_where_nobody_can_read_them() -> None:
    assert endings(talk("a", "10:00"), transcripts={"folder": "/srv/transcripts"}) == []
    assert endings(talk("a", "10:00"), privacy={"contact": ""}) == []


def test_the_address_stands_in_it_once() -> None:
    given = settings(**{**ON, "transcripts": PUBLISHED})
    talks = (talk("a", "10:00", room="A"), talk("b", "10:00", room="B"))
    planned = plan(build_slots(talks, {}, given), given, ROOM, False, BRUSSELS)
    for clock in ("10:00", "10:20"):
        for message in tell(planned, {}, at(clock), BRUSSELS, "!", {}, False):
            if message.kind is Kind.QA:
                said = "What was asked and answered will be at https://talks.example.org"
                assert message.text.plain.count(said) == 1
                assert message.text.html.count('<a href="https://talks.example.org">') == 1
