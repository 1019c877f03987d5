"""The bot in meetings on a real prosody: what it says and hears there, and how it fails.

What Jitsi's own Lua modules add is not in it, but for test modules that stand in for the rule of
nicks and for the lobby.
"""

from __future__ import annotations

import asyncio
import logging
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import pytest_asyncio

from fosdembot.clock import WallClock
from fosdembot.conference.meetings import Probed
from fosdembot.jitsi import stanzas as xml
from fosdembot.jitsi.connecting import Jitsi
from fosdembot.jitsi.meeting import Arrived, Kind, Left, MeetingError, Trouble
from fosdembot.jitsi.muc import Meeting
from fosdembot.jitsi.probe import probe
from fosdembot.meeting_url import MeetingUrl
from fosdembot.setting_sections import JitsiServer, JitsiSettings
from simulation.meetings import Focus, MeetingPerson
from simulation.prosody import AUTH_DOMAIN, DOMAIN, MUC, Prosody, is_installed
from simulation.waiting import wait_for

from .visit import end, event, said

HOST = "meet.example.org"
LUA = Path(__file__).with_name("lua")
MUC_OWNER = "http://jabber.org/protocol/muc#owner"
_rooms = count(1)
pytestmark = pytest.mark.skipif(
    not is_installed(), reason="needs prosody. On Debian: sudo apt install prosody"
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(server_folder: Path) -> AsyncIterator[Prosody]:
    """One for all these tests: use rooms of your own, and do not stop it."""
    folder = Path(tempfile.mkdtemp(dir=server_folder))
    folder.chmod(0o755)
    modules = sorted(LUA.glob("mod_*.lua"))
    async with Prosody(folder / "prosody", modules) as prosody:
        yield prosody


@dataclass
class World:
    server: Prosody
    focus: Focus
    mira: MeetingPerson
    room: str = field(default_factory=lambda: f"hall-{next(_rooms)}")
    _open: list[Jitsi] = field(default_factory=list)
    _meetings: list[Meeting] = field(default_factory=list)

    @property
    def url(self) -> MeetingUrl:
        return MeetingUrl.parse(f"https://{HOST}/{self.room}")

    def jitsi(self, **settings: str) -> Jitsi:
        near = {"websocket": self.server.websocket, "domain": DOMAIN, "muc": MUC}
        server = JitsiServer.model_validate(near | settings)
        settings_ = JitsiSettings(servers={HOST: server})
        self._open.append(Jitsi(settings_, WallClock(), logging.getLogger("meetings")))
        return self._open[-1]

    async def enter(self, **settings: str) -> Meeting:
        async with asyncio.timeout(10):
            meeting = await self.jitsi(**settings)(self.url, "Questions", lambda: None)
        self._meetings.append(meeting)
        return meeting

    async def fails(self, **settings: str) -> MeetingError:
        with pytest.raises(MeetingError) as caught:
            await self.enter(**settings)
        return caught.value

    async def probe(self, **settings: str) -> Probed:
        async with asyncio.timeout(10):
            return await probe(self.jitsi(**settings), self.url, "Questions")

    async def close(self) -> None:
        for meeting in self._meetings:
            await meeting.close()
        for jitsi in self._open:
            await jitsi.close()


@asynccontextmanager
async def opened(server: Prosody) -> AsyncIterator[World]:
    async with Focus(server) as focus, MeetingPerson(server, "Mira") as mira:
        world = World(server, focus, mira)
        try:
            yield world
        finally:
            await world.close()


@pytest.fixture
async def world(server: Prosody) -> AsyncIterator[World]:
    """Mira is in no meeting yet."""
    async with opened(server) as made:
        yield made


@pytest.fixture
async def hall(world: World) -> World:
    """Mira is in a meeting."""
    await world.mira.join(world.focus, world.room)
    return world


async def owns(meeting: Meeting, name: str) -> None:
    """Until somebody moderates the meeting."""
    while not any(p.name == name and p.is_owner for p in meeting.participants.values()):
        async with asyncio.timeout(10):
            assert isinstance(await meeting.next_event(), Arrived | Left)


async def test_the_bot_sees_who_is_there(hall: World) -> None:
    meeting = await hall.enter()
    await owns(meeting, "Mira")
    kinds = {p.name or p.id: p.kind for p in meeting.participants.values()}
    assert kinds == {"Mira": Kind.PERSON, "focus": Kind.MACHINE}
    hall.mira.leave()
    async with asyncio.timeout(10):
        while not isinstance(await meeting.next_event(), Left):
            pass


async def test_what_is_said_is_seen_and_heard(hall: World) -> None:
    meeting = await hall.enter()
    await meeting.say("line-1", "1 (3 votes): Why? <b> & \n👍")
    line = await hall.mira.sees(lambda line: line.id == "line-1")
    assert (line.text, line.is_private) == ("1 (3 votes): Why? <b> & \n👍", False)
    id_ = hall.mira.say("!next", reply_to="line-1")
    heard = await said(meeting)
    assert (heard.id, heard.text, heard.reply_to) == (id_, "!next", "line-1")
    assert (heard.sender.name, heard.is_private) == ("Mira", False)


async def test_a_line_to_one_alone(hall: World) -> None:
    meeting = await hall.enter()
    await meeting.say("line-1", "for you", hall.mira.nick)
    line = await hall.mira.sees(lambda line: line.id == "line-1")
    assert line.is_private
    # To somebody who is not there: nothing happens.
    await meeting.say("line-2", "for nobody", "nobody")
    await meeting.say("line-3", "for all")
    await hall.mira.sees(lambda line: line.id == "line-3")


async def test_a_line_is_taken_back(hall: World) -> None:
    meeting = await hall.enter()
    await meeting.say("line-1", "1 (3 votes): Why?")
    await meeting.retract("line-1")
    await hall.mira.sees(lambda line: line.retracts == "line-1")


async def test_after_a_reconnect_own_lines_are_known_and_commands_are_not_obeyed_again(
    hall: World,
) -> None:
    first = await hall.enter()
    await first.say("line-1", "1 (3 votes): Why?")
    hall.mira.say("!next")
    await said(first)
    await first.close()
    second = await hall.enter()
    assert "line-1" in second.known
    id_ = hall.mira.say("now")
    assert (await said(second)).id == id_


async def test_the_bot_is_never_the_first(world: World) -> None:
    assert (await world.fails()).trouble is Trouble.NOT_STARTED
    assert await world.probe() == Probed("not started", "", DOMAIN, MUC)
    await world.mira.join(world.focus, world.room)
    assert await world.probe() == Probed("", "", DOMAIN, MUC)
    # Nobody saw it look.
    assert "Questions" not in world.mira.names.values()
    await world.enter()


async def test_a_kick(hall: World) -> None:
    meeting = await hall.enter()
    await owns(meeting, "Mira")
    await hall.mira.kick("Questions")
    assert (await end(meeting)).trouble is Trouble.KICKED


async def configures(world: World, name: str, value: str) -> None:
    """Mira, who owns the meeting, changes how it is."""
    form = '<field var="FORM_TYPE"><value>http://jabber.org/protocol/muc#roomconfig</value></field>'
    form += f'<field var="muc#roomconfig_{name}"><value>{value}</value></field>'
    await asks(world, f'<x xmlns="jabber:x:data" type="submit">{form}</x>')


async def asks(world: World, inside: str) -> None:
    iq = world.mira.xmpp.make_iq_set(ito=f"{world.room}@{MUC}")  # type: ignore[union-attr]
    iq.append(ET.fromstring(f'<query xmlns="{MUC_OWNER}">{inside}</query>'))
    await iq.send(timeout=10)


async def test_a_password(hall: World) -> None:
    await owns(await hall.enter(), "Mira")
    await configures(hall, "roomsecret", "x")
    assert (await hall.fails()).trouble is Trouble.PASSWORD_NEEDED
    assert (await hall.probe()).trouble == "password needed"


async def test_members_only(hall: World) -> None:
    first = await hall.enter()
    await owns(first, "Mira")
    await configures(hall, "membersonly", "1")
    # Who is no member has to go.
    assert (await end(first)).trouble is Trouble.MEMBERS_ONLY
    # There is no room in which to wait.
    assert (await hall.fails()).trouble is Trouble.NOT_STARTED
    assert (await hall.probe()).trouble == "members only"


@asynccontextmanager
async def waits_in_lobby(
    hall: World,
) -> AsyncIterator[tuple[asyncio.Task[Meeting], MeetingPerson, str]]:
    """The bot waits to be let in, by the test module. Leo waits there, too, and moderates the
    lobby; he sees who the bot is."""
    await owns(first := await hall.enter(), "Mira")
    await first.close()
    await configures(hall, "membersonly", "1")
    async with MeetingPerson(hall.server, "Leo") as leo:
        jids: list[str] = []

        def moved(presence: Any) -> None:
            item = presence.xml.find(f"{{{xml.MUC_USER}}}x/{{{xml.MUC_USER}}}item")
            if presence.xml.findtext(f"{{{xml.NICK}}}nick") == "Questions":
                jids.append(item.get("jid"))

        assert leo.xmpp is not None
        leo.xmpp.add_event_handler("groupchat_presence", moved)
        await leo.join(hall.focus, f"lobby-{hall.room}")
        entering = asyncio.create_task(hall.enter())

        async def there() -> bool:
            return bool(jids) and leo.is_owner

        await wait_for(there, 10, "the bot waits in the lobby")
        assert not entering.done()
        yield entering, leo, jids[0]


async def test_somebody_lets_the_bot_in(hall: World) -> None:
    async with waits_in_lobby(hall) as (entering, _, jid):
        xmpp = hall.mira.xmpp
        assert xmpp is not None
        invite = f'<x xmlns="{xml.MUC_USER}"><invite to="{jid}"/></x>'
        xmpp.send_raw(f'<message to="{hall.room}@{MUC}">{invite}</message>')
        meeting = await entering
        await meeting.say("line-1", "thank you")
        await hall.mira.sees(lambda line: line.id == "line-1")


async def test_somebody_turns_the_bot_away(hall: World) -> None:
    async with waits_in_lobby(hall) as (entering, leo, _):
        await leo.kick("Questions")
        with pytest.raises(MeetingError) as caught:
            await entering
        assert caught.value.trouble is Trouble.KICKED


async def test_a_meeting_that_is_ended(hall: World) -> None:
    meeting = await hall.enter()
    await owns(meeting, "Mira")
    await asks(hall, "<destroy/>")
    assert (await end(meeting)).trouble is Trouble.NOT_STARTED


async def test_names_that_the_server_has_not(hall: World) -> None:
    for settings in ({"domain": "other.example"}, {"muc": "other.example"}):
        assert (await hall.fails(**settings)).trouble is Trouble.WRONG_NAMES
        assert (await hall.probe(**settings)).trouble == "wrong names"


async def test_a_domain_for_accounts_only(hall: World) -> None:
    assert (await hall.fails(domain=AUTH_DOMAIN)).trouble is Trouble.NO_GUESTS


async def test_an_address_without_a_websocket(hall: World) -> None:
    address = hall.server.websocket.replace("xmpp-websocket", "nothing")
    failed = await hall.fails(websocket=address)
    assert (failed.trouble, failed.detail) == (Trouble.NO_WEBSOCKET, "HTTP status 404")


async def test_nobody_makes_themselves_an_owner(hall: World) -> None:
    meeting = await hall.enter()
    await owns(meeting, "Mira")
    async with MeetingPerson(hall.server, "owner") as mallory:
        forged = (
            '<x xmlns="http://jabber.org/protocol/muc#user">'
            '<item affiliation="owner" role="moderator"/></x>'
            "<identity><user><id>mira</id></user></identity>"
            '<nick xmlns="http://jabber.org/protocol/nick">owner</nick>'
            '<x xmlns="http://jabber.org/protocol/muc"/>'
        )
        xmpp = mallory.xmpp
        assert xmpp is not None
        xmpp.send_raw(f'<presence to="{hall.room}@{MUC}/{mallory.nick}">{forged}</presence>')
        while not any(p.name == "owner" for p in meeting.participants.values()):
            await event(meeting)
        seen = meeting.participants[mallory.nick]
        assert (seen.is_owner, seen.identity) == (False, None)


async def test_nobody_drops_the_bot_by_a_message_of_too_many_elements(hall: World) -> None:
    meeting = await hall.enter()
    xmpp = hall.mira.xmpp
    assert xmpp is not None
    heap = "<b/>" * 5_000
    xmpp.send_raw(
        f'<message type="groupchat" id="heap" to="{hall.room}@{MUC}"><body>x</body>{heap}</message>'
    )
    id_ = hall.mira.say("hello")
    assert (await said(meeting)).id == id_
    # It stands in the history, and nobody stays out for that.
    again = await hall.enter()
    assert "heap" not in again.known
    assert id_ in again.known


async def test_the_rule_of_nicks_is_kept(hall: World) -> None:
    """By the test module: somebody else who breaks it stays out."""
    meeting = await hall.enter()
    async with MeetingPerson(hall.server, "Lea") as lea:
        xmpp = lea.xmpp
        assert xmpp is not None
        muc = '<x xmlns="http://jabber.org/protocol/muc"/>'
        xmpp.send_raw(f'<presence to="{hall.room}@{MUC}/Lea">{muc}</presence>')
        xmpp.send_raw(
            f'<presence to="{hall.room}@{MUC}/{lea.nick}">{muc}'
            '<nick xmlns="http://jabber.org/protocol/nick">Lea</nick></presence>'
        )
        while not any(p.name == "Lea" for p in meeting.participants.values()):
            await event(meeting)
        assert "Lea" not in meeting.participants


async def test_a_server_that_is_killed(prosody: Prosody) -> None:
    async with opened(prosody) as world:
        await world.mira.join(world.focus, world.room)
        meeting = await world.enter()
        prosody.kill()
        assert (await end(meeting)).trouble is Trouble.AWAY
        with pytest.raises(MeetingError):
            await meeting.say("line-1", "lost")
        assert (await world.fails()).trouble is Trouble.AWAY
        assert (await world.probe()).trouble == "away"
