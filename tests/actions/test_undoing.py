"""The last decision for a room is taken back, whichever face made it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fosdembot.actions.permissions import Permission
from fosdembot.actions.refused import Denial, Refused
from fosdembot.actions.undoing import OWN_FIRST, QuestionsUndone
from fosdembot.conference.events import TalkDecided
from fosdembot.questions import lookup
from fosdembot.questions.states import Action
from fosdembot.talks.slots import Override
from tests.talks.programme import ROOM

from .house import ADA, BIG, MODERATOR, ORGANISER, ROOM_ID, TINY, House


async def undo(house: House, person: str = MODERATOR) -> TalkDecided | QuestionsUndone | None:
    async with house.database.write() as session:
        return await house.undoing.undo(session, house.actor(person, "web"), ROOM)


async def dismiss(house: House, number: int, person: str = MODERATOR) -> None:
    await decide(house, number, Action.DISMISS, person)


async def decide(house: House, number: int, action: Action, person: str) -> None:
    async with house.database.write() as session:
        question = await lookup.by_number(session, ROOM_ID, number)
        assert question is not None
        await house.deciding.decide(session, house.actor(person), question, action)
    house.clock.forward(1)


async def delay(house: House, person: str = MODERATOR, minutes: int = 5) -> None:
    async with house.database.write() as session:
        late = {TINY.guid: Override(shift=timedelta(minutes=minutes))}
        await house.programme.decide(session, ROOM, person, f"delay {minutes}", late)
    house.clock.forward(1)


async def test_there_is_nothing_to_undo(house: House) -> None:
    assert await undo(house) is None


async def test_who_may_not_undoes_nothing(house: House) -> None:
    await house.ask("One?")
    await dismiss(house, 1)
    with pytest.RaisesExc(
        Refused,
        check=lambda err: err.why is Denial.NOT_ALLOWED and err.permission is Permission.UNDO,
    ):
        await undo(house, ADA)
    assert await house.states() == ["dismissed"]


async def test_the_newest_goes_first_be_it_of_a_talk_or_a_question(house: House) -> None:
    await house.ask("One?")
    await dismiss(house, 1)
    await delay(house)
    first = await undo(house)
    assert isinstance(first, TalkDecided)
    assert first.guid == TINY.guid
    second = await undo(house)
    assert isinstance(second, QuestionsUndone)
    assert [each.number for each in second.restored] == [1]
    assert await house.states() == ["open"]
    assert await undo(house) is None


async def test_the_own_goes_before_what_others_decided_since(house: House) -> None:
    """Whoever undoes what they have just done knows nothing of what another did meanwhile."""
    await house.ask("One?", "Two?")
    await delay(house)
    await dismiss(house, 1)
    await dismiss(house, 2, ORGANISER)
    assert isinstance(await undo(house), QuestionsUndone)
    assert await house.states() == ["open", "dismissed"]
    assert isinstance(await undo(house), TalkDecided)
    assert await house.states() == ["open", "dismissed"]
    assert isinstance(await undo(house), QuestionsUndone), "nothing is left that is their own"
    assert await house.states() == ["open", "open"]


async def test_but_not_long_after(house: House) -> None:
    """Then the last one is meant, which everybody sees."""
    await house.ask("One?", "Two?")
    await dismiss(house, 1)
    house.clock.forward(OWN_FIRST.total_seconds() / 60)
    await dismiss(house, 2, ORGANISER)
    await undo(house)
    assert await house.states() == ["dismissed", "open"]


async def test_what_another_decided_about_the_same_question_since_goes_first(
    house: House,
) -> None:
    """And nothing that is about another one."""
    await house.ask("One?", "Two?")
    await dismiss(house, 1)
    await decide(house, 1, Action.RESTORE, ORGANISER)
    await dismiss(house, 2, ORGANISER)
    await undo(house)
    assert await house.states() == ["dismissed", "dismissed"]
    await undo(house)
    assert await house.states() == ["open", "dismissed"]


async def test_what_another_decided_about_the_same_talk_since_goes_first(house: House) -> None:
    await house.ask("One?")
    await delay(house)
    await delay(house, ORGANISER, 10)
    await dismiss(house, 1, ORGANISER)
    undone = await undo(house)
    assert isinstance(undone, TalkDecided)
    assert undone.after.overrides == {TINY.guid: Override(shift=timedelta(minutes=5))}


async def test_what_was_moved_is_known(house: House) -> None:
    await house.ask("One?")
    async with house.database.write() as session:
        question = await lookup.by_number(session, ROOM_ID, 1)
        assert question is not None
        await house.deciding.move(session, house.actor(), question, BIG.guid)
    undone = await undo(house)
    assert isinstance(undone, QuestionsUndone)
    assert undone.moved == {undone.last.id}
    assert undone.last.talk == TINY.guid
