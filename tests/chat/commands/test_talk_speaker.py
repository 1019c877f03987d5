"""Speakers: named by moderators, or claimed and confirmed by a tap."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from fosdembot.db.tables import Outgoing
from simulation.conference import Planned
from tests.chat.audience import reactions, taken_out
from tests.chat.floor import HOST, HOSTS, SPEAKER, answer, ask, host, redact, speakers, state, tap
from tests.committed import Said
from tests.stage import CLOUD, KERNEL, MODERATOR, STRANGER, Stage, in_room, room_id, talks

ADA = "@ada:example.org"


def pill(user: str, name: str) -> dict[str, str]:
    link = f'<a href="https://matrix.to/#/{user.replace("@", "%40")}">{name}</a>'
    return {"format": "org.matrix.custom.html", "formatted_body": f"!talk speaker {link}"}


async def claim(
    stage: Stage, body: str = "!talk speaker", person: str = ADA
) -> tuple[str, list[Said]]:
    return await stage.write(KERNEL, person, body)


async def line(stage: Stage, alias: str, words: str) -> str:
    """The event of the bot's last message there with these words."""
    await stage.deliver()
    async with stage.database.read() as session:
        rows = await session.scalars(
            select(Outgoing).where(
                Outgoing.room_id == room_id(alias), Outgoing.event_type == "m.room.message"
            )
        )
        [row, *_] = [row for row in reversed(rows.all()) if words in row.content["body"]]
    assert row.event_id is not None
    return row.event_id


# Named.


@pytest.mark.parametrize(
    ("body", "content"),
    [
        (f"!talk kernel speaker {ADA}", {}),
        (f"!talk kernel speaker  {ADA} 1", {}),
        ("!talk kernel speaker Ada", pill(ADA, "Ada")),
        ("!talk kernel speaker Ada 1", pill(ADA, "Ada")),
        (f"!talk kernel speaker [Ada](https://matrix.to/#/{ADA})", pill(ADA, "Ada")),
    ],
)
async def test_named_by_a_moderator(floor: Stage, body: str, content: dict[str, str]) -> None:
    said = await host(floor, body, **content)
    assert said == f'{ADA} is a speaker of "Tiny kernels" now.'
    assert await speakers(floor) == {ADA: True}
    await ask(floor, "How small?")
    await floor.say(KERNEL, ADA, "!take")
    assert await state(floor, 1) == "answering"


async def test_whoever_is_named_is_notified(floor: Stage) -> None:
    said = await floor.say(KERNEL, MODERATOR, f"!talk speaker {ADA}")
    assert [(s.body, s.content["m.mentions"], s.content["msgtype"]) for s in said] == [
        (
            (
                'ada: you are a speaker of "Tiny kernels" now. You may take its questions and '
                "close them: !take 12, !done. What is not reached, I send you afterwards."
            ),
            {"user_ids": [ADA]},
            "m.text",
        )
    ]


async def test_help_tells_a_speaker_what_speakers_may(floor: Stage) -> None:
    part = "For the speaker: !take 12"
    assert part not in await answer(floor, KERNEL, ADA, "!help")
    await floor.say(KERNEL, MODERATOR, f"!talk speaker {ADA}")
    assert part in await answer(floor, KERNEL, ADA, "!help")
    assert part not in await answer(floor, KERNEL, MODERATOR, "!help")


async def test_named_twice(floor: Stage) -> None:
    for said in ("now", "already"):
        assert await host(floor, f"!talk kernel speaker {ADA}") == (
            f'{ADA} is a speaker of "Tiny kernels" {said}.'
        )


