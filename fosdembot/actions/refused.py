"""Why something is not done. Pure: the face puts it into words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from fosdembot.actions.permissions import Permission
from fosdembot.db.question_tables import Question
from fosdembot.questions import refusals
from fosdembot.questions.refusals import Refusal
from fosdembot.questions.states import State
from fosdembot.talks import delays
from fosdembot.talks.slots import Slot


class Denial(StrEnum):
    """Why it was not even tried; what the desk does not do is a `Refusal`, and what makes no
    sense for a talk a `delays.Refusal`."""

    NOT_ALLOWED = "not allowed"
    """`permission`: what the actor lacks; `question`, where it is about one."""
    CAUSE_USED = "cause used"
    """By the same cause somebody else did something, or the actor something else."""

    # About talks.
    NO_TALK_LEFT = "no talk left"
    """No talk is on, and none is to come."""
    WHICH_TALK = "which talk"
    """`slots`: the talks that may be meant."""
    NOT_PUBLISHED = "not published"
    """The talk (`slot`) is not in the schedule any more."""
    NOTHING_DECIDED = "nothing decided"
    """There is no decision about a talk that could be taken back with `reset`."""

    NOT_IN_ROOM = "not in room"
    """The bot is not in the talk room (`address`)."""
    NO_TALK_ASKED_ABOUT = "no talk asked about"
    """There is no talk that questions are for now."""

    NO_PAGES = "no pages"
    """The settings switch pages off."""
    BOT_LACKS_POWER = "bot lacks power"
    """The bot itself may not do that in the talk room (`address`): it needs the power level
    `number` there."""

    NO_SUCH_SCOPE = "no such scope"
    """There is no such room or track (`address`)."""

    # About speakers' meetings.
    UNKNOWN_SERVER = "unknown server"
    """The settings do not name the server of the meeting (`address`)."""
    REHEARSAL = "rehearsal"
    """In a rehearsal there are no meetings."""

    # About speakers of a talk (`slot`).
    SPEAKERS_FULL = "speakers full"
    """`number`: so many there are, or claim to be."""
    CLAIM_RELAYED = "claim relayed"
    """Nobody knows who somebody is for whom a relay speaks."""
    NO_ACCOUNT = "no account"
    """The person has no Matrix account, by which others would know them."""
    NOBODY_CONFIRMS = "nobody confirms"
    """No moderator would see a claim that is made there."""

    # About pages.
    LOGIN_RELAYED = "login relayed"
    """Nobody knows who somebody is for whom a relay speaks."""
    LINKS_FULL = "links full"
    """`number`: so many secret links of this kind there are."""

    # About what is published.
    OPT_OUT_RELAYED = "opt-out relayed"
    """The account speaks for many: all of them would be left out."""

    # About questions.
    NO_TALK_ON = "no talk on"
    """No talk is on in the room, or just over."""
    SEVERAL_TALKS_ON = "several talks on"
    """It is not clear of which of them a question is meant."""
    NOTHING_WAITS = "nothing waits"
    """There is no question to take."""
    NONE_ANSWERING = "none answering"
    """No question is being answered."""
    ASKER_FORGOTTEN = "asker forgotten"
    """Who asked the question is not known any more."""
    ANSWER_EMPTY = "answer empty"
    """The answer says nothing."""
    ANSWERS_FULL = "answers full"
    """The question has `number` answers already."""
    ASKED_BY_RELAY = "asked by relay"
    """An account that speaks for many asked the question: all of them would be muted."""

    # Asking.
    NO_TALKS_HERE = "no talks here"
    """No talk takes place in the room, at any time."""
    NO_TALK_TODAY = "no talk today"
    """None is on, and none comes today."""
    NO_SUCH_TALK = "no such talk"
    """The one that is named does not take place in the room."""
    NAME_THE_TALK = "name the talk"
    """The question names none, and may be for any of `slots`."""

    # Guests in the hall.
    NO_GUESTS = "no guests"
    """They may do nothing in this room."""
    GUESTS_ONLY_ASK = "guests only ask"
    """They may ask in this room, but not vote."""
    OTHER_TALK_THAN_GUEST_S = "other talk than guest's"
    """The question is for another talk than the one for which they came in."""
    TOO_LONG_FOR_GUEST = "too long for guest"
    """The question has `number` characters."""
    NOT_AS_GUEST = "not as guest"
    """They do it in another way, or not at all."""
    NO_GUEST = "no guest"
    """Somebody with an account does it in another way."""

    # Giving the own question to the next talk.
    NO_NEXT_TALK = "no next talk"
    """No talk comes after that one on the same day."""
    TOO_LATE = "too late"
    """It is only possible between two talks, shortly after asking."""

    # Voting; `question`: for which.
    RELAY = "relay"
    """The account speaks for many."""
    VOTE_BARRED = "vote barred"
    """The person is muted, banned or removed."""
    VOTES_FINAL = "votes final"
    """Who voted is forgotten, so nothing can be counted anew."""
    NO_VOTES = "no votes"
    """The question is closed; `state`: its state, or that of the one it was merged into."""
    OWN_VOTE = "own vote"
    """It is the actor's own question."""
    NOT_VOTED = "not voted"
    """There is no vote to take back."""


@dataclass(frozen=True, slots=True)
class About:
    """A question as it was when something was refused; its row may be out of reach by then."""

    number: int
    state: State
    skipped: bool

    @classmethod
    def of(cls, question: Question) -> Self:
        return cls(question.number, State(question.state), question.skipped)


class Refused(Exception):
    """Raised before anything is changed; the rest are facts about it."""

    def __init__(
        self,
        why: Denial | Refusal | delays.Refusal,
        *,
        question: Question | None = None,
        permission: Permission | None = None,
        number: int = 0,
        slot: Slot | None = None,
        slots: Sequence[Slot] = (),
        state: State | None = None,
        address: str = "",
    ) -> None:
        super().__init__(why)
        self.why = why
        self.question = About.of(question) if question is not None else None
        self.permission = permission
        self.number = number
        self.slot = slot
        self.slots = slots
        self.state = state
        self.address = address


@contextmanager
def about(question: Question | None) -> Iterator[None]:
    """What the desk refuses in this block, it refuses about `question`; None: a new one."""
    try:
        yield
    except refusals.Refused as refused:
        raise Refused(refused.why, question=question, number=refused.number) from None


@contextmanager
def about_talk(slot: Slot, minutes: int = 0) -> Iterator[None]:
    """What makes no sense in this block, makes none for the talk; `minutes`: of a delay."""
    try:
        yield
    except delays.Refused as refused:
        raise Refused(refused.why, slot=slot, number=minutes) from None
