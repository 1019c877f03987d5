"""Finding a homeserver by its name or address, as people give them."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import aiohttp
import click
import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from fosdembot.cli.homeserver import Found, find_homeserver
from fosdembot.cli.ports import free_port

VERSIONS = {"versions": ["v1.11"]}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of 127.0.0.1, signed by itself; with its key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    path = tmp_path_factory.mktemp("certificate") / "own.pem"
    path.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(pem)
    )
    return path


@asynccontextmanager
async def serving(
    pages: dict[str, Any], certificate: Path | None = None, ahead: float = 0
) -> AsyncIterator[str]:
    """A web server whose pages are JSON, or text; yields its host and port. Its clock is
    `ahead` seconds ahead."""

    async def answer(request: web.Request) -> web.Response:
        date = format_datetime(datetime.now(UTC) + timedelta(seconds=ahead), usegmt=True)
        page = pages.get(request.path)
        if page is None:
            raise web.HTTPNotFound
        if isinstance(page, str):
            return web.Response(text=page, headers={"Date": date})
        return web.json_response(page, headers={"Date": date})

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    context = None
    if certificate is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port, ssl_context=context).start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        await runner.cleanup()


async def find(given: str, trusted: Path | None = None) -> Found:
    context = ssl.create_default_context(cafile=trusted)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as http:
        return await find_homeserver(http, given)


async def refusal(given: str, trusted: Path | None = None) -> str:
    with pytest.raises(click.ClickException) as caught:
        await find(given, trusted)
    assert caught.value.message.isprintable()
    return caught.value.message


def well_known(base_url: str) -> dict[str, Any]:
    return {"/.well-known/matrix/client": {"m.homeserver": {"base_url": base_url}}}


async def test_a_name_leads_where_it_says(certificate: Path) -> None:
    async with (
        serving({"/_matrix/client/versions": VERSIONS}) as real,
        serving(well_known(f"http://{real}/"), certificate) as name,
    ):
        for given in (name, f" {name}/ ", f"https://{name}"):
            assert str((await find(given, certificate)).base_url) == f"http://{real}"


async def test_a_name_that_says_nothing_is_the_address(certificate: Path) -> None:
    for page in ({}, {"/.well-known/matrix/client": "<html>"}, well_known("ftp://x")):
        pages = {"/_matrix/client/versions": VERSIONS, **page}
        async with serving(pages, certificate) as name:
            assert str((await find(name, certificate)).base_url) == f"https://{name}"


async def test_an_address_is_taken_as_it_is() -> None:
    pages = {"/matrix/_matrix/client/versions": VERSIONS, **well_known("http://127.0.0.1:1")}
    async with serving(pages) as name:
        found = await find(f"http://{name}/matrix/")
        assert str(found.base_url) == f"http://{name}/matrix"


@pytest.mark.parametrize("seconds", [-90, 0, 90])
async def test_how_far_its_clock_is_from_ours(seconds: int) -> None:
    async with serving({"/_matrix/client/versions": VERSIONS}, ahead=seconds) as name:
        ahead = (await find(f"http://{name}")).ahead
        assert abs(ahead - timedelta(seconds=seconds)) <= timedelta(seconds=2)


async def test_what_is_no_homeserver(certificate: Path) -> None:
    async with serving({"/_matrix/client/versions": "<html>"}) as page:
        assert "is no Matrix homeserver" in await refusal(f"http://{page}")
        assert "does not speak TLS; is it http://" in await refusal(page)
    async with serving({"/_matrix/client/versions": VERSIONS}, certificate) as own:
        assert "set SSL_CERT_FILE" in await refusal(own)
    assert "cannot be reached (Connection refused)" in await refusal("127.0.0.1:1")
    assert "cannot be reached (" in await refusal("nobody.invalid")
    for nonsense in ("ftp://example.org", "https://", "http://[", "\x1b[2J"):
        assert "give its name, like example.org" in await refusal(nonsense)
