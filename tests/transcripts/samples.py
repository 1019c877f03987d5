"""Transcripts to test with."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from fosdembot.transcripts.model import (
    Answer,
    Line,
    Message,
    Privacy,
    Question,
    Span,
    TalkInfo,
    Transcript,
)

START = datetime(2026, 2, 1, 9, 0, tzinfo=UTC)


def at(minute: float) -> datetime:
    """A moment of the talk."""
    return START + timedelta(minutes=minute)


def question(number: int, text: str = "", **more: Any) -> Question:
    """Asked by Lena in the fifth minute, unless something else is said."""
    given: dict[str, Any] = {
        "number": number,
        "text": text or f"How small is kernel {number}?",
        "asker": "Lena",
        "by": "@lena:example.org",
        "event": f"$question{number}",
        "votes": 3,
        "state": "open",
        "asked_at": at(5),
    }
    return Question(**(given | more))


def answer(text: str, **more: Any) -> Answer:
    given: dict[str, Any] = {
        "text": text,
        "author": "Ada",
        "by": "@ada:example.org",
        "at": at(40),
        "event": "$answer",
    }
    return Answer(**(given | more))


def message(id_: str, text: str, **more: Any) -> Message:
    """Said by Bob in the second minute, unless something else is said."""
    given: dict[str, Any] = {
        "id": f"${id_}",
        "at": at(2),
        "name": "Bob",
        "by": "@bob:example.org",
        "type": "text",
        "text": text,
    }
    return Message(**(given | more))


def talk(guid: str = "tiny-kernels", **more: Any) -> TalkInfo:
    span = Span(start=at(0), end=at(30))
    given: dict[str, Any] = {
        "guid": guid,
        "id": "17",
        "title": "Tiny kernels",
        "persons": ("Ada L.", "Grace H."),
        "track": "Kernel",
        "place": "K.1.105",
        "planned": span,
        "actual": span,
    }
    return TalkInfo(**(given | more))


def transcript(questions: Iterable[Question] = (), **more: Any) -> Transcript:
    """The chat is published, unless something else is said."""
    given: dict[str, Any] = {
        "conference": "Test Conf 2026",
        "zone": "Europe/Brussels",
        "talk": talk(),
        "room": "#kernel:example.org",
        "room_id": "!kernel:example.org",
        "window": Span(start=at(-10), end=at(45)),
        "privacy": Privacy(contact="privacy@example.org", chat="published"),
        "questions": tuple(questions),
    }
    return Transcript(**(given | more))


SAMPLE_QUESTIONS = (
    question(12, state="answered", votes=17, taken_at=at(21), answered_at=at(23)),
    question(14, "Does it boot?", asker="", by=None, votes=9, answers=(answer("Yes, in 3 s."),)),
    question(15, "<b>Why</b> & how?", asker="Mallory <script>", votes=1),
)
SAMPLE_LINES: tuple[Line, ...] = (
    message("a", "Hello"),
    message("b", "Hi & welcome <here>", name="Carol", by="@carol:example.org"),
)
