"""Why a question is not taken in, or a vote not counted, in words."""

from __future__ import annotations

from dataclasses import dataclass

from fosdembot.actions.refused import Denial, Refused
from fosdembot.chat.meant.room import choices
from fosdembot.questions.refusals import Refusal
from fosdembot.texts import commands as command_texts
from fosdembot.texts import questions as texts
from fosdembot.texts.render import Text, clean, say
from fosdembot.texts.words import count


@dataclass(frozen=True, slots=True)
class AttendeeRefusals:
    prefix: str
    longest: int
    """Characters of a question."""

    def say(self, refused: Refused, *, sees_edits: bool, command: str) -> Text | None:
        """What to tell somebody who typed `command`; None where it is about something else.
        `sees_edits`: whether their client can edit a message."""
        match refused.why:
            case Denial.NO_TALKS_HERE:
                return say(command_texts.NO_TALKS_HERE)
            case Denial.NO_TALK_TODAY:
                return say(texts.ASK_NO_TALK, p=self.prefix)
            case Denial.NO_SUCH_TALK:
                return say(texts.ASK_NO_SUCH_TALK, p=self.prefix)
            case Denial.NAME_THE_TALK:
                example = clean(refused.slots[0].talk.id, 20)
                named = choices(refused.slots)
                return say(texts.ASK_WHICH_TALK, p=self.prefix, example=example, choices=named)
            case Denial.NO_NEXT_TALK:
                return say(texts.OWN_NO_NEXT)
            case Denial.TOO_LATE:
                return say(texts.OWN_MOVE_LATE, p=self.prefix)
            case Refusal():
                return self._not_taken(refused, sees_edits, command)
        return self._not_counted(refused)

    def _not_taken(self, refused: Refused, sees_edits: bool, command: str) -> Text | None:
        """Why a question is not taken in."""
        match refused.why:
            case Refusal.EMPTY:
                return say(texts.ASK_USAGE, p=self.prefix, command=command)
            case Refusal.TOO_LONG:
                template = texts.ASK_TOO_LONG if sees_edits else texts.ASK_TOO_LONG_BRIDGED
                return say(template, length=refused.number, most=self.longest)
            case Refusal.TOO_MANY:
                questions = count(refused.number, "question")
                return say(texts.ASK_TOO_MANY, p=self.prefix, questions=questions)
            case Refusal.RELAY_FULL:
                return say(texts.ASK_RELAY_FULL)
            case Refusal.ASKED_ALREADY:
                return say(texts.ASKED_ALREADY, number=str(refused.number))
            case Refusal.CLOSED:
                return say(texts.ASK_CLOSED, p=self.prefix)
            case Refusal.BARRED:
                return say(texts.ASK_BARRED)
        return None

    def _not_counted(self, refused: Refused) -> Text | None:
        """Why a vote does not count."""
        question = refused.question
        if question is None:
            return None
        number = str(question.number)
        match refused.why:
            case Denial.RELAY:
                return say(texts.RELAY_VOTE, p=self.prefix, number=number)
            case Denial.VOTE_BARRED:
                return say(texts.VOTE_BARRED)
            case Denial.VOTES_FINAL:
                return say(texts.VOTES_FINAL, number=number)
            case Denial.NO_VOTES if refused.state is not None:
                return say(texts.NO_VOTES, number=number, state=texts.STATES[refused.state])
            case Denial.OWN_VOTE:
                return say(texts.OWN_VOTE)
            case Denial.NOT_VOTED:
                return say(texts.NOT_VOTED, number=number)
        return None
