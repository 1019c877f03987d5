"""From room events to commands: what is met with silence, and what is answered how often."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from fosdembot.db.tables import Room, RoomAddress, SeenEvent
from fosdembot.matrix.power import is_bridged
from fosdembot.texts import commands as texts
from fosdembot.texts.render import say
from tests.chat.conftest import PROGRAMME
from tests.stage import (
    BOT,
    CLOUD,
    CONTROL,
    KERNEL,
    LOBBY,
    MODERATOR,
    ORGANISER,
    STRANGER,
    MakeStage,
    Stage,
    bodies,
    in_room,
    room_id,
)

ABOVE = say(texts.ANSWERED_ABOVE).plain
NOT_A_COMMAND = "I know only commands: !help. To ask a speaker, put !ask in front of your question."


@pytest.mark.parametrize(
    "body",
    [
        "!weather tomorrow",
        "!ping",
        "!tkal",
        "! what a talk",
        "!?",
        "!!",
        "hello",
        "talk",
        "!" * 60_000,
        "!" + "talk" * 15_000,
        "\u202e!talk",
        "",
    ],
)
@pytest.mark.parametrize("place", [KERNEL, CONTROL, LOBBY])
async def test_what_is_none_of_ours_is_met_with_silence(
    conference: Stage, place: str, body: str
) -> None:
    assert await conference.say(place, STRANGER, body) == []


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("tlak", "talk"),
        ("shcedule", "schedule"),
        ("hepl", "help"),
        ("undp", "undo"),
        ("udno", "undo"),
        ("taek", "take"),
        ("don", "done"),
        ("skp", "skip"),
        ("asks", "ask"),
        ("tak", "take or !talk"),
    ],
)
async def test_one_slip_gets_a_hint(conference: Stage, typed: str, meant: str) -> None:
    said = await conference.say(KERNEL, STRANGER, f"!{typed} now")
    assert in_room(said, KERNEL) == [f"Did you mean !{meant}?"]


async def test_whoever_calls_the_bot_by_name_gets_an_answer(conference: Stage) -> None:
    for name in ("bot", "@bot", "@bot:example.org", "Bot"):
        said = await conference.say(KERNEL, STRANGER, f"{name}: what is up")
        assert in_room(said, KERNEL) == [NOT_A_COMMAND]
        conference.clock.forward(3)
        said = await conference.say(KERNEL, STRANGER, f"{name} next")
        assert "Tiny kernels" in in_room(said, KERNEL)[0]


async def test_in_a_direct_chat_everything_is_meant_for_the_bot(conference: Stage) -> None:
    chat = await conference.open_direct(STRANGER)
    assert in_room(await conference.say(chat, STRANGER, "hello there"), chat) == [NOT_A_COMMAND]
    assert "Tiny" in in_room(await conference.say(chat, STRANGER, "next kernel"), chat)[0]
    # The same answer twice in a row: nobody else is disturbed by it.
    assert "Tiny" in in_room(await conference.say(chat, STRANGER, "!next kernel"), chat)[0]


async def test_a_direct_chat_that_became_a_talk_room_is_one(make_stage: MakeStage) -> None:
    stage = await make_stage()
    await stage.publish(*PROGRAMME)
    await stage.open(KERNEL)
    async with stage.database.write() as session:
        row = await session.get_one(Room, room_id(KERNEL))
        row.direct_with = ORGANISER
    await stage.news()
    assert await stage.say(KERNEL, STRANGER, "next, please") == []
    assert "Tiny" in (await stage.say(KERNEL, STRANGER, "!next"))[0].body


@pytest.mark.parametrize(
    "content", [{"msgtype": "m.notice"}, {"msgtype": "m.emote"}, {"msgtype": 7}]
)
async def test_only_what_people_write_counts(conference: Stage, content: dict[str, Any]) -> None:
    assert await conference.say(KERNEL, STRANGER, "!talk", **content) == []


async def test_an_answer_is_a_quiet_reply(conference: Stage) -> None:
    event_id, [answer] = await conference.write(KERNEL, STRANGER, "!next")
    assert answer.content["msgtype"] == "m.notice"
    assert answer.content["m.mentions"] == {}
    assert answer.content["m.relates_to"] == {"m.in_reply_to": {"event_id": event_id}}


# Edits.


async def test_an_edit_can_make_a_command(conference: Stage) -> None:
    event_id, said = await conference.write(KERNEL, STRANGER, "whats next")
    assert said == []
    conference.clock.forward(4.9)
    [answer] = await conference.edit(KERNEL, STRANGER, event_id, "!next")
    assert "Tiny" in answer.body
    assert answer.content["m.relates_to"] == {"m.in_reply_to": {"event_id": event_id}}


async def test_but_not_after_five_minutes(conference: Stage) -> None:
    event_id, _ = await conference.write(KERNEL, STRANGER, "whats next")
    conference.clock.forward(5.1)
    assert await conference.edit(KERNEL, STRANGER, event_id, "!next") == []


async def test_one_message_is_one_command_however_often_it_is_edited(conference: Stage) -> None:
    event_id, _ = await conference.write(KERNEL, MODERATOR, "!talk delay 10")
    for body in ("!talk delay 100", "!undo"):
        assert await conference.edit(KERNEL, MODERATOR, event_id, body) == []
        conference.clock.forward(2)
        assert "10:10" in (await conference.say(KERNEL, STRANGER, "!next"))[0].body
    event_id, _ = await conference.write(KERNEL, STRANGER, "so, next")
    assert len(await conference.edit(KERNEL, STRANGER, event_id, "!next")) == 1
    assert await conference.edit(KERNEL, STRANGER, event_id, "!schedule") == []


@pytest.mark.parametrize(
    "slip", ["!tlak delay 10", "!talk dealy 10", "!talk delay", "!talk delay 10 99", "!undo"]
)
async def test_what_was_declined_may_be_typed_better(conference: Stage, slip: str) -> None:
    event_id, [declined] = await conference.write(KERNEL, MODERATOR, slip)
    [again] = await conference.edit(KERNEL, MODERATOR, event_id, "!talk dleay 10")
    assert again.content["m.relates_to"] == declined.content["m.relates_to"]
    [answer] = await conference.edit(KERNEL, MODERATOR, event_id, "!talk delay 10")
    assert "10 minutes late" in answer.body
    assert await conference.edit(KERNEL, MODERATOR, event_id, "!talk delay 20") == []


async def test_edits_that_are_declined_count_each(make_stage: MakeStage) -> None:
    stage = await make_stage(limits={"commands_per_minute": 2})
    await stage.publish(*PROGRAMME)
    await stage.open(KERNEL)
    event_id, _ = await stage.write(KERNEL, STRANGER, "!vote")
    said = [
        said.body
        for number in range(4)
        for said in await stage.edit(KERNEL, STRANGER, event_id, f"!vote {number}")
    ]
    assert len(said) == 2
    assert said[-1] == say(texts.TOO_MANY).plain


async def test_an_edit_of_what_the_bot_has_not_seen_there_counts_for_nothing(
    conference: Stage,
) -> None:
    assert await conference.edit(KERNEL, STRANGER, "$unknown", "!next") == []
    elsewhere, _ = await conference.write(CLOUD, STRANGER, "hello")
    assert await conference.edit(KERNEL, STRANGER, elsewhere, "!next") == []


async def test_nobody_edits_what_another_wrote(conference: Stage) -> None:
    event_id, _ = await conference.write(KERNEL, STRANGER, "whats next")
    assert await conference.edit(KERNEL, MODERATOR, event_id, "!next") == []
    assert len(await conference.edit(KERNEL, STRANGER, event_id, "!next")) == 1


@pytest.mark.parametrize(
    "content",
    [
        {"m.relates_to": "m.replace"},
        {"m.relates_to": {"rel_type": "m.replace"}},
        {"m.relates_to": {"rel_type": "m.replace", "event_id": 5}},
        {"m.relates_to": {"rel_type": "m.thread", "event_id": "$x"}},
        {"m.new_content": "!undo"},
        {"m.new_content": {"msgtype": "m.text", "body": "!undo"}},
    ],
)
async def test_what_only_looks_like_an_edit_is_a_message(
    conference: Stage, content: dict[str, Any]
) -> None:
    [answer] = await conference.say(KERNEL, STRANGER, "!next", **content)
    assert "Tiny" in answer.body


# How often.


async def test_the_same_question_gets_a_pointer_for_two_minutes(conference: Stage) -> None:
    first = (await conference.say(KERNEL, STRANGER, "!next"))[0].body
    conference.clock.forward(1.9)
    assert (await conference.say(KERNEL, MODERATOR, "! NEXT"))[0].body == ABOVE
    assert (await conference.say(CLOUD, MODERATOR, "!next"))[0].body != ABOVE
    assert (await conference.say(KERNEL, MODERATOR, "!schedule"))[0].body != ABOVE
    conference.clock.forward(0.2)
    again = (await conference.say(KERNEL, STRANGER, "!next"))[0].body
    assert "60 minutes" in first
    assert again == first.replace("60 minutes", "58 minutes")


async def test_not_if_the_answer_is_another_by_now(conference: Stage) -> None:
    await conference.say(KERNEL, STRANGER, "!next")
    await conference.say(KERNEL, MODERATOR, "!talk delay 5")
    said = await conference.say(KERNEL, STRANGER, "!next")
    assert "10:05" in in_room(said, KERNEL)[0]


async def test_a_person_has_so_many_answers_a_minute(make_stage: MakeStage) -> None:
    stage = await make_stage(limits={"commands_per_minute": 3})
    await stage.publish(*PROGRAMME)
    await stage.open(KERNEL)
    await stage.news()

    async def ask(person: str = STRANGER, body: str = "!help") -> int:
        return len(await stage.say(KERNEL, person, body))

    assert [await ask() for _ in range(3)] == [1, 1, 1]
    said = await stage.say(KERNEL, STRANGER, "!next")
    assert in_room(said, KERNEL) == [say(texts.TOO_MANY).plain]
    assert [await ask() for _ in range(5)] == [0] * 5
    assert await ask(MODERATOR) == 1, "others are not held to it"
    assert await ask(body="!no such word") == 0
    stage.clock.forward(1)
    assert await ask() == 1


async def test_those_behind_a_relay_are_different_people(make_stage: MakeStage) -> None:
    stage = await make_stage(limits={"commands_per_minute": 1}, questions={"relays": ["@relay:*"]})
    await stage.publish(*PROGRAMME)
    await stage.open(KERNEL)
    await stage.news()
    relay = "@relay:example.org"
    for nick in ("ada", "bob", "eve"):
        assert (
            "Tiny" in (await stage.say(KERNEL, relay, f"<{nick}> !next"))[0].body or nick != "ada"
        )
    assert "a lot at once" in (await stage.say(KERNEL, relay, "<ada> !help"))[0].body


@pytest.mark.parametrize("relays", [[], ["@relay:*"]])
async def test_anybody_may_say_to_be_many(make_stage: MakeStage, relays: list[str]) -> None:
    """But is believed only where the settings say so as well."""
    stage = await make_stage(limits={"commands_per_minute": 1}, questions={"relays": relays})
    await stage.publish(*PROGRAMME)
    await stage.open(KERNEL)
    await stage.news()
    said = [
        bodies(await stage.say(KERNEL, "@relay:example.org", f"<nick{number}> !help"))
        for number in range(4)
    ]
    told, silent = [f"nick1: {say(texts.TOO_MANY).plain}"], ["", ""]
    assert said[0]
    assert (said[1:] == told + silent) == (relays == [])
    assert all(said) == (relays != [])
    stage.clock.forward(1)
    assert bodies(await stage.say(KERNEL, "@relay:example.org", "<carl> !help"))


async def test_what_came_in_while_the_bot_was_away_is_judged_by_when_it_was_said(
    make_stage: MakeStage,
) -> None:
    stage = await make_stage(limits={"commands_per_minute": 2})
    await stage.publish(*PROGRAMME)
    await stage.open(KERNEL)
    await stage.news()
    stage.clock.set(300)
    answered = [
        len(await stage.say(KERNEL, STRANGER, "!schedule", at=60 + n * 0.6)) for n in range(10)
    ]
    assert sum(answered) == 10, "two a minute, over six minutes"


# Other events.


async def receive(stage: Stage, alias: str, kind: str, content: Any, **fields: Any) -> list[str]:
    event = {
        "event_id": f"${kind}{len(await stage.outbox())}{fields}",
        "type": kind,
        "sender": STRANGER,
        "origin_server_ts": stage.clock.now().timestamp() * 1000,
        "content": content,
        **fields,
    }
    await stage.receive(alias, event)
    return in_room(await stage.news(), alias)


@pytest.mark.parametrize(
    ("alias", "words"),
    [
        (KERNEL, "does not reach the speaker"),
        (CONTROL, "fosdembot init --control-room"),
        (LOBBY, "Please ask in the talk room"),
    ],
)
async def test_an_encrypted_room_gets_one_sentence_of_its_kind(
    conference: Stage, alias: str, words: str
) -> None:
    [said] = await receive(conference, alias, "m.room.encrypted", {"ciphertext": "x"})
    assert words in said
    assert await receive(conference, alias, "m.room.encrypted", {"ciphertext": "y"}) == []
    assert await receive(conference, alias, "m.room.encryption", {}, state_key="") == []


async def test_whoever_else_is_in_a_direct_chat_is_not_taken_at_every_word(
    conference: Stage,
) -> None:
    """Somebody may call any room one, and invite the bot."""
    chat = await conference.open_direct(STRANGER)
    assert in_room(await conference.say(chat, STRANGER, "hello"), chat) != []
    for body in ("hello", "!hello", "help", "next", "mine"):
        assert await conference.say(chat, MODERATOR, body) == []
    assert in_room(await conference.say(chat, MODERATOR, "!help"), chat) != []
    assert "write to me" in bodies(await conference.say(chat, MODERATOR, "!ask kernel: Why?"))


async def test_it_follows_an_upgraded_room(conference: Stage) -> None:
    content = {"replacement_room": "!new:example.org"}
    await receive(conference, KERNEL, "m.room.tombstone", content, state_key="")
    async with conference.database.read() as session:
        address = await session.get_one(RoomAddress, KERNEL)
    assert (address.successor, address.replaces) == ("!new:example.org", room_id(KERNEL))


@pytest.mark.parametrize("person", ["@_irc_ada:example.org", "@telegram_ada:example.org"])
async def test_somebody_behind_a_bridge_is_remembered(conference: Stage, person: str) -> None:
    async with conference.database.read() as session:
        assert not await is_bridged(session, room_id(KERNEL))
    await conference.say(KERNEL, person, "hello")
    async with conference.database.read() as session:
        assert await is_bridged(session, room_id(KERNEL))
        assert not await is_bridged(session, room_id(CLOUD))
    told = await conference.hear(KERNEL, until=60)
    assert [line[:6] for line in told] == ["09:50 ", "10:00 "], "no edits from now on"


@pytest.mark.parametrize("kind", ["m.reaction", "m.room.redaction", "m.room.member", "m.sticker"])
async def test_all_else_is_nothing_yet(conference: Stage, kind: str) -> None:
    assert await receive(conference, KERNEL, kind, {"body": "!talk", "msgtype": "m.text"}) == []


async def test_whoever_commanded_learns_that_it_failed(conference: Stage) -> None:
    event = {
        "event_id": "$poison",
        "type": "m.room.message",
        "sender": STRANGER,
        "origin_server_ts": 0,
        "content": {"msgtype": "m.text", "body": "!next"},
    }
    async with conference.database.write() as session:
        await conference.router.failed(session, room_id(KERNEL), event)
        await conference.router.failed(session, room_id(KERNEL), event)
    [answer] = await conference.news()
    assert answer.body == say(texts.WENT_WRONG).plain
    assert answer.content["m.relates_to"] == {"m.in_reply_to": {"event_id": "$poison"}}
    event |= {"event_id": "$other", "content": {"msgtype": "m.text", "body": "hello"}}
    async with conference.database.write() as session:
        await conference.router.failed(session, room_id(KERNEL), event)
    assert await conference.news() == []


async def test_the_prefix_is_a_setting(make_stage: MakeStage) -> None:
    stage = await make_stage(command_prefix="..")
    await stage.publish(*PROGRAMME)
    await stage.open(KERNEL, {MODERATOR: 50, BOT: 50})
    await stage.news()
    assert await stage.say(KERNEL, STRANGER, "!talk") == []
    assert (await stage.say(KERNEL, MODERATOR, "..talk delay 1"))[0].body.endswith("..undo")
    assert "..schedule" in (await stage.tell(51))[0].body


async def test_everything_that_took_effect_is_marked(conference: Stage) -> None:
    event_id, _ = await conference.write(KERNEL, STRANGER, "hello")
    async with conference.database.read() as session:
        seen = select(SeenEvent.room_id).where(SeenEvent.event_id == event_id)
        assert await session.scalar(seen) == room_id(KERNEL)
