"""What names an event of another room has no effect: whoever invites the bot into a room of
their own, or has power in another, cannot reach from there into a talk room."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fosdembot.db.retention import SEEN_EVENTS, forget_what_is_old
from fosdembot.questions.states import Action
from tests.chat.audience import ADA, BOB, asks, direct, last, questions, reply_to, votes, written
from tests.chat.floor import CARD, HOST, HOSTS, SPEAKER, act, redact, speakers, state, tap
from tests.stage import BOT, CLOUD, CONTROL, KERNEL, LOBBY, MODERATOR, STRANGER, Stage, bodies

OWN = "#own:example.org"
"""A room of the stranger's own."""


@pytest.fixture(autouse=True)
async def own_room(floor: Stage) -> None:
    everywhere = {STRANGER: 100, MODERATOR: 100, HOST: 100}
    await floor.open(CLOUD, everywhere)
    await floor.state(LOBBY, "m.room.power_levels", {"users": everywhere})


async def test_votes(floor: Stage) -> None:
    question = await asks(floor, "!ask How small?")
    for alias in (LOBBY, CLOUD, HOSTS, CONTROL):
        for key in ("👍", "Q1"):
            await tap(floor, f"@{key}{alias[1:]}", question, key, alias=alias)
        await floor.say(alias, STRANGER, "+1", **reply_to(question))
        await floor.say(alias, STRANGER, "!vote", **reply_to(question))
    assert await votes(floor) == 0
    await tap(floor, BOB, question, "👍")
    await floor.say(KERNEL, STRANGER, "+1", **reply_to(question))
    assert await votes(floor) == 2


async def test_votes_on_the_bots_own_messages(floor: Stage) -> None:
    await asks(floor, "!ask How small?")
    await tap(floor, STRANGER, f"$sent{CARD}", "👍", alias=LOBBY)
    await tap(floor, STRANGER, f"$sent{CARD}", "👍")
    assert await votes(floor) == 0
    await tap(floor, HOST, f"$sent{CARD}", "👍", alias=HOSTS)
    assert await votes(floor) == 1


async def test_a_direct_message_is_no_place_for_others_to_vote_in(floor: Stage) -> None:
    event, chat = await direct(floor, "!ask kernel: How small?")
    await tap(floor, STRANGER, event, "👍")
    assert await votes(floor) == 0
    await tap(floor, STRANGER, event, "👍", alias=chat)
    assert await votes(floor) == 1, "who is in that room may"


async def test_votes_by_those_who_are_in_no_talk_room(floor: Stage) -> None:
    """A direct chat into which others were asked, too."""
    await asks(floor, "!ask How small?")
    chat = await floor.open_direct(ADA)
    for alias in (chat, LOBBY):
        said = bodies(await floor.say(alias, BOB, "!vote kernel 1"))
        assert said == "Please vote in the talk room, or write to me directly."
    assert await votes(floor) == 0
    await direct(floor, "!vote kernel 1", BOB)
    assert await votes(floor) == 1


@pytest.mark.parametrize("key", ["✅", "⭐", "▶️", "🚫"])
async def test_taps(floor: Stage, key: str) -> None:
    question = await asks(floor, "!ask How small?")
    for person in (MODERATOR, HOST, SPEAKER):
        await tap(floor, person, question, key, alias=LOBBY)
        await tap(floor, person, f"$sent{CARD}", key, alias=CLOUD)
    assert await state(floor, 1) == "open"


async def test_commands_and_answers_by_reply(floor: Stage) -> None:
    question = await asks(floor, "!ask How small?")
    for alias in (LOBBY, CLOUD):
        for body in ("!dismiss", "!star", "It is 4 kB.", "!answer It is 4 kB."):
            await floor.say(alias, MODERATOR, body, **reply_to(question))
            await floor.say(alias, SPEAKER, body, **reply_to(question))
            thread = reply_to(question, rel_type="m.thread", event_id=question)
            await floor.say(alias, SPEAKER, body, **thread)
    assert await state(floor, 1) == "open"
    assert await written(floor, 1) == []
    await floor.say(HOSTS, HOST, "dismiss", **reply_to(question))
    assert await state(floor, 1) == "open", "a reply to a card, not to the talk room's message"


