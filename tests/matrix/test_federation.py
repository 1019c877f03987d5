"""Other homeservers are asked by name, and whoever names them reaches nothing else by that."""

from __future__ import annotations

import asyncio
import datetime
import socket
import ssl
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from fosdembot.matrix.federation import (
    LARGEST,
    Federation,
    Place,
    PublicResolver,
    Unreachable,
    is_public,
)
from simulation.parts import SetClock

HERE, THERE = "here.example.org", "matrix.example.org"


@pytest.mark.parametrize(
    ("name", "host", "port"),
    [
        ("example.org", "example.org", 0),
        ("EXAMPLE.org", "example.org", 0),
        ("example.org:443", "example.org", 443),
        ("matrix.example.org:8448", "matrix.example.org", 8448),
        ("xn--mnchen-3ya.example.org:12345", "xn--mnchen-3ya.example.org", 12345),
    ],
)
def test_names_of_servers(name: str, host: str, port: int) -> None:
    assert Place.parse(name) == Place(host, port)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "localhost",
        "localhost:8008",
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "10.0.0x1",
        "0177.0.0.1",
        "[::1]",
        "[::1]:8448",
        "[::ffff:127.0.0.1]",
        "example.org:22",
        "example.org:25",
        "example.org:80",
        "example.org:0",
        "example.org:99999",
        "example.org:",
        "user@example.org",
        "user:pass@example.org",
        "example.org/path",
        "example.org?x",
        "example.org#x",
        "example.org\n.evil.org",
        "example.org ",
        "exämple.org",
        ".example.org",
        "example..org",
        "-example.org",
        "a" * 300 + ".org",
        "http://example.org",
        "%65xample.org",
    ],
)
def test_what_is_no_name_is_not_asked(name: str) -> None:
    assert Place.parse(name) is None


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1:248:1893:25c8:1946", True),
        ("::ffff:93.184.216.34", True),
        ("64:ff9b::5db8:d822", True),
        ("127.0.0.1", False),
        ("0.0.0.0", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::1", False),
        ("2002:c0a8:101::1", False),
        ("", False),
        ("example.org", False),
    ],
)
def test_which_addresses_are_public(address: str, public: bool) -> None:
    assert is_public(address) is public


class Finds(AbstractResolver):
    """Names lead to these addresses."""

    def __init__(self, *addresses: str, port: int = 0) -> None:
        self.addresses = addresses
        self.port = port

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host, host=each, port=self.port or port, family=family, proto=0, flags=0
            )
            for each in self.addresses
        ]

    async def close(self) -> None:
        pass


async def test_only_public_addresses_are_found() -> None:
    """Also where a name leads to several."""
    found = await PublicResolver(Finds("10.0.0.1", "93.184.216.34", "::1")).resolve("example.org")
    assert [each["host"] for each in found] == ["93.184.216.34"]
    with pytest.raises(OSError, match="no public address"):
        await PublicResolver(Finds("127.0.0.1")).resolve("example.org")


async def test_a_slow_name_server_takes_no_threads_of_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = socket.getaddrinfo("127.0.0.1", 443, type=socket.SOCK_STREAM)
    goes_on = threading.Event()

    def slow(*_: object) -> Any:
        goes_on.wait(20)
        return found

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    names = [PublicResolver() for _ in range(50)]
    asking = [asyncio.create_task(each.resolve("slow.example.org")) for each in names]
    await asyncio.sleep(0.1)
    try:
        async with asyncio.timeout(5):
            assert await asyncio.to_thread(lambda: "done") == "done"
    finally:
        goes_on.set()
    results = await asyncio.gather(*asking, return_exceptions=True)
    assert {str(each) for each in results} == {"no public address"}


async def test_a_name_that_leads_inside_is_not_asked() -> None:
    """As it is used: by the names that resolve here, whatever the machine's DNS says."""
    federation = Federation(
        SetClock(), lambda: aiohttp.TCPConnector(resolver=PublicResolver(Finds("127.0.0.1")))
    )
    with pytest.raises(Unreachable):
        await federation.get("internal.example.org:8448", "/x", {})


