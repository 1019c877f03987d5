"""Where somebody in the meeting has to let the bot in, at the fake of a server (prosody has no
lobby of its own)."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from fosdembot.jitsi.meeting import Trouble
from simulation.fake_meeting_server import (
    LOBBY,
    MUC,
    MUC_USER,
    NICK,
    FakeMeetingServer,
    Step,
    error,
    message,
    presence,
)

from .visit import Visit, trouble, visit

ROOM, WAITING = f"hall@{MUC}", f"hall@{LOBBY}"
INVITED = f'<x xmlns="{MUC_USER}"><invite from="{ROOM}/aaaaaaaa"/></x>'


class Lobby(FakeMeetingServer):
    """Lets in once `is_open`."""

    is_open = False
    named = f'<lobbyroom xmlns="http://jitsi.org/jitmeet">{WAITING}</lobbyroom>'

    def lets_in(self, element: ET.Element) -> list[str]:
        to = element.get("to", "")
        if to.startswith(WAITING):
            return [presence(to, "110")]
        if self.is_open:
            return list(super().lets_in(element))
        refused = error("registration-required", inside=self.named)
        return [f'<presence xmlns="jabber:client" from="{to}" type="error">{refused}</presence>']


async def waits(at: Visit) -> None:
    """Until the bot waits in the lobby."""
    joined = await at.server.sees(Step.JOIN, 2)
    assert joined.get("to") == f"{WAITING}/{NICK}"
    # Whoever lets it in sees its name.
    assert joined.findtext("{http://jabber.org/protocol/nick}nick") == "Questions"
    assert at.waits == 1
    await at.server.sees(Step.PING)


async def test_the_bot_is_let_in() -> None:
    server = Lobby()
    async with visit(server) as at:
        entering = at.enters()
        await waits(at)
        server.is_open = True
        await server.sends(message(ROOM, "1", INVITED, "normal"))
        await entering
        left = await server.sees(Step.LEAVE)
        assert left.get("to") == f"{WAITING}/{NICK}"


async def test_it_waits_for_as_long_as_it_takes() -> None:
    server = Lobby()
    async with visit(server) as at:
        entering = at.enters()
        await waits(at)
        for number in range(2, 20):
            await at.clock.advance(20)
            await server.sees(Step.PING, number)
        assert not entering.done()
        entering.cancel()


@pytest.mark.parametrize(
    "forged",
    [
        message(f"other@{MUC}", "1", INVITED, "normal"),
        message(f"{ROOM}/aaaaaaaa", "1", INVITED, "chat"),
        message("mira@meet.jitsi/r", "1", INVITED, "normal"),
        message(WAITING, "1", INVITED, "normal"),
        presence(f"{WAITING}/other", "307", type_="unavailable"),
        presence(f"other@{LOBBY}/{NICK}", "110", "307", type_="unavailable"),
    ],
)
async def test_nobody_else_lets_it_in_or_turns_it_away(forged: str) -> None:
    server = Lobby()
    async with visit(server) as at:
        entering = at.enters()
        await waits(at)
        await server.sends(forged)
        await at.clock.advance(20)
        await server.sees(Step.PING, 2)
        assert not entering.done()
        assert len([step for step, _ in server.got if step is Step.JOIN]) == 2
        entering.cancel()


async def test_the_bot_is_turned_away() -> None:
    server = Lobby()
    async with visit(server) as at:
        entering = at.enters()
        await waits(at)
        await server.sends(presence(f"{WAITING}/{NICK}", "110", "307", type_="unavailable"))
        assert (await trouble(entering)).trouble is Trouble.KICKED


@pytest.mark.parametrize("is_open", [True, False])
async def test_the_lobby_is_no_more(is_open: bool) -> None:
    server = Lobby()
    async with visit(server) as at:
        entering = at.enters()
        await waits(at)
        server.is_open = is_open
        end = f'<x xmlns="{MUC_USER}"><destroy/><status code="110"/></x>'
        sender = f"{WAITING}/{NICK}"
        await server.sends(
            f'<presence xmlns="jabber:client" from="{sender}" type="unavailable">{end}</presence>'
        )
        if is_open:
            await entering
        else:
            assert (await trouble(entering)).trouble is Trouble.MEMBERS_ONLY


async def test_a_server_that_dies_meanwhile() -> None:
    server = Lobby()
    async with visit(server) as at:
        entering = at.enters()
        await waits(at)
        server.answers[Step.PING] = ()
        await at.clock.advance(20)
        await server.sees(Step.PING, 2)
        await at.clock.advance(20)
        assert (await trouble(entering)).trouble is Trouble.AWAY


@pytest.mark.parametrize(
    "address", ["", "lobby", "a b@lobby.meet.jitsi", f"{WAITING}/nick", "a@b@c", "x" * 2_000 + "@y"]
)
async def test_a_lobby_whose_address_is_none(address: str) -> None:
    server = Lobby()
    server.named = f"<lobbyroom>{address}</lobbyroom>"
    async with visit(server) as at:
        assert (await at.fails()).trouble is Trouble.MEMBERS_ONLY
