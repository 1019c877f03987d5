"""What is published of a talk, by settings, schedule and room: a table."""

from __future__ import annotations

from typing import Any

import pytest

from fosdembot.schedule.model import Talk
from fosdembot.transcripts.model import ChatRule, Merged, Privacy
from fosdembot.transcripts.publishing_rules import (
    Unpublished,
    publishing,
    publishing_as_before,
    visibility_in,
    without_askers,
)
from tests.talks.programme import settings, talk

from .samples import answer, question, transcript

CONTACT = "privacy@example.org"
TALK = talk("tiny", "10:00")
SECRET = talk("secret", "10:00", recording_optout=True)
NO_CONTACT, NOT_SHARED = Unpublished.NO_CONTACT, Unpublished.HISTORY_NOT_SHARED


@pytest.mark.parametrize(
    ("of", "visibility", "contact", "rules", "chat", "names", "why_not"),
    [
        # By default questions and answers are published, and the chat is not.
        (TALK, "shared", CONTACT, {}, "kept", True, None),
        (TALK, "world_readable", CONTACT, {}, "kept", True, None),
        (TALK, None, CONTACT, {}, "kept", True, None),
        (TALK, "shared", CONTACT, {"chat": "publish"}, "published", True, None),
        (TALK, "shared", CONTACT, {"chat": "off"}, "none", True, None),
        # Without somebody who removes what must go, nothing is.
        (TALK, "shared", "", {"chat": "publish"}, "kept", True, NO_CONTACT),
        (TALK, "shared", "  ", {"chat": "publish"}, "kept", True, NO_CONTACT),
        (TALK, "shared", "", {"chat": "off"}, "none", True, NO_CONTACT),
        # Rooms in which newcomers do not read what was said before.
        (TALK, "joined", CONTACT, {"chat": "publish"}, "none", True, NOT_SHARED),
        (TALK, "invited", CONTACT, {"chat": "publish"}, "none", True, NOT_SHARED),
        (TALK, "joined", "", {"chat": "publish"}, "none", True, NOT_SHARED),
        (TALK, "", CONTACT, {}, "none", True, NOT_SHARED),
        (TALK, "Shared", CONTACT, {}, "none", True, NOT_SHARED),
        # Talks that must not be recorded.
        (SECRET, "shared", CONTACT, {"chat": "publish"}, "none", False, None),
        (SECRET, "shared", CONTACT, {"unrecorded_names": True}, "none", True, None),
        (SECRET, "joined", CONTACT, {}, "none", False, NOT_SHARED),
        (SECRET, "shared", "", {}, "none", False, NO_CONTACT),
    ],
)
def test_what_is_published(
    of: Talk,
    visibility: str | None,
    contact: str,
    rules: dict[str, Any],
    chat: str,
    names: bool,
    why_not: Unpublished | None,
) -> None:
    found = publishing(settings(transcripts=rules, privacy={"contact": contact}), of, visibility)
    assert (found.privacy.chat, found.names, found.why_not) == (chat, names, why_not)
    # What the formats go by.
    assert found.privacy.contact == ("" if why_not else CONTACT)


def test_search_engines_only_where_the_organisers_say_so() -> None:
    for indexed in (False, True):
        given = settings(transcripts={"indexed": indexed}, privacy={"contact": CONTACT})
        assert publishing(given, TALK, "shared").privacy.indexed is indexed


@pytest.mark.parametrize(
    ("content", "visibility"),
    [
        (None, None),
        ({"history_visibility": "joined"}, "joined"),
        ({}, ""),
        ({"history_visibility": ["shared"]}, ""),
        ("shared", ""),
    ],
)
def test_what_a_room_says_of_its_history(content: object, visibility: str | None) -> None:
    assert visibility_in(content) == visibility


def test_askers_have_no_names_and_answers_have() -> None:
    merged = Merged(number=4, text="Why?", asker="Carl", by="@carl:example.org", event="$4")
    before = transcript([question(3, answers=(answer("Because."),), merged=(merged,))])
    marks = {"@lena:example.org": "~1", "@carl:example.org": "~2"}
    [after] = without_askers(before, marks.__getitem__).questions
    text = after.model_dump_json()
    assert (after.by, after.merged[0].by) == ("~1", "~2")
    assert not [name for name in ("Lena", "lena", "Carl", "carl") if name in text]
    assert (after.text, after.answers[0].author, after.merged[0].text) == (
        before.questions[0].text,
        "Ada",
        "Why?",
    )


@pytest.mark.parametrize(
    ("was", "rules", "now"),
    [
        # Published stays so, as the settings have it now.
        ((CONTACT, "kept"), {}, (CONTACT, "kept")),
        ((CONTACT, "published"), {"chat": "publish"}, (CONTACT, "published")),
        ((CONTACT, "published"), {"chat": "keep"}, (CONTACT, "kept")),
        ((CONTACT, "published"), {"chat": "off"}, (CONTACT, "none")),
        # Kept for want of a contact: that is no leave to publish it.
        (("", "kept"), {"chat": "publish"}, ("", "kept")),
        (("", "kept"), {"chat": "off"}, ("", "none")),
        # Nobody but those in the room had a right to it; or none was made yet.
        (("", "none"), {"chat": "publish"}, ("", "none")),
        (None, {"chat": "publish"}, ("", "none")),
    ],
)
def test_what_is_published_where_nobody_can_tell_who_may_read(
    was: tuple[str, ChatRule] | None, rules: dict[str, Any], now: tuple[str, ChatRule]
) -> None:
    given = settings(privacy={"contact": CONTACT}, transcripts={"folder": "/srv", **rules})
    privacy = Privacy(contact=was[0], chat=was[1]) if was is not None else None
    old = transcript().model_copy(update={"privacy": privacy}) if privacy is not None else None
    found = publishing_as_before(given, TALK, old)
    assert (found.privacy.contact, found.privacy.chat) == now
    assert (found.why_not is None) == bool(now[0])
    assert publishing_as_before(given, SECRET, old).privacy.chat == "none"
