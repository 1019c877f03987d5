"""What `fosdembot doctor` says of the servers of speakers' meetings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from fosdembot.cli.checks.findings import Finding
from fosdembot.cli.checks.meetings import REMEDIES, meetings_findings
from fosdembot.jitsi.meeting import Trouble
from fosdembot.setting_sections import JitsiSettings
from simulation.fake_meeting_server import (
    DOMAIN,
    ENDS,
    MUC,
    SASL,
    FakeMeetingServer,
    Step,
    error,
    mechanisms,
    opens,
    self_signed,
    stream_error,
)

HOST = "meet.example.org"
PEM = "-----BEGIN PUBLIC KEY-----\nx\n-----END PUBLIC KEY-----"
NOT_ON = error("item-not-found")


def told(error_: str) -> Any:
    """What is said of a meeting of which somebody asks."""
    return lambda iq: [f'<iq xmlns="jabber:client" type="error" id="{iq.get("id")}">{error_}</iq>']


async def found(server: FakeMeetingServer, **settings: object) -> Finding:
    server.answers.setdefault(Step.PING, told(NOT_ON))
    async with server:
        near = {"websocket": server.websocket, "domain": DOMAIN, "muc": MUC}
        jitsi = JitsiSettings.model_validate({"servers": {HOST: near | settings}})
        [finding] = await meetings_findings(jitsi)
    assert Step.JOIN not in [step for step, _ in server.got]
    return finding


async def test_all_is_well() -> None:
    server = FakeMeetingServer()
    finding = await found(server)
    assert finding == Finding(
        "meetings", f"{HOST} (inside {DOMAIN}, {MUC}): the bot gets in, no token needed"
    )
    await server.sees(Step.CLOSE)


async def test_with_a_token() -> None:
    server = FakeMeetingServer()
    finding = await found(server, token="ey.given")
    assert finding.text.endswith("the bot gets in, with a token")
    assert "ey.given" in server.paths[0]


@pytest.mark.parametrize(
    ("step", "answer", "why"),
    [
        (Step.OPEN, opens(mechanisms("PLAIN")), "no guests (PLAIN)"),
        (Step.OPEN, [stream_error("host-unknown")], "wrong names (host-unknown)"),
        (Step.OPEN, ["{}"], "unreadable (no well-formed element)"),
        (Step.BIND, [ENDS], "away (the connection was closed)"),
        (
            Step.LOG_IN,
            [f'<failure xmlns="{SASL}"><not-allowed/><text>token required</text></failure>'],
            "token needed",
        ),
        (
            Step.PING,
            told(error("remote-server-not-found")),
            "wrong names (remote-server-not-found)",
        ),
    ],
)
async def test_each_trouble_has_its_remedy(step: Step, answer: Any, why: str) -> None:
    finding = await found(FakeMeetingServer(answers={step: answer}))
    assert finding.text == f"{HOST} (inside {DOMAIN}, {MUC}): {why}"
    assert finding.well is False
    assert finding.todo == (REMEDIES[Trouble(why.partition(" (")[0])],)


async def test_no_websocket() -> None:
    server = FakeMeetingServer(refuses=lambda _: web.Response(status=404))
    finding = await found(server)
    assert finding.text.endswith("no WebSocket (HTTP status 404)")
    assert "ENABLE_XMPP_WEBSOCKET" in finding.todo[0]


async def test_strangers_who_may_not_ask_whether_a_meeting_is_on() -> None:
    assert (await found(FakeMeetingServer(answers={Step.PING: told(error("forbidden"))}))).well


async def test_a_certificate_that_nobody_signed(tmp_path: Path) -> None:
    server = FakeMeetingServer()
    server.tls, trusting = self_signed(tmp_path)
    server.config_js = lambda _: web.Response(text="config.hosts.domain = 'meet.jitsi';")
    server.answers[Step.PING] = told(NOT_ON)
    async with server:
        settings = JitsiSettings.model_validate({"servers": {f"127.0.0.1:{server.port}": {}}})
        [finding] = await meetings_findings(settings)
        assert finding.text.endswith("untrusted (self-signed certificate)")
        assert server.paths == []
        [finding] = await meetings_findings(settings, trusting)
    assert "(inside meet.jitsi, conference.meet.jitsi): the bot gets in" in finding.text


async def test_a_secret_is_not_repeated() -> None:
    server = FakeMeetingServer(refuses=lambda _: web.Response(status=403))
    finding = await found(server, app_id="fosdem", app_secret=PEM)
    assert finding.text.endswith("token refused (app_secret)")
    assert "BEGIN" not in f"{finding}"


async def test_servers_that_are_led_to_and_not_allowed() -> None:
    settings = JitsiSettings.model_validate(
        {
            "template": "https://a.example.org/{room}",
            "table": {"kernel": "https://b.example.org/kernel"},
        }
    )
    findings = await meetings_findings(settings)
    assert [finding.text for finding in findings] == [
        "a.example.org: not in jitsi.servers",
        "b.example.org: not in jitsi.servers",
    ]


async def test_without_meetings_nothing_is_said() -> None:
    assert await meetings_findings(JitsiSettings()) == []


def test_what_concerns_one_meeting_is_no_trouble_of_its_server() -> None:
    assert set(Trouble) - set(REMEDIES) == {
        Trouble.NOT_CONFIGURED,
        Trouble.NOT_STARTED,
        Trouble.PASSWORD_NEEDED,
        Trouble.WAITS_IN_LOBBY,
        Trouble.MEMBERS_ONLY,
        Trouble.KICKED,
    }
