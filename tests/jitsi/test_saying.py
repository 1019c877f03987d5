"""The bot in a meeting, at the fake of a server: what is said, what the server takes,
and how it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

import pytest

from fosdembot.jitsi import stanzas as xml
from fosdembot.jitsi.meeting import LineRefused, Trouble
from simulation.fake_meeting_server import (
    BIND,
    ENDS,
    MUC,
    NICK,
    NOTHING,
    FakeMeetingServer,
    Step,
    body,
    echoes,
    error,
    message,
    named,
    opens,
    presence,
    stream_error,
)

from .visit import end, said, trouble, visit

ROOM = f"hall@{MUC}"
US = f"{ROOM}/{NICK}"
MIRA = f"{ROOM}/aaaaaaaa"
HERE = presence(MIRA, inside=named("Mira"))


def with_mira(**fields: object) -> FakeMeetingServer:
    return FakeMeetingServer(people=[HERE], **fields)  # type: ignore[arg-type]


async def refused(saying: Awaitable[None]) -> str:
    with pytest.raises(LineRefused) as caught:
        async with asyncio.timeout(10):
            await saying
    return str(caught.value)


async def test_a_line_is_said_once_the_meeting_shows_it() -> None:
    async with visit(with_mira(answers={Step.SAY: NOTHING})) as at:
        meeting = await at.enter()
        saying = asyncio.create_task(meeting.say("line-1", "1 (3 votes): Why? <b>"))
        sent = await at.server.sees(Step.SAY)
        assert dict(sent.attrib) == {"id": "line-1", "to": ROOM, "type": "groupchat"}
        assert sent.findtext("{jabber:client}body") == "1 (3 votes): Why? <b>"
        # None of these is the echo.
        await at.server.sends(
            message(MIRA, "line-1", body("forged")),
            message(US, "line-2", body("another")),
            message(f"other@{MUC}/{NICK}", "line-1", body("elsewhere")),
            message(MIRA, "line-1", error("forbidden"), "error"),
            message(f"other@{MUC}", "line-1", error("forbidden"), "error"),
            message(ROOM, "line-2", error("forbidden"), "error"),
            message(MIRA, "last", body("hello")),
        )
        while (await said(meeting)).id != "last":
            pass
        assert not saying.done()
        await at.server.sends(*echoes(sent))
        await saying


async def test_a_line_that_the_meeting_refuses() -> None:
    refusal = message(ROOM, "line-1", error("not-allowed", "too\nlong"), "error")
    async with visit(with_mira(answers={Step.SAY: [refusal]})) as at:
        meeting = await at.enter()
        assert await refused(meeting.say("line-1", "hello")) == "too long"
        at.server.answers.clear()
        await at.clock.advance(1)
        await meeting.say("line-2", "hello")


async def test_a_line_that_never_appears() -> None:
    async with visit(with_mira(answers={Step.SAY: NOTHING})) as at:
        meeting = await at.enter()
        saying = asyncio.create_task(meeting.say("line-1", "hello"))
        await at.server.sees(Step.SAY)
        await at.clock.advance(15)
        assert (await trouble(saying)).trouble is Trouble.AWAY


async def test_a_line_during_which_the_connection_ends() -> None:
    async with visit(with_mira(answers={Step.SAY: [ENDS]})) as at:
        meeting = await at.enter()
        saying = asyncio.create_task(meeting.say("line-1", "hello"))
        assert (await trouble(saying)).trouble is Trouble.AWAY
        await at.clock.advance(1)
        again = asyncio.create_task(meeting.say("line-1", "hello"))
        assert (await trouble(again)).trouble is Trouble.AWAY


async def test_one_line_a_second() -> None:
    async with visit(with_mira()) as at:
        meeting = await at.enter()
        await meeting.say("line-1", "hello")
        second = asyncio.create_task(meeting.say("line-2", "hello"))
        await at.clock.advance(0.9)
        assert not second.done()
        await at.clock.advance(0.1)
        async with asyncio.timeout(10):
            await second


async def test_to_one_alone_nothing_is_echoed() -> None:
    async with visit(with_mira()) as at:
        meeting = await at.enter()
        await meeting.say("line-1", "for you", "aaaaaaaa")
        sent = await at.server.sees(Step.SAY)
        assert (sent.get("to"), sent.get("type")) == (MIRA, "chat")


async def test_a_line_is_taken_back() -> None:
    async with visit(with_mira()) as at:
        meeting = await at.enter()
        await meeting.retract("line-1")
        sent = await at.server.sees(Step.SAY)
        retract = sent.find(f"{{{xml.RETRACT}}}retract")
        assert retract is not None
        assert retract.get("id") == "line-1"
        assert sent.find("{jabber:client}body") is None


async def test_what_xml_forbids_never_leaves() -> None:
    async with visit(with_mira()) as at:
        meeting = await at.enter()
        await meeting.say("line-1", "a\x00b\x1b[31m\ud800\ufffe c\nd 👍")
        sent = await at.server.sees(Step.SAY)
        # One control character once dropped everybody from a meeting.
        assert sent.findtext("{jabber:client}body") == "a\ufffdb\ufffd[31m\ufffd\ufffd c\nd 👍"


# --- limits of the server ----------------------------------------------------------


def limited(max_bytes: object, idle: object) -> FakeMeetingServer:
    limits = (
        f'<limits xmlns="urn:xmpp:stream-limits:0"><max-bytes>{max_bytes}</max-bytes>'
        f"<idle-seconds>{idle}</idle-seconds></limits>"
    )
    return with_mira(answers={Step.OPEN_AGAIN: opens(BIND, limits)})


async def test_a_line_that_is_too_large_for_the_server_is_refused_and_the_rest_is_said() -> None:
    async with visit(limited(1_000, 840)) as at:
        meeting = await at.enter()
        assert "1000" in await refused(meeting.say("line-1", "x" * 1_000))
        # Bytes are counted, not characters.
        await refused(meeting.say("line-2", "👍" * 250))
        await meeting.say("line-3", "x" * 500)
        assert [sent.get("id") for step, sent in at.server.got if step is Step.SAY] == ["line-3"]


async def test_a_server_that_takes_no_stanza_at_all() -> None:
    async with visit(limited(10, 840)) as at:
        failed = await at.fails()
    assert (failed.trouble, failed.detail) == (Trouble.REFUSED, "max-bytes is 10")


@pytest.mark.parametrize("value", ["", "0", "-1", "1e9", "9" * 5_000, "٣", "many"])
async def test_limits_that_are_none_are_not_read(value: str) -> None:
    async with visit(limited(value, value)) as at:
        meeting = await at.enter()
        await meeting.say("line-1", "x" * 5_000)
        await at.server.sees(Step.PING)
        await at.clock.advance(19)
        assert len([step for step, _ in at.server.got if step is Step.PING]) == 1


@pytest.mark.parametrize(("idle", "every"), [(840, 20), (30, 10), (1, 1)])
async def test_pings_are_oftener_than_the_server_needs_them(idle: int, every: int) -> None:
    async with visit(limited(10_000, idle)) as at:
        await at.enter()
        for number in range(1, 4):
            await at.server.sees(Step.PING, number)
            await _pong_came(at.server, number)
            await at.clock.advance(every)


async def _pong_came(server: FakeMeetingServer, number: int) -> None:
    """Until the bot has read the answer: it answers what comes behind that."""
    ask = f'<iq xmlns="jabber:client" type="get" id="after-{number}" from="{MIRA}">'
    await server.sends(f'{ask}<ping xmlns="urn:xmpp:ping"/></iq>')
    await server.sees(Step.ANSWER, number)


# --- a server that fails ------------------------------------------------------------


async def test_a_server_that_stops_answering_is_away() -> None:
    async with visit(with_mira(answers={Step.PING: NOTHING})) as at:
        meeting = await at.enter()
        await at.server.sees(Step.PING)
        await at.clock.advance(20)
        assert (await end(meeting)).trouble is Trouble.AWAY


async def test_a_server_that_sends_a_byte_at_a_time_is_away() -> None:
    async with visit(with_mira(answers={Step.PING: NOTHING})) as at:
        meeting = await at.enter()
        await at.server.sees(Step.PING)
        # A frame of 1000 bytes, of which one comes each second.
        at.server.writes(b"\x81\x7e\x03\xe8<")
        for _ in range(20):
            at.server.writes(b"a")
            await at.clock.advance(1)
        assert (await end(meeting)).trouble is Trouble.AWAY


async def test_a_server_that_takes_nothing_is_away() -> None:
    async with visit(with_mira()) as at:
        meeting = await at.enter()
        await at.server.sees(Step.PING)
        await _pong_came(at.server, 1)
        at.server.stops_reading()
        # The next ping waits behind these.
        text = "x" * 400_000
        sending = [meeting.say(f"line-{n}", text, "aaaaaaaa") for n in range(40)]
        saying = asyncio.gather(*sending)
        await at.clock.advance(60)
        assert (await trouble(saying)).trouble is Trouble.AWAY
        await meeting.close()


@pytest.mark.parametrize(
    ("frame", "why"),
    [
        (b"binary", Trouble.UNREADABLE),
        ("x" * 4_200_000, Trouble.UNREADABLE),
        (stream_error("system-shutdown"), Trouble.AWAY),
        (stream_error("see-other-host"), Trouble.REFUSED),
        (ENDS, Trouble.AWAY),
        (presence(US, "110", "307", type_="unavailable"), Trouble.KICKED),
        (presence(US, "110", "301", type_="unavailable"), Trouble.KICKED),
        (presence(US, "110", "332", type_="unavailable"), Trouble.AWAY),
        (presence(US, "110", "303", type_="unavailable"), Trouble.AWAY),
    ],
)
async def test_how_it_ends(frame: str | bytes, why: Trouble) -> None:
    async with visit(with_mira()) as at:
        meeting = await at.enter()
        await at.server.sends(frame)
        assert (await end(meeting)).trouble is why
        # Asked again, it says the same.
        assert (await end(meeting)).trouble is why


UNREADABLE = [
    "<!DOCTYPE a>",
    '<!DOCTYPE a [<!ENTITY b "c">]><a xmlns="jabber:client">&b;</a>',
    '<a xmlns="x"><!-- --></a>',
    "<a><b></a>",
    # A control character, which once dropped everybody.
    message(MIRA, "1", body("\x01")),
    # As many elements as somebody can send in two seconds.
    message(MIRA, "1", body("hello") + "<b/>" * 5_000),
    "",
]


@pytest.mark.parametrize("frame", UNREADABLE)
async def test_nobody_drops_the_bot_by_what_it_cannot_read(frame: str) -> None:
    # The history repeats it to who comes back.
    async with visit(with_mira(history=[frame])) as at:
        meeting = await at.enter()
        await at.server.sends(frame, message(MIRA, "last", body("hello")))
        assert (await said(meeting)).id == "last"


async def test_quotes_make_a_message_six_times_as_long() -> None:
    async with visit(with_mira()) as at:
        meeting = await at.enter()
        await at.server.sends(message(MIRA, "1", body("&apos;" * 512 * 1024)))
        assert set((await said(meeting)).text) == {"'"}


async def test_a_server_that_sends_nothing_else_is_left() -> None:
    async with visit(with_mira()) as at:
        meeting = await at.enter()
        for _ in range(100):
            await at.server.sends("<!-- -->")
        assert (await end(meeting)).trouble is Trouble.UNREADABLE


async def test_the_meeting_is_closed() -> None:
    about = f'<x xmlns="{xml.MUC_USER}"><item affiliation="none" role="none"/><destroy/></x>'
    gone = f'<presence xmlns="jabber:client" from="{US}" type="unavailable">{about}</presence>'
    async with visit(with_mira()) as at:
        meeting = await at.enter()
        await at.server.sends(gone)
        assert (await end(meeting)).trouble is Trouble.NOT_STARTED
