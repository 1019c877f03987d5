"""The way to a server, at the fake of one: addresses, certificates, `config.js`, what is no
WebSocket. To a host that the settings do not name nothing is ever sent."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import jwt
import pytest
from aiohttp import web

from fosdembot.jitsi.meeting import Trouble
from simulation.fake_meeting_server import FakeMeetingServer, Step, mechanisms, opens, self_signed

from .visit import Visit, trouble, visit

SECRET = "a secret of at least thirty-two bytes"
CONFIG = """
config.hosts.domain = 'meet.jitsi';
config.hosts.muc = 'muc.' + subdomain + 'meet.jitsi';
config.websocket = 'wss://elsewhere.example.org/' + subdir + 'xmpp-websocket';
"""


def text(script: str, status: int = 200) -> Callable[[web.Request], web.Response]:
    return lambda _: web.Response(text=script, status=status)


@asynccontextmanager
async def over_tls(
    folder: Path, server: FakeMeetingServer, days: int = 1, *, trusts: bool = True, path: str = ""
) -> AsyncIterator[Visit]:
    """All is found out from the meeting's address, as of real servers."""
    server.tls, trusting = self_signed(folder, days)
    url = "https://127.0.0.1:{}/" + path + "Hall"
    async with visit(
        server, url=lambda port: url.format(port or 8443), tls=trusting if trusts else None
    ) as at:
        yield at


async def test_everything_is_found_out_from_the_address(tmp_path: Path) -> None:
    async with over_tls(tmp_path, FakeMeetingServer(config_js=text(CONFIG))) as at:
        await at.enter()
        assert at.server.paths == ["/config.js", "/xmpp-websocket?room=hall"]
        assert (await at.server.sees(Step.OPEN)).get("to") == "meet.jitsi"
        assert (await at.server.sees(Step.JOIN)).get("to", "").startswith("hall@muc.meet.jitsi/")


async def test_a_tenant_has_addresses_of_its_own(tmp_path: Path) -> None:
    server = FakeMeetingServer(room="hall@muc.some_one.meet.jitsi", config_js=text(CONFIG))
    async with over_tls(tmp_path, server, path="Some.One/") as at:
        await at.enter()
        assert at.server.paths == ["/config.js", "/some.one/xmpp-websocket?room=hall"]


async def test_a_certificate_that_nobody_signed_is_refused(tmp_path: Path) -> None:
    server = FakeMeetingServer(config_js=text(CONFIG))
    async with over_tls(tmp_path, server, trusts=False) as at:
        failed = await at.fails()
    assert (failed.trouble, failed.detail) == (Trouble.UNTRUSTED, "self-signed certificate")
    assert server.paths == []


async def test_a_certificate_of_yesterday_is_refused(tmp_path: Path) -> None:
    server = FakeMeetingServer(config_js=text(CONFIG))
    async with over_tls(tmp_path, server, days=-1) as at:
        failed = await at.fails()
    assert (failed.trouble, failed.detail) == (Trouble.UNTRUSTED, "certificate has expired")


async def test_a_websocket_without_a_valid_certificate(tmp_path: Path) -> None:
    server = FakeMeetingServer()
    server.tls, _ = self_signed(tmp_path)
    async with server:
        address = server.websocket.replace("ws:", "wss:")
        async with visit(settings={"websocket": address}) as at:
            assert (await at.fails()).trouble is Trouble.UNTRUSTED


async def test_nobody_there() -> None:
    async with FakeMeetingServer() as server:
        address = server.websocket
    async with visit(settings={"websocket": address}) as at:
        assert (await at.fails()).trouble is Trouble.AWAY


async def test_a_host_that_nobody_knows() -> None:
    async with visit(settings={"websocket": "wss://meet.invalid/xmpp-websocket"}) as at:
        assert (await at.fails()).trouble is Trouble.UNKNOWN_HOST


