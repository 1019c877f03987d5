"""Stanzas made up at random from what a meeting understands: none has an effect that it should not
have, and the bot stays."""

from __future__ import annotations

from random import Random
from xml.sax.saxutils import quoteattr

import pytest

from fosdembot.jitsi import stanzas as xml
from fosdembot.jitsi.meeting import Participant, Said
from fosdembot.jitsi.muc import LONGEST_HEARD
from simulation.fake_meeting_server import (
    MUC,
    NICK,
    FakeMeetingServer,
    Step,
    body,
    message,
    named,
    presence,
)

from .visit import event, visit

ROOM = f"hall@{MUC}"
NAMESPACES = [
    *(xml.CLIENT, xml.MUC, xml.MUC_USER, xml.NICK, xml.DELAY, xml.REPLY, xml.RETRACT),
    *(xml.STANZAS, xml.DISCO, xml.PING, xml.LIMITS, xml.SASL, "", "x"),
]
TAGS = [
    *("message", "presence", "iq", "body", "subject", "x", "item", "status", "nick", "delay"),
    *("reply", "error", "identity", "user", "id", "display-name", "bot", "feature", "invite"),
    *("lobbyroom", "retract", "not-allowed", "text", "query", "ping", "userinfo", "limits"),
]
VALUES = [
    *("", "0", "110", "307", "owner", "none", "error", "unavailable", "groupchat", "chat", "get"),
    *("result", "set", "visitor", "true", ROOM, f"{ROOM}/a", f"{ROOM}/focus", f"{ROOM}/"),
    *(f"other@{MUC}/a", "a@b/c", "ping-1", "\u202e", "\x85", "x" * 200, "9" * 5_000, "👍"),
]
KEYS = ["id", "type", "code", "affiliation", "role", "source", "robot", "to", "xml:lang"]


def element(random: Random, depth: int = 0) -> str:
    tag = random.choice(TAGS[:3] if depth == 0 else TAGS)
    given = {key: random.choice(VALUES) for key in random.sample(KEYS, random.randrange(4))}
    if depth == 0 and random.random() < 0.9:
        given["from"] = random.choice([v for v in VALUES if v.startswith(ROOM)])
    namespace = xml.CLIENT if random.random() < 0.6 else random.choice(NAMESPACES)
    inside = [random.choice(VALUES)]
    if depth < 4:
        inside += [element(random, depth + 1) for _ in range(random.randrange(4))]
    attributes = "".join(f" {key}={quoteattr(value)}" for key, value in given.items())
    return f"<{tag} xmlns={quoteattr(namespace)}{attributes}>{''.join(inside)}</{tag}>"


@pytest.mark.parametrize("seed", range(4))
async def test_the_bot_stays_whatever_comes(seed: int) -> None:
    random = Random(seed)
    mira = presence(f"{ROOM}/aaaaaaaa", inside=named("Mira"))
    async with visit(FakeMeetingServer(people=[mira])) as at:
        meeting = await at.enter()
        for number in range(300):
            await at.server.sends(element(random))
            if number % 30 == 0:
                await at.server.sends(message(f"{ROOM}/aaaaaaaa", "hello", body("hello")))
                while True:
                    happened = await event(meeting)
                    if not isinstance(happened, Said):
                        continue
                    assert 0 < len(happened.text) <= LONGEST_HEARD
                    assert 0 < len(happened.id) <= 100
                    if happened.text == "hello":
                        break
        await meeting.say("line-1", "still here")
        await at.server.sees(Step.SAY)
        for id_, seen in meeting.participants.items():
            assert isinstance(seen, Participant)
            assert id_ not in ("", NICK)
            assert seen.identity is None
            assert len(seen.name) <= 100
