"""Why a question was dismissed: what is typed out of the audience's sight stays out of it."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from fosdembot.db.question_tables import Reason
from fosdembot.db.tables import Room
from tests.chat.audience import ADA, BOB, RELAY, asks, direct, reactions, reply_to, taken_out
from tests.chat.floor import HOST, HOSTS, SPEAKER, answer, redact, state, tap
from tests.chat.redactions.test_edit import edit
from tests.stage import CONTROL, KERNEL, LISTED, MODERATOR, ORGANISER, STRANGER, Stage

WHY = "a private remark"


async def dismiss(stage: Stage, alias: str = HOSTS, person: str = HOST) -> tuple[str, str]:
    """The event, and the key of the question whether the reason may be posted."""
    event, _ = await stage.write(alias, person, f"!dismiss kernel 1 {WHY}")
    await stage.deliver()
    return event, f"reason/{event}"


async def read_in(stage: Stage, alias: str) -> list[str]:
    """What of it can be read there: messages with the reason that are not redacted."""
    gone = await taken_out(stage)
    return [s.body for s in await stage.outbox(alias) if WHY in s.body and s.key not in gone]


async def kept(stage: Stage) -> int:
    async with stage.database.read() as session:
        return await session.scalar(select(func.count(Reason.cause))) or 0


@pytest.mark.parametrize(("alias", "person"), [(HOSTS, HOST), (CONTROL, ORGANISER)])
async def test_it_is_not_published(floor: Stage, alias: str, person: str) -> None:
    await asks(floor, "!ask How small?")
    _, key = await dismiss(floor, alias, person)
    assert await read_in(floor, KERNEL) == []
    [asked] = await read_in(floor, alias)
    assert asked.startswith("The asker has no direct chat with me. Post the reason in the talk")
    assert asked.endswith(f"“{WHY}”")
    assert await reactions(floor, key) == ["✅"]
    await floor.say(alias, person, "!undo kernel")
    assert await state(floor, 1) == "open"
    assert await read_in(floor, KERNEL) == await read_in(floor, alias) == []
    await tap(floor, person, f"$sent{key}", "✅", alias=alias)
    assert await read_in(floor, KERNEL) == []


async def test_from_a_direct_chat_either(floor: Stage) -> None:
    await asks(floor, "!ask How small?")
    chat = await floor.open_direct(LISTED)
    _, key = await dismiss(floor, chat, LISTED)
    assert await read_in(floor, KERNEL) == []
    await tap(floor, LISTED, f"$sent{key}", "✅", alias=chat)
    assert len(await read_in(floor, KERNEL)) == 1


async def test_it_is_posted_when_a_moderator_says_so(floor: Stage) -> None:
    event = await asks(floor, "!ask How small?")
    _, key = await dismiss(floor)
    await floor.news()
    for person in (STRANGER, SPEAKER, ADA):
        await tap(floor, person, f"$sent{key}", "✅", alias=HOSTS)
    await tap(floor, HOST, f"$sent{key}", "⭐", alias=HOSTS)
    assert await floor.news() == []
    for person in (HOST, MODERATOR):
        await tap(floor, person, f"$sent{key}", "✅", alias=HOSTS)
    [said] = [s for s in await floor.news() if s.room == KERNEL]
    assert said.body == f"ada: your question 1 was not taken up: {WHY}"
    assert said.content["m.mentions"] == {"user_ids": [ADA]}
    assert said.content["m.relates_to"] == {"m.in_reply_to": {"event_id": event}}


@pytest.mark.parametrize("back", ["undo", "restore", "untap", "redact the command", "redacted"])
async def test_what_was_posted_is_redacted_with_it(floor: Stage, back: str) -> None:
    event = await asks(floor, "!ask How small?")
    command, key = await dismiss(floor)
    tapped = await tap(floor, HOST, f"$sent{key}", "✅", alias=HOSTS)
    await floor.deliver()
    assert len(await read_in(floor, KERNEL)) == 1
    if back == "undo":
        await floor.say(HOSTS, HOST, "!undo kernel")
    elif back == "restore":
        await floor.say(KERNEL, MODERATOR, "!restore 1")
    elif back == "untap":
        await redact(floor, STRANGER, tapped, alias=HOSTS)
        assert len(await read_in(floor, KERNEL)) == 1, "others may not"
        await redact(floor, HOST, tapped, alias=HOSTS)
        assert len(await read_in(floor, HOSTS)) == 1, "it can be tapped again"
    elif back == "redacted":
        await redact(floor, ADA, event)
    else:
        await redact(floor, HOST, command, alias=HOSTS)
    assert await read_in(floor, KERNEL) == []
    if back != "untap":
        assert await read_in(floor, HOSTS) == []
        assert await kept(floor) == 0
    else:
        await tap(floor, HOST, f"$sent{key}", "✅", alias=HOSTS)
        assert len(await read_in(floor, KERNEL)) == 1


async def test_the_same_before_it_was_sent(floor: Stage) -> None:
    await asks(floor, "!ask How small?")
    _, key = await dismiss(floor)
    await tap(floor, HOST, f"$sent{key}", "✅", alias=HOSTS)
    await floor.say(KERNEL, MODERATOR, "!restore 1")
    assert await read_in(floor, KERNEL) == []
    assert not any(WHY in s.body for s in await floor.outbox(KERNEL))


async def test_who_has_a_direct_chat_is_told_there(floor: Stage) -> None:
    await asks(floor, "!ask How small?")
    chat = await floor.open_direct(ADA)
    said = await answer(floor, HOSTS, HOST, f"!dismiss kernel 1 {WHY}")
    assert "Its asker is told why." in said
    assert len(await read_in(floor, chat)) == 1
    assert await read_in(floor, KERNEL) == await read_in(floor, HOSTS) == []
    await floor.deliver()
    await floor.say(KERNEL, MODERATOR, "!restore 1")
    assert await read_in(floor, chat) == []


async def test_of_two_who_asked_the_same_one_has_a_direct_chat(floor: Stage) -> None:
    await asks(floor, "!ask How small?")
    await asks(floor, "!ask How tiny is it?", BOB)
    await floor.say(KERNEL, MODERATOR, "!merge 2 1")
    chat = await floor.open_direct(ADA)
    _, key = await dismiss(floor)
    assert len(await read_in(floor, chat)) == 1
    await tap(floor, HOST, f"$sent{key}", "✅", alias=HOSTS)
    assert await read_in(floor, KERNEL) == [f"bob: your question 1 was not taken up: {WHY}"]


async def test_people_behind_a_relay_have_none(floor: Stage) -> None:
    await floor.open_direct(RELAY)
    await asks(floor, "<carl> !ask How small?", RELAY)
    _, key = await dismiss(floor)
    assert await read_in(floor, KERNEL) == []
    await tap(floor, HOST, f"$sent{key}", "✅", alias=HOSTS)
    assert await read_in(floor, KERNEL) == [f"carl: your question 1 was not taken up: {WHY}"]


async def test_who_asked_without_a_name_and_left_cannot_be_told(floor: Stage) -> None:
    _, chat = await direct(floor, "!anon kernel: How small?")
    async with floor.database.write() as session:
        room = await session.get_one(Room, "!" + chat[1:])
        room.deserted = True
    said = await answer(floor, HOSTS, HOST, f"!dismiss kernel 1 {WHY}")
    assert "cannot be told why" in said
    assert await read_in(floor, HOSTS) == await read_in(floor, KERNEL) == []


async def now(stage: Stage, alias: str) -> list[str]:
    """What of the bot's messages about reasons stands in a room, as it was edited last."""
    gone = await taken_out(stage)
    said = {s.key: s.body for s in await stage.outbox(alias)}
    return [
        said.get(f"edit:{key}", body)
        for key, body in said.items()
        if key.startswith(("reason/", "dismissed/")) and key not in gone
    ]


