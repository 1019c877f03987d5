"""Whether a talk's transcript is published, what of the chat becomes of it, and with whose names.
Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from fosdembot.schedule.model import Talk
from fosdembot.settings import Settings

from .model import ChatRule, Merged, Privacy, Question, Transcript

HISTORY_VISIBILITY = "m.room.history_visibility"
SHARED = frozenset({"shared", "world_readable"})
"""Where whoever joins a room reads what was said before (Client-Server API, "Room History
Visibility")."""
_CHAT: dict[str, ChatRule] = {"publish": "published", "keep": "kept", "off": "none"}


class Unpublished(StrEnum):
    """Why a transcript is for nobody but the organisers."""

    NO_CONTACT = "no contact"
    """The settings name nobody who would remove something (`privacy.contact`)."""
    HISTORY_NOT_SHARED = "history not shared"
    """Who joins the room may not read what was said before: then nobody else may."""


@dataclass(frozen=True, slots=True)
class Publishing:
    """What is to become of a talk's transcript."""

    privacy: Privacy
    """As the model has it: without a contact where it is not published."""
    names: bool
    """Whether questions are shown with the names of their askers."""
    why_not: Unpublished | None = None
    """None: it is published."""


def publishing(settings: Settings, talk: Talk, visibility: str | None) -> Publishing:
    """`visibility` is the `history_visibility` of the room, None where the room says none: it is
    shared then. What somebody made up is not: a homeserver would take it for shared, but nobody
    has said so."""
    rules, contact = settings.transcripts, settings.privacy.contact.strip()
    chat = _CHAT[rules.chat]
    why_not = None
    if visibility is not None and visibility not in SHARED:
        # Those who are in the room have a right to it, and nobody else.
        why_not, chat = Unpublished.HISTORY_NOT_SHARED, "none"
    elif not contact:
        why_not = Unpublished.NO_CONTACT
        chat = "kept" if chat == "published" else chat
    if talk.recording_optout:
        chat = "none"
    return Publishing(
        Privacy(contact="" if why_not else contact, chat=chat, indexed=rules.indexed),
        names=rules.unrecorded_names or not talk.recording_optout,
        why_not=why_not,
    )


def publishing_as_before(settings: Settings, talk: Talk, old: Transcript | None) -> Publishing:
    """The same where nobody can tell who may read in the room: the bot is in it no more, or the
    homeserver does not answer. What was published (`old`) stays so, what was kept is kept, and
    nothing else is published."""
    if old is not None and old.privacy.contact:
        return publishing(settings, talk, None)
    if old is None or old.privacy.chat == "none":
        return publishing(settings, talk, "")
    found = publishing(settings, talk, None)
    privacy = only_kept(found.privacy)
    return replace(found, privacy=privacy, why_not=Unpublished.HISTORY_NOT_SHARED)


def only_kept(privacy: Privacy) -> Privacy:
    """The same for what is published no more."""
    chat: ChatRule = "none" if privacy.chat == "none" else "kept"
    return privacy.model_copy(update={"contact": "", "chat": chat})


def visibility_in(content: object) -> str | None:
    """Of the content of a room's `m.room.history_visibility`, None where it has no such event."""
    if content is None:
        return None
    value = content.get("history_visibility") if isinstance(content, dict) else None
    return value if isinstance(value, str) else ""


def without_askers(transcript: Transcript, mark: Callable[[str], str]) -> Transcript:
    """The same with questions of which nobody learns who asked; a `mark` stands for their ids.
    Answers keep their names."""

    def gone(one: Question | Merged) -> dict[str, Any]:
        return {"asker": "", "by": one.by and mark(one.by)}

    questions = []
    for question in transcript.questions:
        merged = tuple(one.model_copy(update=gone(one)) for one in question.merged)
        questions.append(question.model_copy(update=gone(question) | {"merged": merged}))
    return transcript.model_copy(update={"questions": tuple(questions)})
