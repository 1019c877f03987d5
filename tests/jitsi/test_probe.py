"""A look at a meeting without going in, at the fake of a server."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from fosdembot.conference.meetings import Probed
from fosdembot.jitsi.probe import probe
from simulation.fake_meeting_server import (
    DOMAIN,
    MUC,
    NOTHING,
    FakeMeetingServer,
    Step,
    error,
)

from .visit import Visit, visit

LOBBY = '<x xmlns="jabber:x:data"><field var="muc#roominfo_lobbyroom"/></x>'


def described(*inside: str) -> FakeMeetingServer:
    """A meeting that says so of itself."""

    def answer(iq: ET.Element) -> list[str]:
        query = f'<query xmlns="http://jabber.org/protocol/disco#info">{"".join(inside)}</query>'
        head = f'<iq xmlns="jabber:client" type="result" id="{iq.get("id")}"'
        # Somebody else's answer, and a question to us, come first.
        return [
            '<iq xmlns="jabber:client" type="result" id="other"/>',
            '<iq xmlns="jabber:client" type="get" id="q"><ping xmlns="urn:xmpp:ping"/></iq>',
            f'{head} from="{iq.get("to")}">{query}</iq>',
        ]

    return FakeMeetingServer(answers={Step.PING: answer})


def feature(name: str) -> str:
    return f'<feature var="{name}"/>'


async def look(at: Visit) -> Probed:
    return await probe(at.jitsi, at.url, "Questions")


@pytest.mark.parametrize(
    ("inside", "trouble"),
    [
        ("", ""),
        (feature("muc_open") + feature("muc_unsecured"), ""),
        (feature("muc_passwordprotected"), "password needed"),
        (feature("muc_membersonly"), "members only"),
        # Somebody will let it in.
        (feature("muc_membersonly") + LOBBY, ""),
    ],
)
async def test_a_meeting_that_is_on(inside: str, trouble: str) -> None:
    async with visit(described(inside)) as at:
        assert await look(at) == Probed(trouble, "", DOMAIN, MUC)
        asked = await at.server.sees(Step.PING)
        assert asked.get("to") == f"hall@{MUC}"
        await at.server.sees(Step.ANSWER)
        # Nobody in the meeting saw anything of it.
        assert Step.JOIN not in [step for step, _ in at.server.got]
        await at.server.sees(Step.CLOSE)


@pytest.mark.parametrize(
    ("name", "trouble"),
    [
        ("item-not-found", "not started"),
        ("remote-server-not-found", "wrong names"),
        ("forbidden", ""),
        ("feature-not-implemented", ""),
    ],
)
async def test_a_meeting_of_which_nothing_is_told(name: str, trouble: str) -> None:
    def answer(iq: ET.Element) -> list[str]:
        head = f'<iq xmlns="jabber:client" type="error" id="{iq.get("id")}">'
        return [f"{head}{error(name)}</iq>"]

    async with visit(FakeMeetingServer(answers={Step.PING: answer})) as at:
        assert (await look(at)).trouble == trouble


async def test_a_server_that_says_nothing_to_it() -> None:
    async with visit(FakeMeetingServer(answers={Step.PING: NOTHING})) as at:
        looking = at.beside(look(at))
        await at.server.sees(Step.PING)
        await at.clock.advance(15)
        assert (await looking).trouble == "away"
