"""The way into a meeting, at the fake of a server: each step, and each way in which it fails."""

from __future__ import annotations

import pytest

from fosdembot.jitsi import stanzas as xml
from fosdembot.jitsi.meeting import Arrived, Trouble
from simulation.fake_meeting_server import (
    BIND,
    DELAY,
    ENDS,
    FRAMING,
    MUC,
    NICK,
    NOTHING,
    STREAMS,
    SUBJECT,
    FakeMeetingServer,
    Step,
    binds,
    body,
    error,
    mechanisms,
    message,
    named,
    opens,
    presence,
    stream_error,
)

from .visit import Visit, event, trouble, visit

ROOM = f"hall@{MUC}"
US = f"{ROOM}/{NICK}"
MIRA = f"{ROOM}/aaaaaaaa"


async def test_the_bot_comes_in_as_jitsi_wants_it() -> None:
    async with visit(FakeMeetingServer(people=[presence(MIRA, inside=named("Mira"))])) as at:
        meeting = await at.enter()
        assert [p.name for p in meeting.participants.values()] == ["Mira"]
        assert isinstance(await event(meeting), Arrived)
        # Servers with limits refuse what comes without the room.
        assert at.server.paths == ["/xmpp-websocket?room=hall"]
        joined = await at.server.sees(Step.JOIN)
        # Newer servers refuse any other nick than the first eight characters.
        assert joined.get("to") == US
        assert joined.findtext(f"{{{xml.NICK}}}nick") == "Questions"
        # Without these the bot would fill the speaker's window, or moderate.
        bot = joined.find("{jabber:client}bot")
        assert bot is not None
        assert bot.get("type") == "talk-bot"
        info = joined.find(f"{{{xml.USER_INFO}}}userinfo")
        assert info is not None
        assert info.get("robot") == "true"


async def test_the_bot_leaves_in_order() -> None:
    async with visit() as at:
        meeting = await at.enter()
        await meeting.close()
        left = await at.server.sees(Step.LEAVE)
        assert (left.get("to"), left.get("type")) == (US, "unavailable")
        await at.server.sees(Step.CLOSE)
        await meeting.close()
        steps = [step for step, _ in at.server.got]
        assert (steps.count(Step.LEAVE), steps.count(Step.CLOSE)) == (1, 1)


@pytest.mark.parametrize("step", [Step.OPEN, Step.LOG_IN, Step.OPEN_AGAIN, Step.BIND, Step.JOIN])
async def test_a_server_that_says_nothing_is_given_up(step: Step) -> None:
    async with visit(FakeMeetingServer(answers={step: NOTHING})) as at:
        entering = at.enters()
        await at.server.sees(step)
        await at.clock.advance(14)
        assert not entering.done()
        await at.clock.advance(1)
        assert (await trouble(entering)).trouble is Trouble.AWAY


@pytest.mark.parametrize("step", [Step.OPEN, Step.LOG_IN, Step.OPEN_AGAIN, Step.BIND, Step.JOIN])
@pytest.mark.parametrize(
    "how",
    [ENDS, stream_error("system-shutdown"), f'<close xmlns="{FRAMING}"/>'],
    ids=["breaks off", "an error", "in order"],
)
async def test_a_server_that_ends_the_connection_is_away(step: Step, how: str) -> None:
    async with visit(FakeMeetingServer(answers={step: [how]})) as at:
        assert (await at.fails()).trouble is Trouble.AWAY


@pytest.mark.parametrize("step", [Step.OPEN, Step.LOG_IN, Step.OPEN_AGAIN, Step.BIND])
@pytest.mark.parametrize(
    "frame",
    ["<!DOCTYPE a>", "<?xml version='1.0'?><a/>", "<a><b>", "", "{}", "<a>" * 6_000],
    ids=["declaration", "instruction", "half", "empty", "json", "deep"],
)
async def test_a_server_that_speaks_no_xmpp(step: Step, frame: str) -> None:
    async with visit(FakeMeetingServer(answers={step: [frame]})) as at:
        assert (await at.fails()).trouble is Trouble.UNREADABLE


async def test_wrong_namespaces_are_no_xmpp() -> None:
    wrong = {
        Step.OPEN: f'<features xmlns="jabber:client">{mechanisms("ANONYMOUS")}</features>',
        Step.LOG_IN: '<success xmlns="jabber:client"/>',
        Step.BIND: binds("a@b/c")[0].replace("xmpp-bind", "xmpp-band"),
    }
    for step, frame in wrong.items():
        async with visit(FakeMeetingServer(answers={step: [frame]})) as at:
            assert (await at.fails()).trouble in (Trouble.UNREADABLE, Trouble.REFUSED)


@pytest.mark.parametrize("where", ["host", "uri"])
async def test_the_bot_does_not_go_where_a_server_sends_it(where: str) -> None:
    async with FakeMeetingServer() as other:
        about = f"<see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>{other.websocket}"
        sends = {
            "host": f'<error xmlns="{STREAMS}">{about}</see-other-host></error>',
            "uri": f'<close xmlns="{FRAMING}" see-other-uri="{other.websocket}"/>',
        }
        async with visit(FakeMeetingServer(answers={Step.OPEN: [sends[where]]})) as at:
            assert (await at.fails()).trouble is Trouble.REFUSED
        assert other.paths == []


async def test_a_server_that_takes_only_accounts_is_named() -> None:
    offers = opens(mechanisms("PLAIN", "SCRAM-SHA-1"))
    async with visit(FakeMeetingServer(answers={Step.OPEN: offers})) as at:
        failed = await at.fails()
    assert (failed.trouble, failed.detail) == (Trouble.NO_GUESTS, "PLAIN SCRAM-SHA-1")


