"""Why something was not done, in words: the one place where chat says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fosdembot.actions.permissions import Permission
from fosdembot.actions.refused import About, Denial, Refused
from fosdembot.chat.allowing import only_for
from fosdembot.chat.attendee_refusals import AttendeeRefusals
from fosdembot.chat.meant.room import Found, choices
from fosdembot.chat.question_status import with_status
from fosdembot.questions.refusals import Refusal
from fosdembot.questions.states import State
from fosdembot.talks import delays
from fosdembot.talks.naming import title_of
from fosdembot.texts import commands as talk_texts
from fosdembot.texts import hall as hall_texts
from fosdembot.texts import jitsi as jitsi_texts
from fosdembot.texts import page_login as page_texts
from fosdembot.texts import privacy as privacy_texts
from fosdembot.texts import questions as texts
from fosdembot.texts import widget as widget_texts
from fosdembot.texts.render import Text, clean, say

_CLOSED = (State.ANSWERED, State.DISMISSED, State.MERGED)
"""The states that a moderator can take back at any time."""
_TEMPLATES: Mapping[str, str] = {
    Denial.CAUSE_USED: talk_texts.WENT_WRONG,
    Denial.NO_TALK_ON: texts.NO_TALK_ON,
    Denial.NOTHING_WAITS: texts.NOTHING_TO_TAKE,
    Denial.NONE_ANSWERING: texts.NONE_ANSWERING,
    Denial.SEVERAL_TALKS_ON: texts.WHICH_QUESTION,
    Denial.NO_TALK_ASKED_ABOUT: texts.NO_TALK,
    Denial.NOT_IN_ROOM: texts.NOT_IN_ROOM,
    Denial.NO_PAGES: widget_texts.NO_PAGES,
    Denial.BOT_LACKS_POWER: widget_texts.LACKS_POWER,
    Denial.ANSWER_EMPTY: texts.ANSWER_EMPTY,
    Denial.ASKER_FORGOTTEN: texts.ASKER_FORGOTTEN,
    Denial.ASKED_BY_RELAY: texts.MUTE_RELAY,
    Denial.SPEAKERS_FULL: texts.SPEAKERS_FULL,
    Denial.NO_ACCOUNT: texts.NO_ACCOUNT,
    Denial.NO_SUCH_SCOPE: talk_texts.NO_SUCH_SCOPE,
    Denial.CLAIM_RELAYED: texts.CLAIM_NOT_RELAYED,
    Denial.NOBODY_CONFIRMS: texts.CLAIM_IN_ROOM,
    Denial.OPT_OUT_RELAYED: privacy_texts.RELAYED,
    Denial.NO_GUESTS: hall_texts.NO_GUESTS,
    Denial.GUESTS_ONLY_ASK: hall_texts.ONLY_ASK,
    Denial.OTHER_TALK_THAN_GUEST_S: hall_texts.OTHER_TALK,
    Denial.TOO_LONG_FOR_GUEST: hall_texts.TOO_LONG,
    Denial.NOT_AS_GUEST: hall_texts.NOT_AS_GUEST,
    Denial.NO_GUEST: hall_texts.ONLY_GUESTS,
    Denial.LOGIN_RELAYED: page_texts.LOGIN_RELAYED,
    Denial.LINKS_FULL: page_texts.LINKS_FULL,
    Denial.UNKNOWN_SERVER: jitsi_texts.UNKNOWN_SERVER,
    Denial.REHEARSAL: jitsi_texts.REHEARSAL,
    Denial.NO_TALK_LEFT: talk_texts.NO_TALK_TO_CHANGE,
    Denial.WHICH_TALK: talk_texts.WHICH_TALK,
    Denial.NOT_PUBLISHED: talk_texts.NOT_PUBLISHED,
    Denial.NOTHING_DECIDED: talk_texts.ALREADY_SO,
    delays.Refusal.UNKNOWN: talk_texts.NO_TALK_TO_CHANGE,
    delays.Refusal.MINUTES: talk_texts.REFUSED_MINUTES,
    delays.Refusal.OVER: talk_texts.REFUSED_OVER,
    delays.Refusal.WOULD_BE_OVER: talk_texts.REFUSED_WOULD_BE_OVER,
    delays.Refusal.NOT_STARTED: talk_texts.REFUSED_NOT_STARTED,
    delays.Refusal.CANCELLED: talk_texts.REFUSED_CANCELLED,
}


@dataclass(frozen=True, slots=True)
class Typed:
    """A command about a talk, as somebody typed it."""

    word: str
    found: Found


_TALK = Typed("talk", Found("", ""))
"""In the talk room itself, which need not be named."""


@dataclass(frozen=True, slots=True)
class Refusals:
    prefix: str
    longest: int
    """Characters of a question."""

    def say(
        self,
        refused: Refused,
        *,
        relayed: bool = False,
        sees_edits: bool = True,
        command: str = "ask",
        typed: Typed = _TALK,
    ) -> Text:
        """What to tell somebody who typed `command`, or `typed` something about a talk.
        `relayed`: whether a relay speaks for them; `sees_edits`: whether their client can edit a
        message."""
        question = refused.question
        match refused.why:
            case Denial.NOT_ALLOWED if refused.permission is Permission.WITHDRAW:
                return self._of(texts.NOT_YOURS_RELAYED if relayed else texts.NOT_YOURS, question)
            case Denial.NOT_ALLOWED if refused.permission is Permission.NAME_SPEAKER:
                return say(texts.SPEAKER_BY_MODERATORS, p=self.prefix)
            case Denial.NOT_ALLOWED if refused.permission is not None:
                pending = question is not None and question.state is State.PENDING
                return only_for(refused.permission, pending=pending)
            case Denial.ANSWER_EMPTY if command == "answer":
                return say(texts.ANSWER_USAGE, p=self.prefix)
            case Denial.ANSWERS_FULL if question is not None:
                number, most = str(question.number), refused.number
                return say(texts.ANSWERS_FULL, number=number, most=most)
            case Refusal.OTHER_TALK:
                return self._of(texts.OTHER_TALK, question)
            case Refusal.ITSELF:
                return self._of(texts.ITSELF, question)
            case Refusal.STATE:
                closed = question is not None and question.state in _CLOSED
                return self._of(texts.STATE_CLOSED if closed else texts.STATE, question)
        if (template := _TEMPLATES.get(refused.why)) is not None:
            return self._filled(template, refused, command, typed)
        own = AttendeeRefusals(self.prefix, self.longest)
        said = own.say(refused, sees_edits=sees_edits, command=command)
        if said is None:
            raise ValueError(f"there are no words for {refused.why!r}")
        return said

    def _filled(self, template: str, refused: Refused, command: str, typed: Typed) -> Text:
        """Any of the facts may stand in the template."""
        found, slot, slots = typed.found, refused.slot, refused.slots
        return say(
            template,
            p=self.prefix,
            command=command,
            number=str(refused.question.number if refused.question else refused.number),
            room=refused.address,
            word=clean(refused.address, 60),
            talk=self.prefix + found.typed(typed.word),
            undo=self.prefix + found.typed("undo"),
            title=title_of(slot.talk) if slot is not None else "",
            id=clean(slot.talk.id, 40) if slot is not None else "",
            most=delays.MOST_MINUTES,
            example=f"{found.rest} {slots[0].talk.id}" if slots else "",
            choices=choices(slots),
        )

    def _of(self, template: str, question: About | None) -> Text:
        if question is None:
            raise ValueError("the refusal is about no question")
        return with_status(template, question, p=self.prefix)