async def test_edits(floor: Stage) -> None:
    question = await asks(floor, "!ask How small?")
    for alias in (LOBBY, CLOUD):
        await floor.edit(alias, ADA, question, "!ask How rude?")
    assert (await last(floor)).text == "How small?"
    event, _ = await floor.write(KERNEL, ADA, "hello")
    await floor.edit(LOBBY, ADA, event, "!ask How rude?")
    assert len(await questions(floor)) == 1
    answer, _ = await floor.write(KERNEL, SPEAKER, "4 kB", **reply_to(question))
    await floor.edit(LOBBY, SPEAKER, answer, "4 MB")
    assert await written(floor, 1) == ["4 kB"]


async def test_redactions(floor: Stage) -> None:
    question = await asks(floor, "!ask How small?")
    answer, _ = await floor.write(KERNEL, SPEAKER, "4 kB", **reply_to(question))
    vote = await tap(floor, BOB, question, "👍")
    star = await tap(floor, MODERATOR, question, "⭐")
    claim = await asks(floor, "!talk speaker", BOB)
    for sender in (STRANGER, MODERATOR, ADA, BOB):
        for target in (question, answer, vote, star, claim):
            await redact(floor, sender, target, alias=LOBBY)
            await redact(floor, sender, target, alias=CLOUD)
    assert await state(floor, 1) == "starred"
    assert await written(floor, 1) == ["4 kB"]
    assert await votes(floor) == 1
    assert await speakers(floor) == {BOB: False}


async def test_a_question_that_went_elsewhere_with_its_talk(floor: Stage) -> None:
    """Its message stands where it was."""
    await asks(floor, "!ask How small?")
    async with floor.database.write() as session:
        question = await session.merge(await last(floor))
        question.direct, question.room_id = True, "!cloud:example.org"
    await tap(floor, BOB, str((await last(floor)).source), "👍", alias=CLOUD)
    assert await votes(floor) == 0
    await tap(floor, BOB, str((await last(floor)).source), "👍")
    assert await votes(floor) == 1


@pytest.mark.parametrize("where", ["!ask How small?", "direct"])
async def test_the_same_long_afterwards(floor: Stage, where: str) -> None:
    """What was seen is forgotten after a while; not where that stands which still counts."""
    if where == "direct":
        question, home = await direct(floor, "!ask kernel: How small?")
    else:
        question, home = await asks(floor, where), KERNEL
    star = await tap(floor, MODERATOR, question, "⭐", alias=home) if home == KERNEL else ""
    claim = await asks(floor, "!talk speaker", BOB)
    floor.clock.forward((SEEN_EVENTS + timedelta(days=1)) / timedelta(minutes=1))
    await forget_what_is_old(floor.database, floor.clock, lambda: None)
    await tap(floor, STRANGER, question, "👍", alias=LOBBY)
    for target in (star, question, claim):
        await redact(floor, STRANGER, target, alias=LOBBY)
    assert await votes(floor) == 0
    assert await state(floor, 1) == ("starred" if star else "open")
    assert await speakers(floor) == {BOB: False}
    await tap(floor, STRANGER, question, "👍", alias=home)
    assert await votes(floor) == 1


async def test_a_nameless_question_is_taken_back_when_nobody_knows_who_asked(floor: Stage) -> None:
    """Nor in which chat; the homeserver lets only those redact it who may."""
    question, home = await direct(floor, "!anon kernel: How small?")
    before = floor.clock.now() + timedelta(days=1)
    floor.clock.forward(31 * 24 * 60)
    for _ in range(2):
        await forget_what_is_old(floor.database, floor.clock, lambda: before)
    for alias in (LOBBY, CLOUD, KERNEL):
        await redact(floor, STRANGER, question, alias=alias)
    assert (await last(floor)).text == "How small?"
    await redact(floor, ADA, question, alias=home)
    assert (await last(floor)).text == ""


async def test_the_bots_own_message_counts_before_it_comes_back(floor: Stage) -> None:
    """`/sync` may tell of it later than of the tap on it, after a restart."""
    await asks(floor, "!ask How small?")
    await act(floor, 1, Action.STAR)
    await tap(floor, HOST, f"$sent{CARD}", "🚫", alias=HOSTS)
    assert await state(floor, 1) == "dismissed"
    assert BOT not in await speakers(floor)
