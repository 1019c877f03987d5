"""❓ on a message makes it a question, whatever happens in between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from fosdembot.db.engine import Database
from fosdembot.db.question_tables import Proposal, Question
from fosdembot.matrix.relations import replied_to
from tests.client import wait_for
from tests.e2e.conference import START, Planned, write_schedule
from tests.fakes.homeserver import SERVER, FakeHomeserver, Fault
from tests.fakes.rooms import FakeRoom
from tests.running import (
    BOT,
    CONTROL,
    ORGANISER,
    Running,
    clock_from,
    database,
    running,
    server,
)

__all__ = ["database", "server"]

HALL = f"#hall:{SERVER}"
LOBBY = f"#lobby:{SERVER}"
ADA = f"@ada:{SERVER}"
BOB = f"@bob:{SERVER}"
MODERATOR = f"@moderator:{SERVER}"
RELAY = f"@relay:{SERVER}"
IRC = f"@irc_carl:{SERVER}"
OFFLINE: tuple[int, dict[str, Any]] = (502, {})


@pytest.fixture
def hall(server: FakeHomeserver) -> FakeRoom:
    """A talk room, in which the bot is not yet."""
    for alias in (CONTROL, LOBBY):
        server.create_room(alias, [BOT, ORGANISER, ADA])
    hall = server.create_room(HALL, [ADA, BOB, MODERATOR, RELAY, IRC])
    levels = {"users": {MODERATOR: 50, "@admin:fake.test": 100}}
    hall.add("@admin:fake.test", "m.room.power_levels", levels, "")
    return hall


class Day:
    """A bot in the hall, at minute 15: a talk is on."""

    def __init__(
        self, server: FakeHomeserver, database: Database, hall: FakeRoom, folder: Path
    ) -> None:
        self.server, self.database, self.hall = server, database, hall
        path = folder / "schedule.xml"
        write_schedule(path, [Planned(1, "Tiny kernels", 10, 25, chat_room=HALL)])
        self._schedule = {"source": str(path)}

    @asynccontextmanager
    async def running(self, **questions: Any) -> AsyncIterator[Running]:
        clock = clock_from(START + timedelta(minutes=15))
        settings = {"relays": ["@relay:*"], **questions}
        async with running(
            self.server,
            self.database,
            clock,
            schedule=self._schedule,
            questions=settings,
        ) as bot:
            await bot.heard(CONTROL, "Schedule read")
            await bot.heard(HALL, "Now, until")
            yield bot

    async def questions(self) -> list[Question]:
        async with self.database.read() as session:
            return list(await session.scalars(select(Question).order_by(Question.id)))

    async def waiting(self) -> int:
        async with self.database.read() as session:
            return len((await session.scalars(select(Proposal))).all())

    async def taken_in(self) -> None:
        """Until all that was said so far has taken effect."""
        control = self.server.rooms[self.server.aliases[CONTROL]]
        last = control.say(ORGANISER, "!conf")

        async def answered() -> bool:
            return any(replied_to(event["content"]) == last for event in control.by(BOT))

        await wait_for(answered, what="an answer to the last command")

    async def seen_to(self) -> list[str]:
        """Until all reactions so far are taken in and settled; the texts of the questions."""
        await self.taken_in()

        async def nothing_waits() -> bool:
            return await self.waiting() == 0

        await wait_for(nothing_waits, what="nothing that waits")
        return [question.text for question in await self.questions()]

    def chips(self) -> list[tuple[str, str]]:
        return [
            (e["content"]["m.relates_to"]["event_id"], e["content"]["m.relates_to"]["key"])
            for e in self.hall.events
            if e["type"] == "m.reaction" and e["sender"] == BOT
        ]


@pytest.fixture
def day(server: FakeHomeserver, database: Database, hall: FakeRoom, tmp_path: Path) -> Day:
    return Day(server, database, hall, tmp_path)


async def test_an_old_message_of_one_s_own(day: Day) -> None:
    event = day.hall.say(ADA, "How small can it get?")
    day.hall.say(ADA, "* How tiny?", **edit(event, "How tiny can it get?"))
    async with day.running() as bot:
        day.hall.react(ADA, event, "❓")
        assert await day.seen_to() == ["How tiny can it get?"]
        await bot.quiet()
    [question] = await day.questions()
    assert (question.asker, question.asker_name, question.talk) == (ADA, "ada", "talk-1")
    assert (question.source, question.state) == (event, "open")
    assert day.chips() == [(event, "Q1")]
    async with day.running() as bot:
        day.hall.react(MODERATOR, event, "❔")
        assert len(await day.seen_to()) == 1


def edit(event: str, body: str) -> dict[str, Any]:
    new = {"msgtype": "m.text", "body": body}
    return {"m.new_content": new, "m.relates_to": {"rel_type": "m.replace", "event_id": event}}


@pytest.mark.parametrize(
    ("who", "setting", "asked"),
    [
        (ADA, "author", True),
        (BOB, "author", False),
        (MODERATOR, "author", True),
        (BOB, "anybody", True),
        (RELAY, "anybody", False),
        (ADA, "nobody", False),
        (MODERATOR, "nobody", False),
    ],
)
async def test_who_may(day: Day, who: str, setting: str, asked: bool) -> None:
    old = day.hall.say(ADA, "How small?")
    async with day.running(ask_by_reaction=setting):
        new = day.hall.say(ADA, "How big?")
        for event in (old, new):
            day.hall.react(who, event, "❓")
        either = await day.seen_to()  # Both are read at once: either may be asked first.
        assert sorted(either) == (["How big?", "How small?"] if asked else [])
    assert {q.asker for q in await day.questions()} <= {ADA}


async def test_one_who_may_not_takes_it_from_nobody(day: Day) -> None:
    event = day.hall.say(ADA, "How small?")
    async with day.running():
        held = day.server.fail(Fault("event", hold=asyncio.Event()))
        day.hall.react(BOB, event, "❓")
        await held.met.wait()
        day.hall.react(ADA, event, "❓")
        assert held.hold is not None
        held.hold.set()
        assert await day.seen_to() == ["How small?"]


async def test_a_moderator_vouches_for_it(day: Day) -> None:
    event, other = day.hall.say(ADA, "How small?"), day.hall.say(BOB, "How big?")
    async with day.running(moderated=True):
        day.hall.react(MODERATOR, event, "❓")
        day.hall.react(BOB, other, "❓")
        await day.seen_to()
        states = {q.text: q.state for q in await day.questions()}
        assert states == {"How small?": "open", "How big?": "pending"}


async def test_an_emote_and_the_words_below_a_picture(day: Day) -> None:
    emote = day.hall.say(ADA, "wonders how small", msgtype="m.emote")
    picture = day.hall.say(ADA, "How is this?", msgtype="m.image", filename="slide.png")
    bare = day.hall.say(ADA, "cat.png", msgtype="m.image")
    async with day.running():
        for event in (emote, picture, bare):
            day.hall.react(ADA, event, "❓")
        assert sorted(await day.seen_to()) == ["How is this?", "wonders how small"]


@pytest.mark.parametrize("who", [ADA, MODERATOR])
async def test_a_mark_that_is_taken_back_takes_the_question_back(day: Day, who: str) -> None:
    event = day.hall.say(ADA, "How small?")
    async with day.running():
        mark = day.hall.react(who, event, "❓")
        assert await day.seen_to() == ["How small?"]
        day.hall.redact(who, mark)
        await day.seen_to()
        [question] = await day.questions()
        assert (question.state, question.text) == ("withdrawn", "How small?")
        again = day.hall.react(ADA, event, "❓")
        await day.seen_to()
        [question] = await day.questions()
        assert (question.number, question.state) == (1, "open"), "it is the same question"
        day.hall.redact(ADA, again)
        await day.seen_to()
        assert [q.state for q in await day.questions()] == ["withdrawn"]


@pytest.mark.parametrize("touched", ["vote", "star", "done", "withdraw", "other"])
async def test_what_others_have_touched_stays(day: Day, touched: str) -> None:
    event = day.hall.say(ADA, "How small?")
    async with day.running():
        mark = day.hall.react(ADA, event, "❓")
        await day.seen_to()
        match touched:
            case "vote":
                day.hall.react(BOB, event, "👍")
            case "star" | "done":
                day.hall.say(MODERATOR, f"!{touched} 1")
            case "withdraw":
                day.hall.say(ADA, "!withdraw 1")
            case "other":
                mark = day.hall.react(BOB, event, "❓")
        await day.seen_to()
        [before] = await day.questions()
        day.hall.redact(BOB if touched == "other" else ADA, mark)
        await day.seen_to()
        [after] = await day.questions()
        assert (after.state, after.votes) == (before.state, before.votes)
        if touched == "withdraw":
            day.hall.react(ADA, event, "❓")
            await day.seen_to()
            assert [q.state for q in await day.questions()] == ["withdrawn"]


async def test_over_a_bridge_it_is_said(day: Day) -> None:
    event = day.hall.say(IRC, "How small?")
    async with day.running() as bot:
        day.hall.react(MODERATOR, event, "❓")
        await bot.heard(HALL, "irc_carl: your question is number 1.")


async def test_what_a_relay_said_is_its_nick_s(day: Day) -> None:
    relayed = day.hall.say(RELAY, "<carl> How small?")
    quoted = day.hall.say(BOB, "<carl> How big?")
    async with day.running():
        for event in (relayed, quoted):
            day.hall.react(MODERATOR, event, "❓")
        await day.seen_to()
        asked = [(q.asker, q.asker_name, q.relayed, q.text) for q in await day.questions()]
        assert sorted(asked) == [
            (BOB, "bob", False, "<carl> How big?"),
            (RELAY, "carl", True, "How small?"),
        ]


async def test_what_is_too_long_is_said(day: Day) -> None:
    event = day.hall.say(ADA, "x" * 612)
    async with day.running() as bot:
        day.hall.react(ADA, event, "❓")
        await bot.heard(HALL, "That is 612 characters; 500 at the most")
    assert await day.questions() == []


@pytest.mark.parametrize(
    "content",
    [
        {"msgtype": "m.notice", "body": "How small?"},
        {"msgtype": "m.image", "body": "cat.png"},
        {"msgtype": "m.text", "body": ["How small?"]},
        {"msgtype": "m.text", "body": "How?", "m.relates_to": {"rel_type": "m.replace"}},
        {"msgtype": "m.text", "m.new_content": []},
        {"body": {}},
        {"x": "y" * 10_000},
    ],
)
async def test_only_what_people_write(day: Day, content: dict[str, Any]) -> None:
    event = day.hall.add(ADA, "m.room.message", content)["event_id"]
    good = day.hall.say(ADA, "How big?")
    async with day.running():
        for target in (event, good):
            day.hall.react(MODERATOR, target, "❓")
        texts = await day.seen_to()
        assert "How big?" in texts, "messages are read at the same time"
        assert len(texts) == (2 if content.get("body") == "How?" else 1)


async def test_other_events_are_none(day: Day) -> None:
    reaction = day.hall.react(ADA, day.hall.say(ADA, "hello"), "👍")
    redacted = day.hall.say(ADA, "How rude?")
    day.hall.redact(ADA, redacted)
    original = day.hall.say(ADA, "How small?")
    edited = day.hall.say(ADA, "* How big?", **edit(original, "How big?"))
    member = day.hall.set_membership(ADA, ADA, "join", displayname="Ada")["event_id"]
    async with day.running() as bot:
        own = day.hall.by(BOT)[0]["event_id"]
        for target in (reaction, redacted, edited, member, own, "$nowhere", "$" * 300):
            day.hall.react(MODERATOR, target, "❓")
        assert await day.seen_to() == []
        assert bot.server.requests["event"] == 5, "each once, but for the bot's own"


@pytest.mark.parametrize("key", ["❓" * 4000, "?", "❓ ", "👍", ""])
async def test_no_other_reaction_is_one(day: Day, key: str) -> None:
    event = day.hall.say(ADA, "How small?")
    async with day.running() as bot:
        day.hall.react(ADA, event, key)
        assert await day.seen_to() == []
        assert bot.server.requests["event"] == 0


async def test_elsewhere_nobody_asks(day: Day) -> None:
    lobby = day.server.rooms[day.server.aliases[LOBBY]]
    event = lobby.say(ADA, "How small?")
    async with day.running() as bot:
        lobby.react(ADA, event, "❓")
        assert await day.seen_to() == []
        assert bot.server.requests["event"] == 0


async def test_so_many_a_minute(
    server: FakeHomeserver, database: Database, hall: FakeRoom, tmp_path: Path
) -> None:
    day = Day(server, database, hall, tmp_path)
    events = [hall.say(ADA, f"{'abcdefghijklmnopqrstuvwxyz'[n]} ones?") for n in range(25)]
    async with day.running(open_per_person=100):
        for event in events:
            hall.react(ADA, event, "❓")
        assert len(await day.seen_to()) == 20


# Whatever happens in between.


async def test_the_homeserver_is_away_for_a_while(day: Day) -> None:
    event, other = day.hall.say(ADA, "How small?"), day.hall.say(ADA, "How big?")
    async with day.running():
        day.server.fail(Fault("event", OFFLINE, times=2))
        limited = (429, {"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 10})
        day.server.fail(Fault("event", limited))
        for target in (event, other):
            day.hall.react(ADA, target, "❓")
        assert sorted(await day.seen_to()) == ["How big?", "How small?"]


async def test_one_that_does_not_answer_holds_up_no_other(day: Day) -> None:
    slow, quick = day.hall.say(ADA, "How small?"), day.hall.say(ADA, "How big?")
    async with day.running():
        held = day.server.fail(Fault("event", hold=asyncio.Event()))
        day.hall.react(ADA, slow, "❓")
        await held.met.wait()
        day.hall.react(ADA, quick, "❓")

        async def asked() -> bool:
            return [q.text for q in await day.questions()] == ["How big?"]

        await wait_for(asked, what="the other one")
        assert await day.waiting() == 1
    async with day.running():
        assert len(await day.seen_to()) == 2


async def test_killed_before_it_was_read(day: Day) -> None:
    event = day.hall.say(ADA, "How small?")
    async with day.running():
        held = day.server.fail(Fault("event", hold=asyncio.Event()))
        day.hall.react(ADA, event, "❓")
        await held.met.wait()
    assert await day.waiting() == 1
    async with day.running():
        assert await day.seen_to() == ["How small?"]
    async with day.running() as bot:
        assert await day.seen_to() == ["How small?"]
        await bot.quiet()
    assert day.chips() == [(event, "Q1")]


@pytest.mark.parametrize(
    ("what", "asked"), [("redacted", []), ("edited", ["How big?"]), ("taken back", [])]
)
async def test_something_changes_while_it_is_read(day: Day, what: str, asked: list[str]) -> None:
    event = day.hall.say(ADA, "How small?")
    async with day.running():
        # The answer is what the message was when it was asked for, and comes late.
        before = dict(day.hall.event(event) or {})
        held = day.server.fail(Fault("event", (200, before), hold=asyncio.Event()))
        mark = day.hall.react(ADA, event, "❓")
        await held.met.wait()
        if what == "edited":
            day.hall.say(ADA, "* How big?", **edit(event, "How big?"))
        else:
            day.hall.redact(ADA, event if what == "redacted" else mark)
        await day.taken_in()
        assert held.hold is not None
        held.hold.set()
        assert await day.seen_to() == asked


async def test_two_react_at_once_and_it_is_one_question(day: Day) -> None:
    event = day.hall.say(ADA, "How small?")
    async with day.running() as bot:
        for person in (ADA, MODERATOR):
            day.hall.react(person, event, "❓")
        assert await day.seen_to() == ["How small?"]
        await bot.quiet()
        assert "asked that" not in "".join(bot.said(HALL))
    assert day.chips() == [(event, "Q1")]


async def test_afterwards_it_follows_its_message(day: Day) -> None:
    event = day.hall.say(ADA, "How small?")
    async with day.running():
        day.hall.react(MODERATOR, event, "❓")
        await day.seen_to()
        day.hall.say(ADA, "* How big?", **edit(event, "How big?"))
        assert await day.seen_to() == ["How big?"]
        day.hall.redact(ADA, event)
        assert await day.seen_to() == [""]
