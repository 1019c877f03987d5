"""❓ on a message makes it a question."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from fosdembot.db.engine import Database
from simulation.fake_homeserver import FakeHomeserver
from simulation.fake_requests import Fault
from simulation.fake_rooms import FakeRoom
from simulation.running import BOT
from tests.chat.proposals import (
    ADA,
    BOB,
    HALL,
    IRC,
    LOBBY,
    MODERATOR,
    RELAY,
    Day,
    day,
    edit,
    hall,
)
from tests.running import database, server

__all__ = ["database", "day", "hall", "server"]


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


@pytest.mark.parametrize(
    ("setting", "may", "may_not"),
    [
        ("author", [ADA, MODERATOR], [BOB]),
        ("anybody", [BOB], [RELAY]),
        ("nobody", [], [ADA, MODERATOR]),
    ],
)
async def test_who_may(day: Day, setting: str, may: list[str], may_not: list[str]) -> None:
    people = [*may, *may_not]
    texts = (("How small?", "How big?"), ("Why old?", "Why new?"), ("Where to?", "Where from?"))
    old = [day.hall.say(ADA, text) for _, (text, _) in zip(people, texts, strict=False)]
    async with day.running(ask_by_reaction=setting):
        for who, event, (_, text) in zip(people, old, texts, strict=False):
            for each in (event, day.hall.say(ADA, text)):
                day.hall.react(who, each, "❓")
        either = await day.seen_to()  # All are read at once: any may be asked first.
        assert set(either) == {text for both in texts[: len(may)] for text in both}
    assert {q.asker for q in await day.questions()} <= {ADA}


async def test_one_who_may_not_takes_it_from_nobody(day: Day) -> None:
    event = day.hall.say(ADA, "How small?")
    async with day.running():
        held = day.server.fail(Fault("event", hold=asyncio.Event()))
        day.hall.react(BOB, event, "❓")
        await held.was_met()
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


async def test_what_others_have_touched_stays(day: Day) -> None:
    touches = ("vote", "star", "done", "withdraw", "other")
    texts = ("How small?", "How big?", "Why old?", "Why new?", "Where to?")
    events = {touch: day.hall.say(ADA, text) for touch, text in zip(touches, texts, strict=True)}

    async def standing() -> dict[str | None, tuple[str, int]]:
        return {q.source: (q.state, q.votes) for q in await day.questions()}

    async with day.running():
        marks = {touch: day.hall.react(ADA, event, "❓") for touch, event in events.items()}
        await day.seen_to()
        numbers = {q.source: q.number for q in await day.questions()}
        day.hall.react(BOB, events["vote"], "👍")
        for command in ("star", "done"):
            day.hall.say(MODERATOR, f"!{command} {numbers[events[command]]}")
        day.hall.say(ADA, f"!withdraw {numbers[events['withdraw']]}")
        marks["other"] = day.hall.react(BOB, events["other"], "❓")
        await day.seen_to()
        before = await standing()
        assert [before[events[touch]] for touch in touches] == [
            ("open", 1),
            ("starred", 0),
            ("answered", 0),
            ("withdrawn", 0),
            ("open", 0),
        ]
        for touch, mark in marks.items():
            day.hall.redact(BOB if touch == "other" else ADA, mark)
        await day.seen_to()
        assert await standing() == before
        day.hall.react(ADA, events["withdraw"], "❓")
        await day.seen_to()
        assert await standing() == before


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


NO_QUESTIONS: list[dict[str, Any]] = [
    {"msgtype": "m.notice", "body": "How small?"},
    {"msgtype": "m.image", "body": "cat.png"},
    {"msgtype": "m.text", "body": ["How small?"]},
    {"msgtype": "m.text", "m.new_content": []},
    {"body": {}},
    {"x": "y" * 10_000},
]


async def test_only_what_people_write(day: Day) -> None:
    edit_of_nothing = {"rel_type": "m.replace"}
    odd = {"msgtype": "m.text", "body": "How?", "m.relates_to": edit_of_nothing}
    contents = [*NO_QUESTIONS, odd]
    events = [day.hall.add(ADA, "m.room.message", each)["event_id"] for each in contents]
    good = day.hall.say(ADA, "How big?")
    async with day.running():
        for target in (*events, good):
            day.hall.react(MODERATOR, target, "❓")
        assert sorted(await day.seen_to()) == ["How big?", "How?"], "they are read at the same time"


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


async def test_no_other_reaction_is_one(day: Day) -> None:
    event = day.hall.say(ADA, "How small?")
    async with day.running() as bot:
        for key in ("❓" * 4000, "?", "❓ ", "👍", ""):
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
