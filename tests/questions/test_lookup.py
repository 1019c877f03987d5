"""Which question is meant."""

from __future__ import annotations

from fosdembot.db.question_tables import Shown
from fosdembot.db.tables import Outgoing
from fosdembot.questions import lookup
from fosdembot.questions.states import Action
from tests.e2e.conference import START

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
        waiting = await lookup.open_of_person(session, "one", "@ada", None)
        assert [question.source for question in waiting] == own[:2]
        for_zoe = await lookup.open_of_person(session, "one", "@ada", "Zoe")
        assert [question.source for question in for_zoe] == [relayed]
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