async def test_the_wording_at_the_tap_is_posted(floor: Stage) -> None:
    await asks(floor, "!ask How small?")
    event, key = await dismiss(floor)
    await floor.edit(HOSTS, STRANGER, event, "!dismiss kernel 1 by somebody else")
    await floor.edit(HOSTS, HOST, event, "!dismiss kernel 1 something nice")
    [asked] = await now(floor, HOSTS)
    assert asked.endswith("“something nice”")
    await floor.deliver()
    tapped = await tap(floor, HOST, f"$sent{key}", "✅", alias=HOSTS)
    assert await now(floor, KERNEL) == ["ada: your question 1 was not taken up: something nice"]
    assert await read_in(floor, KERNEL) == []
    await floor.deliver()
    await floor.edit(HOSTS, HOST, event, "!dismiss kernel 1 something nicer")
    assert (await now(floor, KERNEL))[0].endswith("something nice"), "as it was tapped"
    await redact(floor, HOST, tapped, alias=HOSTS)
    await tap(floor, HOST, f"$sent{key}", "✅", alias=HOSTS)
    assert await now(floor, KERNEL) == ["ada: your question 1 was not taken up: something nicer"]
    assert await state(floor, 1) == "dismissed"


@pytest.mark.parametrize(
    "after", ["!dismiss kernel 1", "!dismiss 1", "hm", "!dismiss 9 so", "!restore kernel 1"]
)
async def test_without_a_reason_none_is_posted(floor: Stage, after: str) -> None:
    await asks(floor, "!ask How small?")
    event, key = await dismiss(floor)
    await floor.edit(HOSTS, HOST, event, after)
    assert await now(floor, HOSTS) == ["There is no reason to post any more."]
    await floor.deliver()
    await tap(floor, HOST, f"$sent{key}", "✅", alias=HOSTS)
    assert await now(floor, KERNEL) == []
    await floor.edit(HOSTS, HOST, event, "!dismiss kernel 1 asked before")
    await tap(floor, HOST, f"$sent{key}", "✅", alias=HOSTS)
    assert await now(floor, KERNEL) == ["ada: your question 1 was not taken up: asked before"]
    await floor.deliver()
    await floor.edit(HOSTS, HOST, event, after)
    assert await now(floor, KERNEL) == [], "no reason is left"
    assert await state(floor, 1) == "dismissed"


