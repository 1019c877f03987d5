"""Decisions about the questions of one talk, taken back by those whose power ends with it."""

from __future__ import annotations

import itertools

import pytest

from fosdembot.actions.access import TalkIn
from fosdembot.actions.actor import Actor
from fosdembot.actions.once import DoneBefore
from fosdembot.actions.refused import Denial, Refused
from fosdembot.actions.undoing import QuestionsUndone
from fosdembot.conference.roles import Role
from fosdembot.questions import lookup
from fosdembot.questions.states import Action

from .house import BIG, MODERATOR, ROOM_ID, TINY, House

_acts = itertools.count(1)
SPEAKS, MODERATES = Role.SPEAKER, Role.MODERATOR


def by_link(house: House, role: Role, person: str = "link:1", talk: str = TINY.guid) -> Actor:
    """Somebody by a secret link of a talk."""
    now = house.clock.now()
    act = f"{next(_acts)}"
    return Actor(person, vouched=role, bound_to=talk, face="web", act=act, at=now, now=now)


def by_person(house: House, role: Role) -> Actor:
    """Somebody whose role ends with no talk."""
    now = house.clock.now()
    return Actor(
        "@ada:example.org", vouched=role, face="web", act=f"{next(_acts)}", at=now, now=now
    )


async def decide(house: House, actor: Actor, number: int, action: Action) -> None:
    async with house.database.write() as session:
        question = await lookup.by_number(session, ROOM_ID, number)
        assert question is not None
        await house.deciding.decide(session, actor, question, action)


async def undo(house: House, actor: Actor, talk: str = TINY.guid) -> QuestionsUndone | None:
    async with house.database.write() as session:
        return await house.undoing.undo_in_talk(session, actor, TalkIn(talk, ROOM_ID))


async def test_a_speaker_takes_back_their_own_last_decision_and_no_others(house: House) -> None:
    await house.ask("One?", "Two?")
    await decide(house, by_link(house, SPEAKS), 1, Action.DONE)
    await decide(house, house.actor(MODERATOR), 2, Action.DISMISS)
    undone = await undo(house, by_link(house, SPEAKS))
    assert undone is not None
    assert undone.last.number == 1
    assert await house.states() == ["open", "dismissed"]
    assert await undo(house, by_link(house, SPEAKS)) is None
    assert await undo(house, by_link(house, SPEAKS, "link:2")) is None


async def test_a_moderators_link_takes_back_whatever_is_the_last_in_its_talk(house: House) -> None:
    await house.ask("One?")
    await house.ask("Two?", talk=BIG.guid)
    await decide(house, by_link(house, SPEAKS), 1, Action.DONE)
    await decide(house, house.actor(MODERATOR), 2, Action.DISMISS)
    undone = await undo(house, by_link(house, MODERATES))
    assert undone is not None
    assert undone.last.number == 1
    assert await house.states() == ["open", "dismissed"]


async def test_a_moderators_link_takes_back_the_own_before_what_others_decided_since(
    house: House,
) -> None:
    await house.ask("One?", "Two?")
    await decide(house, by_link(house, MODERATES), 1, Action.DISMISS)
    await decide(house, house.actor(MODERATOR), 2, Action.DISMISS)
    await undo(house, by_link(house, MODERATES))
    assert await house.states() == ["open", "dismissed"]


async def test_a_link_takes_back_nothing_of_another_talk(house: House) -> None:
    await house.ask("One?", talk=BIG.guid)
    await decide(house, house.actor(MODERATOR), 1, Action.DONE)
    assert await undo(house, by_link(house, MODERATES), BIG.guid) is None
    assert await house.states() == ["answered"]


async def test_a_link_sends_no_question_back_to_the_talk_from_which_it_came(house: House) -> None:
    await house.ask("One?", talk=BIG.guid)
    async with house.database.write() as session:
        question = await lookup.by_number(session, ROOM_ID, 1)
        assert question is not None
        await house.deciding.move(session, house.actor(MODERATOR), question, TINY.guid)
    with pytest.raises(Refused, check=lambda err: err.why is Denial.NOT_ALLOWED):
        await undo(house, by_link(house, MODERATES))


async def test_who_moderates_no_more_takes_no_move_back(house: House) -> None:
    """They may still be the speaker."""
    await house.ask("One?")
    async with house.database.write() as session:
        question = await lookup.by_number(session, ROOM_ID, 1)
        assert question is not None
        await house.deciding.move(session, by_person(house, MODERATES), question, BIG.guid)
    with pytest.RaisesExc(Refused, check=lambda err: err.why is Denial.NOT_ALLOWED):
        await undo(house, by_person(house, SPEAKS), BIG.guid)


async def test_what_comes_twice_is_taken_back_once(house: House) -> None:
    """A page sends it again where the answer was lost."""
    await house.ask("One?", "Two?")
    for number in (1, 2):
        await decide(house, by_link(house, SPEAKS), number, Action.DONE)
    again = by_link(house, SPEAKS)
    await undo(house, again)
    with pytest.raises(DoneBefore):
        await undo(house, again)
    assert await house.states() == ["answered", "open"]
