"""Who is notified of what becomes of a question."""

from __future__ import annotations

from typing import Any

import pytest

from fosdembot.db.tables import Room
from tests.chat.audience import ADA, BOB, RELAY, asks, direct, rows, upgrade
from tests.chat.floor import HOST, HOSTS, POST, SPEAKER, answer
from tests.committed import Said
from tests.stage import KERNEL, MODERATOR, Stage, room_id


def to(said: list[Said], alias: str) -> list[tuple[str, list[str], str | None]]:
    """What is meant for persons in a room: its words, whom it notifies, what it answers."""
    found = []
    for s in said:
        if s.room == alias and s.content["msgtype"] == "m.text":
            relation: dict[str, Any] = s.content.get("m.relates_to", {})
            replied = relation.get("m.in_reply_to", {}).get("event_id")
            found.append((s.body, s.content["m.mentions"]["user_ids"], replied))
    return found


async def take(stage: Stage, number: int = 1) -> list[Said]:
    return await stage.say(HOSTS, HOST, f"take {number}")


async def test_the_asker_is_notified_when_it_is_taken(floor: Stage) -> None:
    event = await asks(floor, "!ask How small?")
    said = await take(floor)
    assert to(said, KERNEL) == [("ada: your question 1 is being answered now.", [ADA], event)]
    assert all(s.content["m.mentions"] == {} for s in said if s.content["msgtype"] == "m.notice")
    assert to(await take(floor), KERNEL) == [], "it is so already"
    floor.clock.forward(1)
    await answer(floor, HOSTS, HOST, "!skip 1")
    assert len(to(await take(floor), KERNEL)) == 1, "that is another time"


async def test_in_the_room_that_replaced_the_one_in_which_it_was_asked(floor: Stage) -> None:
    await asks(floor, "!ask How small?")
    new = await upgrade(floor)
    said = await take(floor)
    assert to(said, KERNEL) == []
    assert to(said, new) == [("ada: your question 1 is being answered now.", [ADA], None)]


@pytest.mark.parametrize("command", ["!ask", "!anon"])
async def test_that_is_not_said_when_it_is_over(floor: Stage, command: str) -> None:
    await direct(floor, f"{command} kernel: How small?")
    await take(floor)
    [row] = [r for r in await rows(floor, "m.room.message") if r.key.startswith("taken/")]
    assert row.expires is not None
    assert (row.expires - floor.clock.now()).total_seconds() == 600


async def test_all_who_asked_the_same_are_notified_at_once(floor: Stage) -> None:
    people = [f"@p{number:02}:example.org" for number in range(1, 13)]
    for number, person in enumerate(people, 1):
        await asks(floor, f"!ask How small is it, {number * 7919}?", person)
        if number > 1:
            await answer(floor, KERNEL, MODERATOR, f"!merge {number} 1")
    [(body, mentioned, _)] = to(await take(floor), KERNEL)
    assert body == "p01, p02, p03 and 7 others: your question 1 is being answered now."
    assert mentioned == people[:10]


async def test_who_asked_without_a_name_is_told_alone(floor: Stage) -> None:
    _, chat = await direct(floor, "!anon kernel: How small?")
    said = await take(floor)
    assert to(said, KERNEL) == []
    assert to(said, chat) == [("Your question 1 in kernel is being answered now.", [ADA], None)]
    assert not any("ada" in s.body + str(s.content) for s in said if s.room in (KERNEL, HOSTS))


async def test_nobody_is_told_who_left_the_direct_chat(floor: Stage) -> None:
    await direct(floor, "!anon kernel: How small?")
    async with floor.database.write() as session:
        room = await session.get_one(Room, room_id("#direct-ada:example.org"))
        room.deserted = True
    assert [s for s in await take(floor) if s.content["msgtype"] == "m.text"] == []


async def test_with_and_without_a_name_in_one(floor: Stage) -> None:
    _, chat = await direct(floor, "!anon kernel: How small?")
    await asks(floor, "!ask How tiny is it?", BOB)
    await answer(floor, KERNEL, MODERATOR, "!merge 1 2")
    said = await take(floor, 2)
    [(body, mentioned, _)] = to(said, KERNEL)
    assert (body, mentioned) == ("bob: your question 2 is being answered now.", [BOB])
    assert [body for body, _, _ in to(said, chat)] == [
        "Your question 2 in kernel is being answered now."
    ]


async def test_a_direct_question_is_answered_by_its_post(floor: Stage) -> None:
    await direct(floor, "!ask kernel: How small?")
    assert to(await take(floor), KERNEL) == [
        ("ada: your question 1 is being answered now.", [ADA], f"$sent{POST}")
    ]


async def test_people_behind_a_relay_are_named_and_not_notified(floor: Stage) -> None:
    event = await asks(floor, "<carl> !ask How small?", RELAY)
    assert to(await take(floor), KERNEL) == [
        ("carl: your question 1 is being answered now.", [], event)
    ]


async def test_without_a_reason_nobody_is_told(floor: Stage) -> None:
    await asks(floor, "!ask How small?")
    said = await floor.say(HOSTS, HOST, "dismiss 1")
    assert [s.room for s in said if s.kind == "message"] == [HOSTS]


@pytest.mark.parametrize("command", ["!ask", "!anon"])
async def test_a_reason_goes_where_it_was_asked(floor: Stage, command: str) -> None:
    _, chat = await direct(floor, f"{command} kernel: How small?")
    said = await floor.say(HOSTS, HOST, "dismiss 1 too small")
    assert to(said, chat) == [
        ("Your question 1 in kernel was not taken up: too small", [ADA], None)
    ]
    assert to(said, KERNEL) == []


async def test_speakers_and_hosts_are_not_notified(floor: Stage) -> None:
    await asks(floor, "!ask How small?")
    said = await floor.say(KERNEL, SPEAKER, "!take 1")
    assert [s.content["m.mentions"] for s in said if s.content["m.mentions"]] == [
        {"user_ids": [ADA]}
    ]