async def test_to_a_host_that_is_not_configured_nothing_is_sent() -> None:
    async with visit() as at:
        at.jitsi.settings.servers.clear()
        assert (await at.fails()).trouble is Trouble.NOT_CONFIGURED
        assert at.server.paths == []


@pytest.mark.parametrize(
    ("status", "why"),
    [
        (200, Trouble.NO_WEBSOCKET),
        (403, Trouble.NO_WEBSOCKET),
        (404, Trouble.NO_WEBSOCKET),
        # What nginx answers while prosody restarts.
        (502, Trouble.AWAY),
        (503, Trouble.AWAY),
        (429, Trouble.AWAY),
    ],
)
async def test_what_is_no_websocket(status: int, why: Trouble) -> None:
    server = FakeMeetingServer(refuses=lambda _: web.Response(status=status))
    async with visit(server) as at:
        failed = await at.fails()
    assert (failed.trouble, failed.detail) == (why, f"HTTP status {status}")


@pytest.mark.parametrize("protocols", [(), ("chat",)])
async def test_a_websocket_that_speaks_something_else(protocols: tuple[str, ...]) -> None:
    async with visit(FakeMeetingServer(protocols=protocols)) as at:
        assert (await at.fails()).trouble is Trouble.NO_WEBSOCKET


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_no_redirect_is_followed(status: int) -> None:
    # It would be given our token.
    async with FakeMeetingServer() as other:
        target = other.websocket.replace("ws:", "http:")

        def redirect(_: web.Request) -> web.Response:
            return web.Response(status=status, headers={"Location": target})

        async with visit(FakeMeetingServer(refuses=redirect), settings={"token": "ey.given"}) as at:
            assert (await at.fails()).trouble is Trouble.NO_WEBSOCKET
            assert len(at.server.paths) == 1
        assert other.paths == []


async def test_no_redirect_of_config_js_is_followed(tmp_path: Path) -> None:
    async with FakeMeetingServer(config_js=text(CONFIG)) as other:
        target = f"http://127.0.0.1:{other.port}/config.js"

        def redirect(_: web.Request) -> web.Response:
            return web.Response(status=302, headers={"Location": target})

        async with over_tls(tmp_path, FakeMeetingServer(config_js=redirect)) as at:
            failed = await at.fails()
        assert (failed.trouble, failed.detail) == (
            Trouble.UNREADABLE,
            "config.js: HTTP status 302",
        )
        assert other.paths == []


@pytest.mark.parametrize(
    ("status", "why"),
    [(404, Trouble.UNREADABLE), (403, Trouble.UNREADABLE), (502, Trouble.AWAY)],
)
async def test_a_server_without_config_js(tmp_path: Path, status: int, why: Trouble) -> None:
    async with over_tls(tmp_path, FakeMeetingServer(config_js=text("", status))) as at:
        assert (await at.fails()).trouble is why


async def test_of_a_script_without_end_only_the_beginning_is_read(tmp_path: Path) -> None:
    script = CONFIG + "// " + "x" * 10_000_000
    async with over_tls(tmp_path, FakeMeetingServer(config_js=text(script))) as at:
        await at.enter()


class Dripping(FakeMeetingServer):
    """Its `config.js` comes in pieces, whose last never does."""

    async def _asked(self, request: web.Request) -> web.StreamResponse:
        if request.path != "/config.js":
            return await super()._asked(request)
        response = web.StreamResponse()
        await response.prepare(request)
        for char in CONFIG:
            await response.write(char.encode())
        self.paths.append(request.path)
        self._news.set()
        await asyncio.sleep(3600)
        return response

    async def dripped(self) -> None:
        async with asyncio.timeout(10):
            while not self.paths:
                self._news.clear()
                await self._news.wait()


async def test_a_script_that_never_ends_is_given_up(tmp_path: Path) -> None:
    server = Dripping()
    async with over_tls(tmp_path, server) as at:
        entering = at.enters()
        await server.dripped()
        await at.clock.advance(15)
        assert (await trouble(entering)).trouble is Trouble.AWAY


