"""Numbers that mean one question for ever, also when a room is upgraded."""

from __future__ import annotations

from fosdembot.questions import lookup
from fosdembot.questions.scopes import question_room, scope_of
from fosdembot.questions.states import Action

from .hall import ROOM, Hall


async def test_a_number_is_never_used_again(hall: Hall) -> None:
    first = await hall.ask("@ada", "One?")
    second = await hall.ask("@ada", "Two?", talk="two")
    await hall.act(first, Action.WITHDRAW)
    await hall.redact(second)
    third = await hall.ask("@ada", "Three?", talk="two")
    elsewhere = await hall.ask("@ada", "Four?", room="!cloud", talk="three")
    numbers = [(await hall.question(e)).number for e in (first, second, third, elsewhere)]
    assert numbers == [1, 2, 3, 1]


async def test_twelve_means_twelve_whenever_it_is_typed(hall: Hall) -> None:
    events = [await hall.ask(f"@{n}", talk="one" if n < 12 else "two") for n in range(14)]
    async with hall.database.read() as session:
        for room, number, expected in (
            (ROOM, 12, events[11]),
            (ROOM, 13, events[12]),
            (ROOM, 15, None),
            (ROOM, 0, None),
            (ROOM, 1 << 40, None),
            ("!cloud", 12, None),
        ):
            found = await lookup.by_number(session, room, number)
            assert (found.source if found else None) == expected


async def test_an_upgraded_room_goes_on_counting(hall: Hall) -> None:
    old = await hall.ask("@ada")
    await hall.moderate()
    await hall.created("!kernel-2", {"room_id": ROOM, "event_id": "$tombstone"})
    new = await hall.ask("@ada", "Why?", room="!kernel-2")
    question = await hall.question(new)
    assert (question.number, question.scope, question.room_id) == (2, ROOM, "!kernel-2")
    assert question.state == "pending"
    async with hall.database.read() as session:
        found = await lookup.by_number(session, "!kernel-2", 1)
        assert found is not None
        assert found.source == old


async def test_also_past_a_room_in_which_nobody_asked(hall: Hall) -> None:
    await hall.ask("@ada")
    await hall.created("!kernel-2", {"room_id": ROOM})
    await hall.created("!kernel-3", {"room_id": "!kernel-2"})
    assert (await hall.question(await hall.ask("@bob", room="!kernel-3"))).number == 2


async def test_who_is_muted_stays_so_in_the_upgraded_room(hall: Hall) -> None:
    event = await hall.ask("@ada")
    await hall.vote(event, "@bob")
    await hall.created("!kernel-2", {"room_id": ROOM})
    await hall.member("@bob", "ban", removed=True, room="!kernel-2")
    assert await hall.votes(event) == 0


async def test_rooms_may_claim_whatever_they_like(hall: Hall) -> None:
    await hall.created("!a", {"room_id": "!b"})
    await hall.created("!b", {"room_id": "!a"})
    await hall.created("!c", ["!a"])
    await hall.created("!d", {"room_id": 5})
    for room in ("!a", "!b", "!c", "!d"):
        event = await hall.ask("@ada", room=room, talk=room)
        expected = "!a" if room in ("!a", "!b") else room
        assert (await hall.question(event)).scope == expected


async def test_asking_which_scope_it_is_writes_nothing(hall: Hall) -> None:
    async with hall.database.read() as session:
        assert await scope_of(session, "!new") == "!new"
        assert (await question_room(session, "!new")).moderated is None
        assert not session.new
