"""What somebody does has an id of its own among all faces."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from fosdembot.actions.actor import CHAT, LONGEST_ID, Actor

AT = datetime(2026, 1, 31, 10, tzinfo=UTC)
NOW = AT + timedelta(minutes=3)
ADA = "@ada:example.org"


def did(act: str, face: str = CHAT, person: str = ADA) -> Actor:
    return Actor(person, face=face, act=act, at=AT, now=NOW, revocable=True)


def test_in_chat_the_cause_is_the_event() -> None:
    actor = did("$event")
    assert actor.cause == "$event"
    by = actor.by
    assert (by.person, by.cause, by.at, by.revocable, by.acted_at) == (ADA, "$event", NOW, True, AT)


def test_two_faces_do_not_share_a_cause() -> None:
    causes = {did("$1", face).cause for face in (CHAT, "web", "tv")}
    assert causes == {"$1", "web:$1", "tv:$1"}


@pytest.mark.parametrize("act", ["", "1", "web:1", "$" * 256, "$1\n", "$\0", "$\ud800"])
def test_what_cannot_be_an_event_is_none(act: str) -> None:
    with pytest.raises(ValueError, match="no id"):
        did(act)


@pytest.mark.parametrize("face", ["", "$", "$web", "Web", "web:", "we b", "1"])
def test_a_face_has_a_word_that_no_event_begins_with(face: str) -> None:
    with pytest.raises(ValueError, match="no id"):
        did("1", face)


@pytest.mark.parametrize("act", ["", "x" * (LONGEST_ID - 3), "1\n", "\0"])
def test_a_cause_of_another_face_can_be_stored(act: str) -> None:
    with pytest.raises(ValueError, match="no id"):
        did(act, "web")
    assert len(did("x" * (LONGEST_ID - 4), "web").cause) == LONGEST_ID


@pytest.mark.parametrize("person", ["", "ada\n", "x" * 256])
def test_so_can_a_person_s_id(person: str) -> None:
    with pytest.raises(ValueError, match="no id"):
        did("1", "web", person)
    assert did("1", "web", "guest 7").person == "guest 7"


@pytest.mark.parametrize("person", ["", "@" + "x" * 300 + ":example.org", "@\u202e:e"])
def test_whoever_sent_an_event_did_it(person: str) -> None:
    assert did("$1", CHAT, person).person == person
