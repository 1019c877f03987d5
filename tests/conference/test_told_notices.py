"""A room of several addresses has each notice told by one message."""

from __future__ import annotations

from fosdembot.conference.told_notices import note_told, retell, told_at
from fosdembot.db.engine import Database
from fosdembot.talks.notices import at_address

NAMES = ["#a:example.org", "#b:example.org", "#c:example.org"]
NOTICE = "now/x/talk/20260131T100000"


def key(name: str) -> str:
    return at_address(NOTICE, name)


async def test_the_newest_counts_by_whatever_address(database: Database) -> None:
    async with database.write() as session:
        note_told(session, NAMES[0], [key(NAMES[0])], "first")
    for number, name in enumerate([*NAMES, *NAMES]):
        async with database.write() as session:
            await retell(session, name, NAMES, key(name), f"m{number}")
        async with database.read() as session:
            for other in NAMES:
                told = await told_at(session, {other: NAMES})
                assert told == {other: {key(other): f"m{number}"}}, (
                    f"told by {name}, asked by {other}"
                )


async def test_other_rooms_and_other_notices_keep_theirs(database: Database) -> None:
    elsewhere, other = "#z:example.org", at_address("qa/x/talk/20260131T100000", NAMES[0])
    async with database.write() as session:
        note_told(session, elsewhere, [key(elsewhere)], "there")
        note_told(session, NAMES[0], [key(NAMES[0]), other], "here")
        await retell(session, NAMES[1], NAMES, key(NAMES[1]), "again")
    async with database.read() as session:
        assert await told_at(session, {elsewhere: [elsewhere], NAMES[0]: NAMES}) == {
            elsewhere: {key(elsewhere): "there"},
            NAMES[0]: {other: "here", key(NAMES[0]): "again"},
        }