async def test_a_script_that_is_packed_is_not_unpacked(tmp_path: Path) -> None:
    def packed(_: web.Request) -> web.Response:
        return web.Response(
            body=b"\x1f\x8b" + b"\x00" * 1_000, headers={"Content-Encoding": "gzip"}
        )

    async with over_tls(tmp_path, FakeMeetingServer(config_js=packed)) as at:
        assert (await at.fails()).trouble is Trouble.UNREADABLE


# --- tokens ---------------------------------------------------------------------------


class AsksForToken(FakeMeetingServer):
    """As mod_auth_token does, which says what is wrong only in words."""

    def __init__(self) -> None:
        super().__init__()
        self.answers[Step.LOG_IN] = lambda _: [self._checked()]

    def _checked(self) -> str:
        assert self._request is not None
        query = self._request.query
        said = "token required"
        try:
            if token := query.get("token"):
                claims = jwt.decode(token, SECRET, algorithms=["HS256"], audience="fosdem")
                if claims["room"] == query["room"]:
                    return '<success xmlns="urn:ietf:params:xml:ns:xmpp-sasl"/>'
                said = "Room and token mismatched"
        except jwt.ExpiredSignatureError:
            said = "Not acceptable by exp"
        except jwt.PyJWTError:
            said = "Invalid signature"
        sasl = 'xmlns="urn:ietf:params:xml:ns:xmpp-sasl"'
        return f"<failure {sasl}><not-allowed/><text>{said}</text></failure>"


def given(**claims: object) -> str:
    claims = {"aud": "fosdem", "iss": "fosdem", "sub": "meet.jitsi", "room": "hall"} | claims
    return jwt.encode(claims, SECRET, algorithm="HS256")


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({}, Trouble.TOKEN_NEEDED),
        ({"token": given(exp=1)}, Trouble.TOKEN_REFUSED),
        ({"token": given(room="other")}, Trouble.TOKEN_REFUSED),
        ({"token": "no.token.at&all=#"}, Trouble.TOKEN_REFUSED),
        ({"app_id": "fosdem", "app_secret": SECRET + "x"}, Trouble.TOKEN_REFUSED),
    ],
)
async def test_a_token_that_is_none(
    settings: dict[str, str], why: Trouble, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with visit(AsksForToken(), settings=settings) as at:
        failed = await at.fails()
        assert failed.trouble is why
        shown = f"{failed} {failed!r} {at.jitsi!r}"
    own = [record for record in caplog.records if not record.name.startswith("aiohttp.access")]
    shown += "".join(record.getMessage() for record in own)
    for secret in settings.values():
        assert secret == "fosdem" or secret not in shown


@pytest.mark.parametrize(
    "settings", [{"token": given()}, {"app_id": "fosdem", "app_secret": SECRET}]
)
async def test_a_token_lets_the_bot_in(settings: dict[str, str]) -> None:
    async with visit(AsksForToken(), settings=settings) as at:
        # Tokens are made for the real time.
        at.clock.ahead = datetime.now(UTC) - at.clock.now()
        await at.enter()


async def test_where_the_server_is_away_the_token_is_not_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    server = FakeMeetingServer(refuses=lambda _: web.Response(status=404))
    async with visit(server, settings={"token": "ey.given"}) as at:
        failed = await at.fails()
    assert "ey.given" not in f"{failed!r} {failed.__cause__!r}"


async def test_other_servers_offer_more_than_guests_need() -> None:
    offers = opens(mechanisms("SCRAM-SHA-1", "ANONYMOUS", "PLAIN"))
    async with visit(FakeMeetingServer(answers={Step.OPEN: offers})) as at:
        await at.enter()
        assert (await at.server.sees(Step.LOG_IN)).get("mechanism") == "ANONYMOUS"