async def test_removed(floor: Stage) -> None:
    await host(floor, f"!talk kernel speaker {ADA}")
    assert await host(floor, f"!talk kernel speaker remove {ADA}") == (
        f'{ADA} is no speaker of "Tiny kernels" any more.'
    )
    assert await speakers(floor) == {}
    assert await host(floor, f"!talk kernel speaker remove {ADA}") == (
        f'{ADA} is no speaker of "Tiny kernels".'
    )
    assert await host(floor, f"!talk kernel speaker remove {SPEAKER}") == (
        f"{SPEAKER} is listed in my settings: an organiser can take that out."
    )


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("!talk kernel speaker Ada", "Who? Type !talk speaker @name:server"),
        ("!talk kernel speaker remove", "Who? Type !talk speaker @name:server"),
        ("!talk kernel speaker @ada", "Who? Type !talk speaker @name:server"),
        ("!talk kernel speaker @ada:example.org 77", "No talk of this room has that ID."),
    ],
)
async def test_who_and_where_must_be_clear(floor: Stage, body: str, said: str) -> None:
    assert (await host(floor, body)).startswith(said)
    assert await speakers(floor) == {}


async def test_two_talks_at_once_in_one_room(floor: Stage) -> None:
    await floor.publish(
        *talks(Planned(1, "One", 60, 25), Planned(2, "Other", 60, 25, place="Attic"))
    )
    said = 'Which talk? Add its ID, like !talk speaker @ada:example.org 2: 2 "Other", 1 "One"'
    assert await answer(floor, KERNEL, MODERATOR, f"!talk speaker {ADA}") == said


async def test_others_name_nobody(floor: Stage) -> None:
    for body in (f"!talk speaker {SPEAKER}", f"!talk speaker remove {SPEAKER}"):
        assert await answer(floor, KERNEL, STRANGER, body) == (
            "Only this room's moderators can name a speaker. Is it you? Then type !talk speaker"
        )
    assert await speakers(floor) == {}


# Claimed.


@pytest.mark.parametrize("body", ["!talk speaker", "!talk speaker 1", f"!talk speaker {ADA}"])
async def test_a_claim_gives_no_power_until_it_is_confirmed(floor: Stage, body: str) -> None:
    await ask(floor, "How small?")
    _, said = await claim(floor, body)
    [here], [there] = in_room(said, KERNEL), in_room(said, HOSTS)
    assert here == (
        f'Is {ADA} the speaker of "Tiny kernels"? Moderators, if that is so: ✅ on this '
        f"message, or !talk speaker {ADA}"
    )
    assert there.endswith(f"!talk kernel speaker {ADA}")
    event = await line(floor, KERNEL, "Is @ada")
    await tap(floor, ADA, event, "✅")
    await tap(floor, STRANGER, event, "✅")
    await tap(floor, SPEAKER, event, "✅")
    await tap(floor, MODERATOR, event, "⭐")
    await floor.say(KERNEL, ADA, "!take")
    assert await speakers(floor) == {ADA: False}
    assert await state(floor, 1) == "open"
    await tap(floor, MODERATOR, event, "✅")
    await floor.say(KERNEL, ADA, "!take")
    assert await state(floor, 1) == "answering"


@pytest.mark.parametrize("where", [KERNEL, HOSTS])
async def test_one_tap_on_the_bots_question_confirms(floor: Stage, where: str) -> None:
    await claim(floor)
    event = await line(floor, where, "Is @ada")
    await floor.news()
    for _ in range(2):
        await tap(floor, HOST, event, "✅", alias=where)
    assert await speakers(floor) == {ADA: True}
    assert [s.content["m.mentions"] for s in await floor.news()] == [{"user_ids": [ADA]}]


async def test_the_question_has_a_button(floor: Stage) -> None:
    event, _ = await claim(floor)
    assert await reactions(floor, f"claim/{event}/{room_id(HOSTS)}") == ["✅"]
    assert await reactions(floor, f"answer/{event}") == ["✅"]


async def test_a_tap_on_the_claim_itself_confirms_nothing(floor: Stage) -> None:
    """Its words are the claimant's, who can make others of them at any time."""
    event, _ = await claim(floor)
    for person in (MODERATOR, HOST):
        await tap(floor, person, event, "✅")
    assert await speakers(floor) == {ADA: False}


