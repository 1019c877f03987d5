"""Which question is meant."""

from __future__ import annotations

from fosdembot.db.engine import Database
from fosdembot.db.question_tables import Shown
from fosdembot.db.tables import Outgoing, Room, RoomAddress, RoomState
from fosdembot.questions import lookup
from fosdembot.questions.states import Action
from simulation.conference import START

from .hall import ROOM, Hall


async def _show(hall: Hall, question: int, key: str, event: str, about: bool) -> None:
    """A message of ours with a question in it was sent."""
    async with hall.database.write() as session:
        session.add(Shown(message_key=key, question_id=question, renewed=True, about=about))
        session.add(
            Outgoing(
                key=key,
                txn_id=key,
                room_id=ROOM,
                kind="message",
                event_type="m.room.message",
                content={},
                urgency=0,
                due=START,
                state="sent",
                revision=0,
                event_id=event,
            )
        )


async def test_a_question_is_meant_by_its_message_and_by_the_cards_about_it(hall: Hall) -> None:
    first, second = await hall.ask("@ada"), await hall.ask("@bob")
    await _show(hall, 2, "card", "$card", True)
    await _show(hall, 1, "board", "$board", False)
    async with hall.database.read() as session:
        for event, expected in (
            (first, first),
            (second, second),
            ("$card", second),
            ("$board", None),
            ("$none", None),
        ):
            found = await lookup.by_event(session, event)
            assert (found.source if found else None) == expected
        assert await lookup.by_source(session, "$card") is None


async def test_what_somebody_asked_is_not_what_his_relay_asked_for_others(hall: Hall) -> None:
    own = [await hall.ask("@ada", f"{n}?") for n in range(3)]
    relayed = await hall.ask("@ada", "For Zoe?", name="zoe", relayed=True)
    await hall.act(own[2], Action.WITHDRAW)
    async with hall.database.read() as session:
        asked = await lookup.of_person(session, "@ada", 10)
        assert [question.source for question in asked] == own[::-1]
        assert len(await lookup.of_person(session, "@ada", 2)) == 2
        waiting = await lookup.open_of_account(session, "one", "@ada")
        assert [question.source for question in waiting] == [*own[:2], relayed]
        for scope, expected in ((ROOM, own[1]), (None, own[1]), ("!cloud", None)):
            newest = await lookup.newest_open(session, scope, "@ada")
            assert (newest.source if newest else None) == expected


async def test_a_group_is_a_question_with_what_was_merged_into_it(hall: Hall) -> None:
    events = [await hall.ask(f"@{n}") for n in range(4)]
    await hall.merge(events[2], events[1])
    await hall.merge(events[1], events[3])
    async with hall.database.read() as session:
        for event, expected in ((events[3], events[1:]), (events[0], events[:1]), (events[1], [])):
            question = await lookup.by_source(session, event)
            assert question is not None
            group = await lookup.group(session, question)
            assert [each.source for each in group] == expected


async def test_a_number_is_found_in_many_rooms_at_once(any_database: Database) -> None:
    hall = Hall(any_database)
    first = await hall.ask("@ada", room="!a", talk="one")
    second = await hall.ask("@ada", room="!b", talk="two")
    await hall.ask("@ada", room="!left", talk="three")
    predecessor = {"predecessor": {"room_id": "!b"}}
    async with any_database.write() as session:
        for room, address in (("!a", "#a:x"), ("!new", "#b:x"), ("!left", "#l:x"), ("!0", "#0:x")):
            membership = "leave" if room == "!left" else "join"
            session.add(Room(room_id=room, membership=membership))
            session.add(RoomAddress(address=address, room_id=room))
        session.add(RoomAddress(address="#other:x", room_id="!a"))
        session.add(RoomAddress(address="#nowhere:x"))
        session.add(
            RoomState(
                room_id="!new",
                type="m.room.create",
                state_key="",
                sender="@mod",
                content=predecessor,
            )
        )
        await session.flush()
        addresses = ["#nowhere:x", "#b:x", "#0:x", "#other:x", "#a:x", "#l:x"]
        found = await lookup.by_number_at(session, addresses, 1)
        named = [(question.source, address) for question, address in found.items()]
        assert named == [(second, "#b:x"), (first, "#other:x")]
        assert await lookup.by_number_at(session, addresses, 2) == {}
        assert await lookup.by_number_at(session, [], 1) == {}
