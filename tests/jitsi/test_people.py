"""The bot in a meeting, at the fake of a server: who is there, what is heard, and what
somebody can do who means harm."""

from __future__ import annotations

import asyncio
import gc
from xml.etree import ElementTree as ET

import pytest

from fosdembot.jitsi.meeting import Arrived, Left, Participant, Said
from fosdembot.jitsi.muc import LONGEST_HEARD, Meeting
from fosdembot.jitsi.xmpp import MOST_ANSWERS
from simulation.fake_meeting_server import (
    BIND,
    MUC,
    NICK,
    FakeMeetingServer,
    Step,
    body,
    error,
    message,
    named,
    opens,
    presence,
)

from .visit import event, said, visit

ROOM = f"hall@{MUC}"
US = f"{ROOM}/{NICK}"
MIRA = f"{ROOM}/aaaaaaaa"
HERE = presence(MIRA, inside=named("Mira"))


def with_mira(**fields: object) -> FakeMeetingServer:
    return FakeMeetingServer(people=[HERE], **fields)  # type: ignore[arg-type]


# --- people ---------------------------------------------------------------------------


async def test_people_come_change_and_leave() -> None:
    async with visit(with_mira()) as at:
        meeting = await at.enter()
        mira = Participant("aaaaaaaa", "Mira")
        await at.server.sends(
            HERE,
            presence(MIRA, inside=named("Mira"), item='affiliation="owner" role="moderator"'),
            presence(US, item='affiliation="owner" role="moderator"'),
            presence(f"other@{MUC}/bbbbbbbb", inside=named("Elsewhere")),
        )
        # Of one who changes the last counts.
        while await event(meeting) != Arrived(Participant("aaaaaaaa", "Mira", is_owner=True)):
            pass
        await at.server.sends(presence(MIRA, type_="unavailable"))
        left = await event(meeting)
        assert isinstance(left, Left)
        assert left.participant.id == mira.id
        assert not meeting.participants


@pytest.mark.parametrize("nick", ["a\nb", "a&#9;b", "x" * 101, ""])
async def test_nicks_that_are_none_are_nobody(nick: str) -> None:
    async with visit(with_mira()) as at:
        meeting = await at.enter()
        strange = f"{ROOM}/{nick}".replace("\n", "&#10;")
        await at.server.sends(
            presence(strange, inside=named("Strange")),
            message(strange, "1", body("!next")),
            message(MIRA, "2", body("hello")),
        )
        assert (await said(meeting)).id == "2"
        assert set(meeting.participants) == {"aaaaaaaa"}


async def test_what_is_heard() -> None:
    async with visit(with_mira()) as at:
        meeting = await at.enter()
        reply = '<reply xmlns="urn:xmpp:reply:0" to="line-1"/>'
        await at.server.sends(
            message(MIRA, "1", body("!next")),
            message(MIRA, "2", body("an answer") + reply),
            message(MIRA, "3", body("an answer") + '<reply id="line-2" to="somebody"/>'),
            message(MIRA, "4", body("!help"), "chat"),
        )
        mira = Participant("aaaaaaaa", "Mira")
        assert [await said(meeting) for _ in range(4)] == [
            Said("1", mira, "!next"),
            Said("2", mira, "an answer", reply_to="line-1"),
            Said("3", mira, "an answer", reply_to="line-2"),
            Said("4", mira, "!help", is_private=True),
        ]


NOT_HEARD = {
    "of the past, or forged as that": message(
        MIRA, "1", body("!next") + '<delay xmlns="urn:xmpp:delay"/>'
    ),
    "of somebody who is not there": message(f"{ROOM}/cccccccc", "1", body("!next")),
    "of another room": message(f"other@{MUC}/aaaaaaaa", "1", body("!next")),
    "of nobody": message("", "1", body("!next")),
    "of the room itself": message(ROOM, "1", body("!next")),
    "from beyond the room": message("aaaaaaaa@meet.jitsi/r", "1", body("!next"), "chat"),
    "of ourselves": message(US, "1", body("!next")),
    "an error": message(MIRA, "1", body("!next") + error("forbidden"), "error"),
    "of no kind": message(MIRA, "1", body("!next"), "headline"),
    "without an id": message(MIRA, "", body("!next")),
    "with an id that is too long": message(MIRA, "x" * 101, body("!next")),
    "with an id that is none": message(MIRA, "a&#10;b", body("!next")),
    "without words": message(MIRA, "1", ""),
    "with empty words": message(MIRA, "1", "<body/>"),
    "in another namespace": message(MIRA, "1", '<body xmlns="x">!next</body>'),
    "a stanza of another namespace": message(MIRA, "1", body("!next")).replace(
        "jabber:client", "jabber:server"
    ),
    "a correction": message(
        MIRA, "1", body("!next") + '<replace xmlns="urn:xmpp:message-correct:0" id="0"/>'
    ),
    "taken back": message(
        MIRA, "1", body("!next") + '<retract xmlns="urn:xmpp:message-retract:1" id="0"/>'
    ),
    "a poll": message(
        MIRA, "1", '<json-message xmlns="http://jitsi.org/jitmeet">{}</json-message>'
    ),
}


@pytest.mark.parametrize("what", NOT_HEARD)
async def test_what_is_not_heard(what: str) -> None:
    async with visit(with_mira()) as at:
        meeting = await at.enter()
        await at.server.sends(NOT_HEARD[what], message(MIRA, "last", body("hello")))
        assert (await said(meeting)).id == "last"