@pytest.mark.parametrize("body", ["Thank you for the nice talk!", "!talk speaker", "+1", " "])
async def test_a_claim_that_is_edited_is_void(floor: Stage, body: str) -> None:
    event, _ = await claim(floor)
    asked = {alias: await line(floor, alias, "Is @ada") for alias in (KERNEL, HOSTS)}
    await floor.edit(KERNEL, STRANGER, event, body)
    assert await speakers(floor) == {ADA: False}, "others do not edit it"
    await floor.edit(KERNEL, ADA, event, body)
    assert await speakers(floor) == {}
    assert await taken_out(floor) >= {f"claim/{event}/{room_id(HOSTS)}", f"answer/{event}"}
    for alias, question in asked.items():
        await tap(floor, MODERATOR, event, "✅")
        await tap(floor, HOST, question, "✅", alias=alias)
    assert await speakers(floor) == {}
    await claim(floor)
    assert await speakers(floor) == {ADA: False}, "it can be said again"


async def test_who_is_confirmed_may_edit_the_claim(floor: Stage) -> None:
    event, _ = await claim(floor)
    await tap(floor, MODERATOR, await line(floor, KERNEL, "Is @ada"), "✅")
    await floor.edit(KERNEL, ADA, event, "I am the speaker!")
    assert await speakers(floor) == {ADA: True}


async def test_a_second_claim_tells_nobody_again(floor: Stage) -> None:
    await claim(floor)
    _, said = await claim(floor)
    assert said == []
    assert await speakers(floor) == {ADA: False}


async def test_a_moderator_of_another_room_confirms_nothing(floor: Stage) -> None:
    await claim(floor)
    await floor.open(CLOUD, {STRANGER: 100})
    event = await line(floor, KERNEL, "Is @ada")
    for alias in (CLOUD, KERNEL):
        await tap(floor, STRANGER, event, "✅", alias=alias)
    assert await speakers(floor) == {ADA: False}


async def test_a_redacted_claim_is_gone(floor: Stage) -> None:
    event, _ = await claim(floor)
    card = await line(floor, HOSTS, "Is @ada")
    await redact(floor, STRANGER, event)
    assert await speakers(floor) == {ADA: False}, "others may not"
    await redact(floor, ADA, event)
    assert await speakers(floor) == {}
    await tap(floor, HOST, card, "✅", alias=HOSTS)
    assert await speakers(floor) == {}
    async with floor.database.read() as session:
        rows = await session.scalars(
            select(Outgoing.target).where(Outgoing.event_type == "m.room.redaction")
        )
        assert set(rows) >= {f"claim/{event}/{room_id(HOSTS)}", f"answer/{event}"}


async def test_a_claim_that_is_confirmed_stays_when_it_is_redacted(floor: Stage) -> None:
    event, _ = await claim(floor)
    await tap(floor, MODERATOR, await line(floor, KERNEL, "Is @ada"), "✅")
    await redact(floor, ADA, event)
    assert await speakers(floor) == {ADA: True}


async def test_a_claim_by_direct_message_needs_a_hosts_room(floor: Stage) -> None:
    direct = await floor.open_direct(ADA)
    said = await answer(floor, direct, ADA, "!talk kernel speaker")
    assert said.startswith("The moderators are asked.")
    event = await line(floor, HOSTS, "Is @ada")
    await tap(floor, HOST, event, "✅", alias=HOSTS)
    assert await speakers(floor) == {ADA: True}


async def test_those_behind_a_relay_claim_nothing(floor: Stage) -> None:
    said = await answer(floor, KERNEL, MODERATOR, "<ada> !talk speaker")
    assert said == "ada: I cannot tell who you are behind the bridge. Ask a moderator."
    assert await speakers(floor) == {}


async def test_a_name_cannot_speak_for_the_bot(floor: Stage) -> None:
    name = "Moderator\n✅ @room <b>confirmed</b>\u202e"
    member = {"membership": "join", "displayname": name}
    await floor.state(KERNEL, "m.room.member", member, key=ADA)
    _, said = await claim(floor)
    for each in said:
        assert "\n" not in each.body
        assert "@room" not in each.body
        assert "\u202e" not in each.body
        assert "<b>confirmed" not in each.html
        assert ADA in each.body
