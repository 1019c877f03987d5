"""A talk is moved to another Matrix room: the questions to it follow."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from fosdembot.db.tables import Outgoing
from tests.chat.audience import ADA, BOB, asked, last, questions, votes
from tests.chat.conftest import PROGRAMME
from tests.chat.floor import HOSTS, answer, redact, tap
from tests.stage import CLOUD, KERNEL, MODERATOR, Stage, in_room, room_id

OLD_KERNELS = PROGRAMME[2]


async def move(stage: Stage, alias: str = CLOUD) -> None:
    """The third talk takes place in `alias` from now on."""
    others = [talk for talk in PROGRAMME if talk is not OLD_KERNELS]
    await stage.publish(*others, replace(OLD_KERNELS, chat_room=alias))
    await stage.news()
    await stage.bot.following.step()


@pytest.fixture
async def event(floor: Stage) -> str:
    """Ada's question 1 in the kernel room, to the talk that will be moved; there is another
    one in the cloud room already. Returns its event."""
    await asked(floor, "How dark?", BOB, CLOUD)
    event, _ = await asked(floor, "3: How old?")
    await tap(floor, BOB, event, "👍")
    await floor.deliver()
    await floor.news()
    return event


async def test_they_are_of_the_new_room(floor: Stage, event: str) -> None:
    await move(floor)
    question = await last(floor)
    assert (question.talk, question.room_id, question.number) == ("talk-3", room_id(CLOUD), 2)
    said = await floor.news()
    assert in_room(said, CLOUD) == ["2 How old? – ada"]
    assert in_room(said, HOSTS) == ['cloud 2: How old? – ada (for "Old kernels")']
    assert in_room(said, KERNEL) == []
    assert await redacted(floor) == ["chip/2"]
    # Once is enough.
    await floor.bot.following.step()
    assert await floor.news() == []


async def test_a_number_means_one_question_in_each_room(floor: Stage, event: str) -> None:
    await move(floor)
    assert await answer(floor, KERNEL, BOB, "!unvote 1") == (
        "Question 1 went with its talk to #cloud:example.org. Type there: !unvote 2"
    )
    await floor.say(CLOUD, ADA, "!vote 1")
    await floor.say(CLOUD, MODERATOR, "!vote 2")
    assert [question.votes for question in await questions(floor)] == [1, 2]


async def test_votes_by_the_old_message_count(floor: Stage, event: str) -> None:
    await move(floor)
    await tap(floor, MODERATOR, event, "👍")
    assert await votes(floor, 2) == 2


async def test_its_asker_may_still_take_it_back(floor: Stage, event: str) -> None:
    await move(floor)
    await floor.deliver()
    await redact(floor, ADA, event)
    question = await last(floor)
    assert (question.text, question.state) == ("", "withdrawn")
    assert f"post/2/{room_id(CLOUD)}" in await redacted(floor)


async def test_what_is_decided_keeps_its_number_and_says_of_which_room(
    floor: Stage, event: str
) -> None:
    await answer(floor, KERNEL, MODERATOR, "!done 1")
    await move(floor)
    assert (await last(floor)).room_id == room_id(KERNEL)
    await answer(floor, KERNEL, MODERATOR, "!restore 1")
    said = in_room(await floor.outbox(HOSTS), HOSTS)
    assert any(card.startswith("kernel 1: How old?") for card in said)
    # It waits again, and follows.
    await floor.bot.following.step()
    assert (await last(floor)).room_id == room_id(CLOUD)


async def test_of_a_talk_that_is_over_they_stay(floor: Stage, event: str) -> None:
    """The speaker's letter names them by their numbers."""
    floor.clock.set(OLD_KERNELS.at + OLD_KERNELS.minutes)
    await move(floor)
    question = await last(floor)
    assert (question.room_id, question.number) == (room_id(KERNEL), 1)


async def test_of_one_that_is_late_and_still_on_they_follow(floor: Stage, event: str) -> None:
    await floor.say(KERNEL, MODERATOR, "!talk delay 30 3")
    floor.clock.set(OLD_KERNELS.at + OLD_KERNELS.minutes + 10)
    await move(floor)
    assert (await last(floor)).room_id == room_id(CLOUD)


async def test_of_one_that_was_ended_early_they_stay(floor: Stage, event: str) -> None:
    floor.clock.set(OLD_KERNELS.at + 10)
    await floor.say(KERNEL, MODERATOR, "!talk end")
    floor.clock.set(OLD_KERNELS.at + 15)
    await move(floor)
    question = await last(floor)
    assert (question.room_id, question.number) == (room_id(KERNEL), 1)


async def test_they_wait_until_the_bot_is_in_the_room(floor: Stage, event: str) -> None:
    await move(floor, "#lofts:example.org")
    assert (await last(floor)).room_id == room_id(KERNEL)
    await floor.open("#lofts:example.org")
    floor.bot.following.talks_moved()
    await floor.bot.following.step()
    assert (await last(floor)).room_id == room_id("#lofts:example.org")


async def redacted(stage: Stage) -> list[str]:
    """The keys of what is taken back."""
    async with stage.database.read() as session:
        keys = await session.scalars(
            select(Outgoing.target).where(Outgoing.kind == "redaction").order_by(Outgoing.id)
        )
        return [str(key) for key in keys]