class Server:
    """All servers of the internet, at one port."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.delegates: Any = None
        self.answer: web.StreamResponse | None = None

    async def serve(self, request: web.Request) -> web.StreamResponse:
        self.asked.append((request.host, request.path_qs))
        if request.path == "/.well-known/matrix/server":
            if isinstance(self.delegates, web.Response):
                return self.delegates
            if self.delegates is None:
                return web.Response(status=404)
            return web.json_response({"m.server": self.delegates})
        return self.answer or web.json_response({"ok": True})


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[tuple[Server, Federation]]:
    server = Server()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", server.serve)
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    theirs, ours = certificates(tmp_path)
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=theirs)
    await site.start()
    port = runner.addresses[0][1]
    federation = Federation(
        SetClock(),
        lambda: aiohttp.TCPConnector(resolver=Finds("127.0.0.1", port=port), ssl=ours),
    )
    yield server, federation
    await runner.cleanup()


def certificates(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """For these servers, and to trust them."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(HERE), x509.DNSName(THERE)]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "server.pem"
    file.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    theirs = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    theirs.load_cert_chain(file)
    return theirs, ssl.create_default_context(cafile=str(file))


async def test_a_server_at_its_name(server: tuple[Server, Federation]) -> None:
    there, federation = server
    assert await federation.get(HERE, "/x", {"q": "a b&c"}) == {"ok": True}
    assert there.asked == [(HERE, "/.well-known/matrix/server"), (f"{HERE}:8448", "/x?q=a+b%26c")]


async def test_a_server_with_a_port_is_asked_there(server: tuple[Server, Federation]) -> None:
    there, federation = server
    await federation.get(f"{HERE}:8449", "/x", {})
    assert there.asked == [(f"{HERE}:8449", "/x")]


async def test_a_server_says_where_it_is_and_is_not_asked_again(
    server: tuple[Server, Federation],
) -> None:
    there, federation = server
    there.delegates = f"{THERE}:443"
    for _ in range(3):
        await federation.get(HERE, "/x", {})
    assert [host for host, _ in there.asked] == [HERE, THERE, THERE, THERE]


async def test_a_server_that_failed_to_say_so_is_asked_again_soon(
    server: tuple[Server, Federation],
) -> None:
    there, federation = server
    there.delegates = web.Response(status=502)
    await federation.get(HERE, "/x", {})
    _, until = federation._places[HERE]
    assert until - federation.clock.monotonic() <= 60


@pytest.mark.parametrize(
    "name", ["127.0.0.1:8008", "localhost", "[::1]", "10.0.0.1", f"{THERE}:22"]
)
async def test_nobody_delegates_to_what_is_inside(
    server: tuple[Server, Federation], name: str
) -> None:
    there, federation = server
    there.delegates = name
    with pytest.raises(Unreachable):
        await federation.get(HERE, "/x", {})
    assert [path for _, path in there.asked] == ["/.well-known/matrix/server"]


@pytest.mark.parametrize(
    "said",
    [
        web.Response(status=302, headers={"Location": "http://127.0.0.1/"}),
        web.Response(text="{"),
        web.Response(text="[]"),
        web.Response(text='{"m.server": 5}'),
        web.Response(body=b'{"m.server": "' + b"x" * LARGEST + b'"}'),
    ],
    ids=["redirect", "no JSON", "no object", "no name", "large"],
)
async def test_what_is_no_delegation(server: tuple[Server, Federation], said: web.Response) -> None:
    there, federation = server
    there.delegates = said
    await federation.get(HERE, "/x", {})
    assert there.asked[-1] == (f"{HERE}:8448", "/x")


@pytest.mark.parametrize(
    "answer",
    [
        web.Response(status=302, headers={"Location": f"https://{THERE}/secret"}),
        web.Response(status=500, text="{}"),
        web.Response(text="[]"),
        web.Response(body=b'{"x": "' + b"x" * LARGEST + b'"}'),
        web.Response(body=b"x", headers={"Content-Encoding": "gzip"}),
    ],
    ids=["redirect", "error", "no object", "large", "packed"],
)
async def test_answers_that_are_none(
    server: tuple[Server, Federation], answer: web.Response
) -> None:
    there, federation = server
    there.answer = answer
    with pytest.raises(Unreachable):
        await federation.get(HERE, "/x", {"access_token": "secret"})
    assert "/secret" not in [path for _, path in there.asked]


async def test_a_server_with_another_s_certificate(server: tuple[Server, Federation]) -> None:
    _, federation = server
    with pytest.raises(Unreachable) as raised:
        await federation.get("other.example.org:8448", "/x", {"access_token": "secret"})
    assert "secret" not in f"{raised.value!r} {raised.value.__cause__!r}"