async def test_a_message_of_300_kb_is_cut() -> None:
    async with visit(with_mira()) as at:
        meeting = await at.enter()
        await at.server.sends(message(MIRA, "1", body("x" * 300_000)))
        assert len((await said(meeting)).text) == LONGEST_HEARD


async def test_names_give_no_power() -> None:
    people = [
        presence(f"{ROOM}/owner", inside=named("owner") + '<item affiliation="owner"/>'),
        presence(MIRA, inside="<identity><user><id>ada</id></user></identity>"),
    ]
    async with visit(FakeMeetingServer(people=people)) as at:
        meeting = await at.enter()
        assert set(meeting.participants) == {"owner", "aaaaaaaa"}
        for participant in meeting.participants.values():
            assert not participant.is_owner
            # This server asks for no token: everybody can write who they are.
            assert participant.identity is None


async def test_an_identity_counts_where_the_bot_itself_needs_a_token() -> None:
    people = [presence(MIRA, inside="<identity><user><id>ada</id></user></identity>")]
    async with visit(FakeMeetingServer(people=people), settings={"token": "ey.given"}) as at:
        meeting = await at.enter()
        assert meeting.participants["aaaaaaaa"].identity == "ada"


# --- crowds ---------------------------------------------------------------------------


def size(meeting: Meeting) -> int:
    """How many objects a meeting holds."""
    gc.collect()
    seen = {id(meeting)}
    found: list[object] = [meeting]
    while found:
        for held in gc.get_referents(found.pop()):
            if id(held) not in seen and isinstance(held, dict | set | list | Participant | Said):
                seen.add(id(held))
                found.append(held)
    return len(seen)


async def test_a_crowd_is_bounded_and_drowns_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fosdembot.jitsi.muc.MOST_PARTICIPANTS", 600)
    async with visit(with_mira()) as at:
        meeting = await at.enter()
        # As fast as they come; nobody listens meanwhile.
        for number in range(1_000):
            await at.server.sends(presence(f"{ROOM}/{number:08}", inside=named("x" * 1_000)))
        await at.server.sends(message(MIRA, "1", body("!next")))
        async with asyncio.timeout(30):
            assert (await said(meeting)).text == "!next"
        assert len(meeting.participants) == 600
        assert size(meeting) < 2_000


async def test_one_who_asks_without_end_is_not_always_answered() -> None:
    async with visit(with_mira()) as at:
        meeting = await at.enter()
        ping = '<ping xmlns="urn:xmpp:ping"/>'
        ask = f'<iq xmlns="jabber:client" type="get" id="{{}}" from="{{}}">{ping}</iq>'
        for number in range(500):
            await at.server.sends(ask.format(number, MIRA))
        await at.server.sends(message(MIRA, "last", body("hello")))
        assert (await said(meeting)).id == "last"
        await meeting.say("line-1", "still here")
        await at.server.sees(Step.SAY)
        answers = [sent for step, sent in at.server.got if step is Step.ANSWER]
        assert len(answers) == MOST_ANSWERS
        # Later it is answered again.
        await at.clock.advance(1)
        await at.server.sends(ask.format("later", MIRA))
        assert (await at.server.sees(Step.ANSWER, MOST_ANSWERS + 1)).get("id") == "later"


@pytest.mark.parametrize(
    ("asks", "answer"),
    [
        ('<ping xmlns="urn:xmpp:ping"/>', ("result", "")),
        (
            '<query xmlns="http://jabber.org/protocol/disco#info"/>',
            ("result", "{http://jabber.org/protocol/disco#info}query"),
        ),
        # A lone client offers to call.
        ('<jingle xmlns="urn:xmpp:jingle:1"/>', ("error", "{jabber:client}error")),
        ("", ("error", "{jabber:client}error")),
    ],
)
async def test_each_question_is_answered(asks: str, answer: tuple[str, str]) -> None:
    async with visit(with_mira()) as at:
        await at.enter()
        await at.server.sends(
            f'<iq xmlns="jabber:client" type="get" id="q" from="{MIRA}">{asks}</iq>'
        )
        sent: ET.Element = await at.server.sees(Step.ANSWER)
        assert (sent.get("id"), sent.get("to")) == ("q", MIRA)
        assert (sent.get("type"), sent[0].tag if len(sent) else "") == answer


async def test_questions_that_can_have_no_answer() -> None:
    async with visit(with_mira()) as at:
        meeting = await at.enter()
        ask = '<iq xmlns="jabber:client" type="get"{}><ping xmlns="urn:xmpp:ping"/></iq>'
        long = "x" * 5_000
        for given in ("", f' id="{long}"', f' id="1" from="{long}"'):
            await at.server.sends(ask.format(given))
        await at.server.sends(message(MIRA, "last", body("hello")))
        assert (await said(meeting)).id == "last"
        await meeting.say("line-1", "still here")
        assert Step.ANSWER not in [step for step, _ in at.server.got]


async def test_a_question_makes_the_bot_say_no_more_than_the_server_takes() -> None:
    limits = '<limits xmlns="urn:xmpp:stream-limits:0"><max-bytes>800</max-bytes></limits>'
    async with visit(with_mira(answers={Step.OPEN_AGAIN: opens(BIND, limits)})) as at:
        meeting = await at.enter()
        ping = '<ping xmlns="urn:xmpp:ping"/>'
        ask = f'<iq xmlns="jabber:client" type="get" id="{"x" * 900}" from="{MIRA}">{ping}</iq>'
        await at.server.sends(ask, message(MIRA, "last", body("hello")))
        assert (await said(meeting)).id == "last"
