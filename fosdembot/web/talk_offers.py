"""What is offered for a question on a talk's pages: buttons, as its state and the reader allow.

Whether it is done decides the action; who may not do it is not tempted. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from fosdembot.questions.states import State
from fosdembot.questions.views import QuestionView
from fosdembot.texts import page_talk as texts


class View(StrEnum):
    """How a talk is shown to those who run it."""

    SPEAKER = "speaker"
    BACKSTAGE = "backstage"
    """The same, beside the speakers' meeting."""
    MODERATOR = "moderator"
    """To who has the moderators' link of one talk."""
    HOST = "host"
    """To a moderator of the room who is logged in."""
    ALOUD = "aloud"
    CARD = "card"

    @property
    def moderates(self) -> bool:
        """Whether it shows what only moderators may see."""
        return self in (View.MODERATOR, View.HOST)


class Deed(StrEnum):
    """What a button does at once."""

    NEXT = "next"
    FINISH = "finish"
    """With the question that is being answered."""
    PASS = "pass"
    """The best one is put behind the others."""
    UNDO = "undo"
    TAKE = "take"
    DONE = "done"
    SKIP = "skip"
    STAR = "star"
    UNSTAR = "unstar"
    APPROVE = "approve"
    DISMISS = "dismiss"
    RESTORE = "restore"
    ANSWER = "answer"
    REWORD = "reword"
    REMOVE = "remove"
    MERGE = "merge"
    MOVE = "move"
    MUTE = "mute"
    UNMUTE = "unmute"
    CLOSE = "close"
    OPEN = "open"
    MODERATE = "moderate"
    UNMODERATE = "unmoderate"
    DELAY = "delay"
    START = "start"
    END = "end"


class Form(StrEnum):
    """What has a form of its own, on a page of its own: nothing that changes meanwhile takes a text
    away that somebody writes."""

    ANSWER = "answer"
    REASON = "reason"
    MERGE = "merge"
    MOVE = "move"
    MUTE = "mute"


@dataclass(frozen=True, slots=True)
class Offers:
    deeds: Sequence[tuple[Deed, str]]
    """Each with its label."""
    forms: Sequence[tuple[Form, str]]


_TAKE, _DONE, _SKIP = (Deed.TAKE, texts.TAKE), (Deed.DONE, texts.DONE), (Deed.SKIP, texts.SKIP)
_STAR, _UNSTAR = (Deed.STAR, texts.STAR), (Deed.UNSTAR, texts.UNSTAR)
_APPROVE, _DISMISS = (Deed.APPROVE, texts.APPROVE), (Deed.DISMISS, texts.DISMISS)
_REOPEN = Deed.RESTORE, texts.REOPEN
_SPEAKERS = {
    State.ANSWERING: (_DONE, _SKIP),
    State.STARRED: (_TAKE, _DONE, _UNSTAR, _SKIP),
    State.OPEN: (_TAKE, _DONE, _STAR, _SKIP),
    State.ANSWERED: (_TAKE,),
}
_MODERATORS = {
    State.PENDING: (_APPROVE, _DISMISS),
    State.ANSWERED: (_TAKE, _REOPEN),
    State.DISMISSED: (_REOPEN,),
}
_ANSWER, _REASON = (Form.ANSWER, texts.ANSWER), (Form.REASON, texts.REASON)
_MERGE, _MOVE, _MUTE = (Form.MERGE, texts.MERGE), (Form.MOVE, texts.MOVE), (Form.MUTE, texts.MUTE)
_ANSWERABLE = (State.ANSWERING, State.STARRED, State.OPEN, State.ANSWERED)
_UNDECIDED = (State.PENDING, State.ANSWERING, State.STARRED, State.OPEN)


def offers(question: QuestionView, view: View) -> Offers:
    """What is offered to those who see this view."""
    state = question.state
    deeds = _SPEAKERS.get(state, ())
    if view.moderates:
        deeds = _MODERATORS.get(state, deeds)
    forms = [_ANSWER] if state in _ANSWERABLE else []
    if view.moderates and state in _UNDECIDED:
        forms += [_REASON, _MERGE]
    # These concern more than the talk.
    if view is View.HOST:
        forms += [_MOVE, _MUTE] if state in _UNDECIDED else [_MUTE]
    return Offers([each for each in deeds if not (each is _SKIP and question.skipped)], forms)