@pytest.mark.parametrize("jid", ["", "meet.jitsi", "@meet.jitsi/r", "a" * 4_000 + "@meet.jitsi"])
async def test_an_address_that_is_none_is_refused(jid: str) -> None:
    async with visit(FakeMeetingServer(answers={Step.BIND: binds(jid)})) as at:
        assert (await at.fails()).trouble is Trouble.UNREADABLE


async def test_a_server_that_has_no_address_to_give() -> None:
    async with visit(FakeMeetingServer(answers={Step.OPEN_AGAIN: opens()})) as at:
        assert (await at.fails()).trouble is Trouble.UNREADABLE
    refused = f'<iq xmlns="jabber:client" type="error" id="bind">{error("conflict")}</iq>'
    async with visit(FakeMeetingServer(answers={Step.BIND: [refused]})) as at:
        assert (await at.fails()).trouble is Trouble.REFUSED


def refusal(name: str, said: str = "") -> FakeMeetingServer:
    frame = f'<presence xmlns="jabber:client" from="{US}" type="error">{error(name, said)}'
    return FakeMeetingServer(answers={Step.JOIN: [f"{frame}</presence>"]})


@pytest.mark.parametrize(
    ("name", "said", "why"),
    [
        ("not-allowed", "Room creation is restricted", Trouble.NOT_STARTED),
        ("not-authorized", "", Trouble.PASSWORD_NEEDED),
        ("registration-required", "", Trouble.MEMBERS_ONLY),
        # With the next connection it is called something else.
        ("conflict", "", Trouble.AWAY),
        ("forbidden", "", Trouble.REFUSED),
        ("not-allowed", "Room and token mismatched", Trouble.TOKEN_REFUSED),
    ],
)
async def test_a_meeting_that_lets_nobody_in(name: str, said: str, why: Trouble) -> None:
    async with visit(refusal(name, said)) as at:
        assert (await at.fails()).trouble is why


async def test_the_bot_is_never_the_first() -> None:
    # Where everybody may open a meeting, it would have opened this one, and own it.
    opened = [presence(US, "110", "201", item='affiliation="owner"')]
    async with visit(FakeMeetingServer(answers={Step.JOIN: opened})) as at:
        assert (await at.fails()).trouble is Trouble.NOT_STARTED
        # It is gone again.
        await at.server.sees(Step.LEAVE)


async def test_a_server_that_gives_another_nick() -> None:
    other = [presence(f"{ROOM}/other", "110", "210")]
    async with visit(FakeMeetingServer(answers={Step.JOIN: other})) as at:
        assert (await at.fails()).trouble is Trouble.REFUSED


async def test_errors_of_others_and_of_other_rooms_let_the_bot_in() -> None:
    foreign = [
        presence(f"other@{MUC}/{NICK}", type_="error", inside=error("forbidden")),
        presence(f"other@{MUC}/{NICK}", "110"),
        presence(f"other@{MUC}/{NICK}", "110", "307", type_="unavailable"),
        presence(f"{ROOM}x/{NICK}", "110", "307", type_="unavailable"),
    ]
    async with visit(FakeMeetingServer(people=foreign)) as at:
        assert not (await at.enter()).participants


async def test_whom_the_meeting_removes_at_once_is_kicked() -> None:
    out = presence(US, "110", "307", type_="unavailable")
    for frames in ([out], [presence(US, "110"), out]):
        async with visit(FakeMeetingServer(answers={Step.JOIN: frames})) as at:
            assert (await at.fails()).trouble is Trouble.KICKED


def past(id_: str, inside: str) -> str:
    return message(f"{ROOM}/formerly", id_, inside + DELAY)


async def test_what_was_said_before_is_known_and_not_heard() -> None:
    history = [
        past("ours", body("1 (3 votes): Why?")),
        # People may write a subject into what they say: the history goes on.
        past("forged", body("!next") + SUBJECT),
        past("last", body("!next")),
        past("x" * 101, body("too long")),
        message(f"other@{MUC}/a", "elsewhere", body("hello") + DELAY),
    ]
    people = [presence(f"{ROOM}/formerly", inside=named("Mira"))]
    async with visit(FakeMeetingServer(people=people, history=history)) as at:
        meeting = await at.enter()
        assert meeting.known == {"ours", "forged", "last"}
        # Forged now, it is neither obeyed nor taken for one of ours.
        await at.server.sends(past("late", body("!next")))
        await at.server.sends(message(f"{ROOM}/formerly", "now", body("hello")))
        assert isinstance(await event(meeting), Arrived)
        heard = await event(meeting)
        assert getattr(heard, "id", None) == "now"
        assert "late" not in meeting.known


async def test_a_long_history_is_bounded() -> None:
    history = [past(f"line-{number}", body("x")) for number in range(5_000)]
    async with visit(FakeMeetingServer(history=history)) as at:
        assert len((await at.enter()).known) == 50


async def test_a_meeting_that_never_says_what_it_is_about() -> None:
    async with visit(FakeMeetingServer(answers={Step.JOIN: [presence(US, "110")]})) as at:
        entering = at.enters()
        await at.server.sees(Step.JOIN)
        await at.clock.advance(15)
        assert (await trouble(entering)).trouble is Trouble.AWAY


async def test_nothing_is_kept_of_a_failed_try() -> None:
    async def once(at: Visit) -> None:
        assert (await at.fails()).trouble is Trouble.NOT_STARTED

    async with visit(refusal("item-not-found")) as at:
        for _ in range(3):
            await once(at)
        assert at.server.connections == 3
        await at.server.sees(Step.CLOSE, 3)
        at.server.answers.clear()
        assert (await at.enter()).known == frozenset()


def test_the_fake_offers_what_prosody_does() -> None:
    assert opens(BIND)[1].startswith("<features")
