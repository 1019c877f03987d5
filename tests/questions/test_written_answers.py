"""Written answers to several questions at a time, on both databases."""

from __future__ import annotations

from fosdembot.db.engine import Database
from fosdembot.questions import answers, lookup
from fosdembot.questions.listed import Listing

from .hall import Hall


async def test_the_first_answers_to_each(any_database: Database) -> None:
    hall = Hall(any_database)
    asked = [await hall.ask(f"@asker{number}", f"What of {number}?") for number in range(4)]
    async with any_database.write() as session:
        rows = {event: await lookup.by_source(session, event) for event in asked}
        for text, event, counts in (
            ("a", asked[0], True),
            ("b", asked[1], True),
            ("a remark", asked[0], False),
            ("c", asked[0], True),
            ("d", asked[2], True),
            ("e", asked[0], True),
        ):
            question = rows[event]
            assert question is not None
            await answers.add(session, question, text, hall.by(), "Ada", counts=counts)
    await hall.merge(asked[2], asked[1])
    async with any_database.read() as session:
        roots = [question.id for question in rows.values() if question is not None]
        found = await answers.to_each(session, roots, 2)
        listed = await Listing(session, "one").answers(roots, 2)
    assert {id: [answer.text for answer in written] for id, written in found.items()} == {
        roots[0]: ["a", "c"],
        roots[1]: ["b", "d"],
    }
    assert {id: [text for text, _, _, _ in written] for id, written in listed.items()} == {
        id: [answer.text for answer in written] for id, written in found.items()
    }