async def test_an_edit_that_is_redacted_brings_the_wording_back(floor: Stage) -> None:
    await asks(floor, "!ask How small?")
    event, key = await dismiss(floor)
    edited = await edit(floor, event, "!dismiss kernel 1 something rude", HOST, HOSTS)
    await redact(floor, HOST, edited, alias=HOSTS)
    await tap(floor, HOST, f"$sent{key}", "✅", alias=HOSTS)
    assert await now(floor, KERNEL) == [f"ada: your question 1 was not taken up: {WHY}"]


async def test_without_a_prefix_in_reply_to_a_card(floor: Stage) -> None:
    await asks(floor, "!ask How small?")
    card = reply_to("$sentcard/1/!hosts:example.org")
    event, _ = await floor.write(HOSTS, HOST, f"dismiss {WHY}", **card)
    await floor.deliver()
    await edit(floor, event, "dismiss enough of these", HOST, HOSTS)
    await tap(floor, HOST, f"$sentreason/{event}", "✅", alias=HOSTS)
    assert (await now(floor, KERNEL))[0].endswith(": enough of these")


async def test_what_was_told_directly_follows(floor: Stage) -> None:
    await asks(floor, "!ask How small?")
    chat = await floor.open_direct(ADA)
    event, _ = await dismiss(floor)
    await floor.edit(HOSTS, HOST, event, "!dismiss kernel 1 something nice")
    [told] = await now(floor, chat)
    assert told.endswith("something nice")
    await floor.deliver()
    await floor.edit(HOSTS, HOST, event, "!dismiss kernel 1")
    assert await now(floor, chat) == []


async def test_another_dismissal_has_another_reason(floor: Stage) -> None:
    await asks(floor, "!ask How small?")
    await dismiss(floor)
    await floor.say(KERNEL, MODERATOR, "!restore 1")
    _, key = await dismiss(floor)
    await tap(floor, HOST, f"$sent{key}", "✅", alias=HOSTS)
    assert len(await read_in(floor, KERNEL)) == 1
