"""What a room page shows one person alone: for which questions they vote, what they asked and what
became of it. It is in no drawing that others see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.actions.access import Access
from fosdembot.actions.actor import Who
from fosdembot.actions.permissions import Permission
from fosdembot.clock import Clock
from fosdembot.conference.question_rooms import room_at
from fosdembot.db.question_tables import Question
from fosdembot.matrix.members import display_name
from fosdembot.questions import lookup
from fosdembot.questions.guests import LONGEST, Guests, guests_in
from fosdembot.questions.hall_votes import voted as hall_voted
from fosdembot.questions.states import UNDECIDED, State
from fosdembot.talks.naming import title_of
from fosdembot.talks.room_talks import AudienceTalks
from fosdembot.texts import page_room as texts
from fosdembot.texts.render import Text, clean, say

from .room_drawing import key_of
from .screens import Topic
from .visitors import Visitor

MOST_OF_MINE = 20
_LONGEST_OF_MINE = 300
SOONEST = 1.0
"""Seconds: what others see is drawn anew in the same moment."""
LOOK_AGAIN = 15.0
"""Seconds after which a page asks what became of a question that waits for a moderator."""


@dataclass(frozen=True, slots=True)
class Personal:
    """Of somebody who looks at a room."""

    name: str
    mine: Sequence[dict[str, Any]]
    """Their questions, the newest first."""
    left: int
    """How many more there are, or one where that is not counted."""
    longest: int
    """Characters of a question."""
    pressed: frozenset[str] = frozenset()
    """The keys of the questions for which they vote."""
    own: frozenset[str] = field(default=frozenset())
    """The keys of those that they asked."""
    opened: bool = False
    """Whether the form to ask is open at once."""
    guest: Guests | None = None
    """Of a guest in the hall: what they may do."""
    came_for: str = ""
    """The title of the talk for which a guest came in, where the page is about another."""
    asks_about: str = ""
    """The same, where it is about that one: what a guest asks is for that talk."""
    changes_at: datetime | None = None
    """When what a guest may do may be something else, as another talk is on (conference time)."""
    moderates: bool = False
    """Whether the moderators' page is for them."""

    @property
    def may_vote(self) -> bool:
        return not self.came_for and (self.guest is None or self.guest.may_vote)

    def again(self, clock: Clock) -> float | None:
        """Seconds until their page asks once more."""
        waits = [LOOK_AGAIN] if any(each["waits"] for each in self.mine) else []
        if self.changes_at is not None:
            now, to_wall = clock.now(), clock.to_wall
            waits.append((to_wall(self.changes_at) - to_wall(now)).total_seconds())
        return max(SOONEST, min(waits)) if waits else None


def person_of(visitor: Visitor) -> Who | None:
    """Who may ask and vote by this page. A secret link speaks for whoever has it."""
    who = visitor.who
    return who if who is not None and who.person.startswith("@") else None


async def name_of(session: AsyncSession, address: str, visitor: Visitor) -> str:
    """What others see: the name that a person has in the room, else the one that they brought."""
    who, room = visitor.who, await room_at(session, address)
    if who is None:
        return ""
    localpart = who.person.removeprefix("@").partition(":")[0]
    known = await display_name(session, room, who.person) if room is not None else localpart
    # Who never came into the room has no name there.
    return visitor.name if known == localpart and visitor.name else known


async def personal(
    session: AsyncSession,
    address: str,
    talks: AudienceTalks,
    visitor: Visitor,
    longest: int,
    access: Access,
) -> Personal | None:
    """None where nobody is known who may ask and vote."""
    who = person_of(visitor)
    if who is None:
        return None
    guids = [slot.talk.guid for slot in talks.slots]
    asked = await lookup.of_person_to(session, who.person, guids, MOST_OF_MINE + 1)
    listed = asked[:MOST_OF_MINE]
    voted = await lookup.voted_by(session, who.person, guids)
    return Personal(
        name=await name_of(session, address, visitor),
        mine=[await _mine(session, question) for question in listed],
        left=len(asked) - len(listed),
        longest=longest,
        pressed=frozenset(map(key_of, voted)),
        own=frozenset(key_of(question.id) for question in asked),
        moderates=await access.allows(
            session, who, Permission.SEE_PENDING, await room_at(session, address)
        ),
    )


async def guest_s(
    session: AsyncSession, topic: Topic, talks: AudienceTalks, visitor: Visitor, default: str
) -> Personal | None:
    """Of a guest in the hall; None where they came in for a talk of another room, or guests may
    do nothing. `default`: see `guests_in`."""
    address = topic.address
    who, talk, room = visitor.who, visitor.guest_of, await room_at(session, address)
    if who is None or talk is None or room is None:
        return None
    slot = talks.of(talk)
    if slot is None:
        return None
    guests = await guests_in(session, room, default)
    if not guests.may_ask:
        return None
    asked = await lookup.of_person_to(session, who.person, [talk], MOST_OF_MINE + 1)
    listed = asked[:MOST_OF_MINE]
    voted = await hall_voted(session, talk, who.person)
    is_shown = topic.talk == talk if topic.talk is not None else slot in talks.current
    return Personal(
        name="",
        mine=[await _mine(session, question) for question in listed],
        left=len(asked) - len(listed),
        longest=LONGEST,
        pressed=frozenset(map(key_of, voted)),
        own=frozenset(key_of(question.id) for question in asked),
        opened=not asked,
        guest=guests,
        came_for="" if is_shown else title_of(slot.talk),
        asks_about=title_of(slot.talk) if is_shown else "",
        changes_at=talks.next_change,
    )


async def _mine(session: AsyncSession, question: Question) -> dict[str, Any]:
    state = State(question.state)
    return {
        "id": question.id,
        "number": question.number,
        "text": clean(question.text, _LONGEST_OF_MINE),
        "state": await _became(session, question),
        "may_withdraw": state in UNDECIDED,
        "waits": state is State.PENDING,
    }


async def _became(session: AsyncSession, question: Question) -> Text:
    number = ""
    if question.state == State.MERGED:
        number = str((await lookup.root_of(session, question)).number)
    return say(texts.MINE_STATE[question.state], number=number)
