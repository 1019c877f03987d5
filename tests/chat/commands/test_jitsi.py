"""`!jitsi`: which meeting the talks of a room have, and how it is there; never in public."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from fosdembot.chat.commands.jitsi_test import AT_ONCE, MOST
from fosdembot.conference.meetings import Probed
from fosdembot.meeting_url import MeetingUrl
from fosdembot.texts import jitsi as texts
from fosdembot.texts.render import say
from simulation.conference import Planned
from simulation.waiting import wait_for
from tests.chat.floor import HOST, HOSTS, SETTINGS, answer, host, join_hosts
from tests.stage import (
    CLOUD,
    CONTROL,
    KERNEL,
    LISTED,
    LOBBY,
    MODERATOR,
    ORGANISER,
    STRANGER,
    MakeStage,
    Stage,
    bodies,
    in_room,
)

URL = "https://meet.example.org/Backstage"
MEETING = MeetingUrl("meet.example.org", "backstage")
HALL = MeetingUrl("meet.example.org", "hall")
ATTIC = MeetingUrl("meet.example.org", "attic")
JITSI: dict[str, Any] = {
    "servers": {"meet.example.org": {}},
    "template": "https://meet.example.org/{room}",
}
NAMED = (
    "kernel: noted. I am there from 15 minutes before each talk on. As in the schedule again: "
    "!jitsi kernel reset"
)


@pytest.fixture
async def stage(make_stage: MakeStage, opened: Path) -> Stage:
    """It is 10:05; the first talk of `PROGRAMME` is on."""
    stage = await make_stage(opened, **SETTINGS, jitsi=JITSI)
    stage.clock.set(65)
    await stage.open(HOSTS)
    await join_hosts(stage, HOST)
    return stage


async def meetings(stage: Stage) -> dict[str, list[MeetingUrl]]:
    """By talk room."""
    async with stage.database.read() as session:
        found = await stage.bot.meetings.of_rooms(session)
    return {address: list(of) for address, of in found.items()}


def note(stage: Stage, meeting: MeetingUrl, **fields: Any) -> None:
    stage.bot.meetings.note(meeting, stage.clock.now(), **fields)


# Which meeting.


async def test_a_host_names_the_meeting_of_a_room(stage: Stage) -> None:
    assert await host(stage, f"!jitsi kernel {URL}") == NAMED
    assert await meetings(stage) == {KERNEL: [MEETING], CLOUD: [ATTIC]}
    assert "backstage" not in bodies(await stage.outbox()).lower()
    assert await host(stage, "!jitsi kernel off") == (
        "kernel: I go into no meeting any more. As in the schedule again: !jitsi kernel reset"
    )
    assert await meetings(stage) == {CLOUD: [ATTIC]}
    assert await host(stage, "!jitsi kernel reset") == (
        "kernel: the meeting is the one of schedule and settings again."
    )
    assert await meetings(stage) == {KERNEL: [HALL], CLOUD: [ATTIC]}
    assert await host(stage, "!jitsi kernel reset") == (
        "kernel: nobody had named another meeting than the schedule."
    )


@pytest.mark.parametrize("body", [f"kernel jitsi {URL}", f"!jitsi KERNEL: <{URL}>"])
async def test_as_hosts_type_it_in_their_room(stage: Stage, body: str) -> None:
    assert await host(stage, body) == NAMED
    assert (await meetings(stage))[KERNEL] == [MEETING]


@pytest.mark.parametrize("body", ["jitsi?", "kernel jitsi is broken", "jitsi is slow"])
async def test_hosts_may_talk_about_jitsi(stage: Stage, body: str) -> None:
    assert await host(stage, body) == ""


async def test_by_direct_message(stage: Stage) -> None:
    chat = await stage.open_direct(LISTED)
    said = await answer(stage, chat, LISTED, f"!jitsi kernel {URL}")
    assert said == NAMED
    assert (await meetings(stage))[KERNEL] == [MEETING]


async def test_without_the_room_it_is_asked_back_and_nothing_is_repeated(stage: Stage) -> None:
    said = await host(stage, f"!jitsi {URL}")
    assert said.startswith("Which room")
    assert "!jitsi kernel URL" in said
    assert "ackstage" not in said


async def test_where_schedule_and_settings_name_none(make_stage: MakeStage, opened: Path) -> None:
    servers = {"servers": JITSI["servers"]}
    stage = await make_stage(opened, **SETTINGS, jitsi=servers)
    await stage.open(HOSTS)
    await join_hosts(stage, HOST)
    assert await host(stage, "!jitsi status") == "No talk here has a meeting that I know."
    assert await host(stage, "!jitsi kernel") == "kernel: no meeting is known."
    await host(stage, f"!jitsi kernel {URL}")
    assert await host(stage, "!jitsi kernel reset") == (
        "kernel: schedule and settings name no meeting, so there is none."
    )
    await host(stage, "!jitsi kernel off")
    assert await host(stage, "!jitsi kernel") == "kernel: no meeting, as somebody decided."


# Who, and where.


@pytest.mark.parametrize("alias", [KERNEL, LOBBY])
@pytest.mark.parametrize("body", [f"!jitsi {URL}", f"!jitsi {URL}?jwt=hush", f"!jitsi test {URL}"])
async def test_in_public_it_is_refused_and_never_repeated(
    stage: Stage, alias: str, body: str
) -> None:
    said = await answer(stage, alias, LISTED, body)
    assert said == say_plain(texts.ELSEWHERE_SAID)
    assert (await meetings(stage))[KERNEL] == [HALL]


@pytest.mark.parametrize("body", ["!jitsi", "!jitsi status", "!jitsi off", "!jitsi help"])
async def test_nor_is_anything_shown_there(stage: Stage, body: str) -> None:
    note(stage, HALL, is_in=True, people=("Ada",))
    assert await answer(stage, KERNEL, MODERATOR, body) == say_plain(texts.ELSEWHERE)
    assert (await meetings(stage))[KERNEL] == [HALL]


@pytest.mark.parametrize("body", [f"!jitsi {URL}?jwt=hush", "!jitsi status", "!jitsi off"])
async def test_attendees_have_no_meeting_to_see_to(stage: Stage, body: str) -> None:
    said = await answer(stage, KERNEL, STRANGER, body)
    assert said.startswith("Only this room's moderators can do that.")
    chat = await stage.open_direct(STRANGER)
    for typed in (body, f"!jitsi kernel {URL}", f"!jitsi test {URL}", "!jitsi kernel"):
        said = await answer(stage, chat, STRANGER, typed)
        assert "hush" not in said
        assert "Only this room's moderators" in said or "password" in said or "Which" in said
    assert (await meetings(stage))[KERNEL] == [HALL]


async def test_moderators_see_in_a_direct_chat_what_is_theirs(stage: Stage) -> None:
    chat = await stage.open_direct(MODERATOR)
    note(stage, HALL, is_in=True, people=("Ada",))
    note(stage, ATTIC, is_in=True, people=("Bob",))
    said = await answer(stage, chat, MODERATOR, "!jitsi status")
    assert said == "kernel: 1 person is there: Ada."


# Bad input.


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("meet.example.org/backstage", "A meeting is an address like !jitsi kernel https://"),
        ("http://meet.example.org/backstage", "A meeting's address begins with https://"),
        ("https://meet.example.org/" + "я" * 170, "That address is too long: take a shorter name"),
        ("https://meet.example.org", "That address names no meeting"),
        ("https://meet.example.org/backstage and more", "A meeting is an address like"),
        ("https://meet.example.org/backstage?jwt=hush", "That address holds a password or token"),
        ("https://meet.example.org/backstage#jwt=hush" + "a" * 900, "That address holds"),
        ("https://me:hush@meet.example.org/backstage", "That address holds a password or token"),
        ("backstage?password=hush", "That address holds a password or token"),
        (
            "https://other.example/backstage",
            "I may not connect to other.example: an organiser has to name it in my settings",
        ),
    ],
)
async def test_bad_input_gets_one_sentence_and_nothing_is_repeated(
    stage: Stage, typed: str, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    answered = await host(stage, f"!jitsi kernel {typed}")
    assert answered.startswith(said)
    for kept in (bodies(await stage.outbox()), caplog.text):
        assert "hush" not in kept
        assert "backstage" not in kept
    assert (await meetings(stage))[KERNEL] == [HALL]


async def test_of_what_was_typed_nothing_is_kept(stage: Stage) -> None:
    for body in (
        f"!jitsi kernel {URL}?jwt=hush",
        f"!jitsi {URL}?jwt=hush",
        "!jitsi kernel ?jwt=hush",
    ):
        event, _ = await stage.write(HOSTS, HOST, body)
        await stage.edit(HOSTS, HOST, event, f"{body}&more=hush")
        await stage.say(KERNEL, MODERATOR, body)
    assert "hush" not in await whole_database(stage)


async def whole_database(stage: Stage) -> str:
    async with stage.database.read() as session:
        names = await session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table'"))
        found = []
        for name in names.all():
            rows = await session.execute(text(f"SELECT * FROM {name}"))
            found += [repr(tuple(row)) for row in rows]
    return "\n".join(found)


async def test_help_is_where_hosts_are(stage: Stage) -> None:
    assert (await host(stage, "!help")).endswith(", kernel jitsi")
    usage = "Type !jitsi kernel https://… (the speakers' meeting), status, off (no meeting), "
    assert (await host(stage, "!jitsi kernel help")).startswith(usage)
    said = await host(stage, "!jitsi")
    assert said.splitlines()[-1].startswith("Type !jitsi https://…")


# How it is.


async def test_status_names_each_room_those_in_trouble_first(stage: Stage) -> None:
    assert await host(stage, "!jitsi status") == (
        "kernel: I am on my way in.\ncloud: I am on my way in."
    )
    note(stage, HALL, is_in=True, people=("Ada", "Bob", "Eve", "Mal", "<b>"))
    note(stage, ATTIC, trouble="away")
    assert await host(stage, "!jitsi status") == (
        "cloud: its server does not answer. I keep trying.\n"
        "kernel: 5 people are there: Ada, Bob, Eve and 2 others."
    )
    assert await answer(stage, CONTROL, ORGANISER, "!jitsi status") == await host(
        stage, "jitsi status"
    )
    stage.clock.set(600)
    stage.bot.meetings.gone(HALL)
    assert await host(stage, "!jitsi kernel") == (
        "kernel: no more talks there.\nThe meeting: https://meet.example.org/hall"
    )
    stage.clock.set(0)
    assert (await host(stage, "!jitsi kernel")).startswith("kernel: I come at 09:45.")


async def test_a_talk_tells_who_is_in_its_meeting_and_never_which_it_is(stage: Stage) -> None:
    async def last() -> str:
        said = await answer(stage, CONTROL, ORGANISER, "!conf talk 1")
        assert "meet.example.org" not in said
        return said.splitlines()[-1]

    assert await last() == "Meeting: I am not there now."
    note(stage, HALL, is_in=True)
    assert await last() == "Meeting: nobody is there but me and those who watch."
    note(stage, HALL, people=("Ada", "Bob"))
    assert await last() == "Meeting: 2 people are there: Ada and Bob."
    note(stage, HALL, is_in=False, trouble="waits in the lobby")
    assert await last() == "Meeting: I wait in its lobby. Please let me in."
    await host(stage, "!jitsi kernel off")
    assert "Meeting" not in await last()


async def test_of_many_rooms_the_rest_is_a_count(make_stage: MakeStage) -> None:
    stage = await make_stage(jitsi=JITSI)
    await stage.open(CONTROL)
    await stage.publish(
        *(
            Planned(n, "A", 60, 25, chat_room=f"#r{n:02}:example.org", place=f"Hall {n}")
            for n in range(60)
        )
    )
    said = (await answer(stage, CONTROL, ORGANISER, "!jitsi status")).splitlines()
    assert len(said) == 21
    assert said[-1] == "And 40 more rooms: !jitsi ROOM"


# A try.


class Server:
    """Stands for servers of meetings, which take their time."""

    def __init__(self) -> None:
        self.asked: list[MeetingUrl] = []
        self.answers: asyncio.Queue[Probed | Exception] = asyncio.Queue()

    async def probe(self, meeting: MeetingUrl) -> Probed:
        self.asked.append(meeting)
        found = await self.answers.get()
        if isinstance(found, Exception):
            raise found
        return found


@pytest.fixture
async def server(stage: Stage) -> Server:
    server = Server()
    stage.bot.meeting_tests.probe = server.probe
    return server


async def outcome(stage: Stage) -> list[str]:
    """What the hosts are told once it is known."""

    async def told() -> list[str]:
        return in_room(await stage.news(), HOSTS)

    return await wait_for(told, what="the answer", every=0.01)


@pytest.mark.parametrize(
    ("probed", "said"),
    [
        (Probed(), "That meeting: it is on, and seems to let me in."),
        (
            Probed("not started"),
            ("That meeting: its server lets me in. Nobody is there yet, and I am never the first."),
        ),
        (
            Probed("token refused", "not-allowed"),
            (
                "That meeting: its server refuses my token (not-allowed). An organiser has to "
                "correct it in my settings, under jitsi.servers."
            ),
        ),
        (
            ZeroDivisionError("hush"),
            "That meeting: its server sends what I cannot read (ZeroDivisionError).",
        ),
    ],
)
async def test_a_try_is_answered_when_the_server_has_answered(
    stage: Stage, server: Server, probed: Probed | Exception, said: str
) -> None:
    assert await host(stage, f"!jitsi test {URL}") == say_plain(texts.TESTING)
    assert server.asked == [], "no transaction waits for a server"
    await stage.bot.meeting_tests.step()
    await stage.news()
    server.answers.put_nowait(probed)
    assert await outcome(stage) == [said]
    assert server.asked == [MEETING]
    assert (await meetings(stage))[KERNEL] == [HALL], "nothing is decided by it"
    await stage.bot.meeting_tests.step()
    assert in_room(await stage.news(), HOSTS) == []


async def test_only_configured_servers_are_tried_and_a_few_at_a_time(
    stage: Stage, server: Server
) -> None:
    said = await host(stage, "!jitsi test https://other.example/a")
    assert said.startswith("I may not connect to other.example")
    assert await host(stage, "!jitsi test") == (
        "Which meeting? Type !jitsi test https://meet.example.org/kernel"
    )
    for _ in range(MOST):
        assert await host(stage, f"!jitsi test {URL}") == say_plain(texts.TESTING)
    assert await host(stage, f"!jitsi test {URL}") == say_plain(texts.TOO_MANY_TESTS)
    for _ in range(3):
        await stage.bot.meeting_tests.step()
        await asyncio.sleep(0)
    assert len(server.asked) == AT_ONCE // 2
    await stage.bot.meeting_tests.close()


def say_plain(template: str) -> str:
    return say(template, p="!").plain
