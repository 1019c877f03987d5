"""Whatever somebody sends: a clear status, little memory, and nothing of it in the log."""

from __future__ import annotations

import asyncio
import gzip
import logging
import resource
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web

from fosdembot.web import requests
from fosdembot.web.requests import form_of, query_of
from fosdembot.web.routing import Asked, Route

from .world import World, empty_database, real_world

__all__ = ["empty_database"]
pytestmark = pytest.mark.asyncio(loop_scope="module")
SECRET = "what-somebody-wrote"
JSON = {"Accept": "application/json"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(
    tmp_path_factory: pytest.TempPathFactory, empty_database: Path
) -> AsyncIterator[World]:
    async with real_world(tmp_path_factory.mktemp("world"), empty_database, base="/qa") as made:

        async def echo(asked: Asked) -> web.StreamResponse:
            query, form = query_of(asked.request), await form_of(asked.request)
            return web.json_response({"query": query, "form": form, "parts": dict(asked.parts)})

        async def broken(asked: Asked) -> web.StreamResponse:
            raise KeyError(SECRET)

        made.bot.pages.app.add(
            [Route("POST", "/echo/{part}", echo), Route("GET", "/broken", broken)]
        )
        yield made


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Nothing that was sent is in the log, also where it is at its most talkative."""
    caplog.set_level(logging.DEBUG)
    yield
    said = [record.getMessage() + str(record.exc_info) for record in caplog.records]
    assert not [line for line in said if SECRET in line and "sqlite" not in line.lower()]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/r/kernel", 200),
        ("/r/KERNEL", 200),
        ("/r/no-such-room", 404),
        ("//r/kernel", 404),
        ("/r//kernel", 404),
        ("/r/nowhere/else/", 404),
        ("//evil.example/", 404),
        # maubot itself makes a "/" of it, before we see it.
        ("/r%2fkernel", 200),
        ("/r/..%2f..%2fetc%2fpasswd", 404),
        ("/r/%2e%2e", 404),
        ("/static/..%2f..%2fplugin.py", 404),
        ("/static/%00", 404),
        ("/r/%00", 404),
        ("/r/kernel%00", 404),
        ("/r/%ff%fe", 404),
        ("/r/%ed%a0%80", 404),
        ("/r/%", 404),
        ("/r/%zz", 404),
        ("/r/kernel;x=y", 404),
        ("/r/kernel\\..", 404),
        ("/r/" + "a" * 4000, 404),
        ("/r/kernel?" + "a=b&" * 400, 200),
        ("/r/kernel?view=%00", 200),
    ],
)
async def test_paths(world: World, path: str, status: int) -> None:
    answer = await world.get(path)
    # What a parameter must be is for its page to say: only no error, and no other page.
    assert answer.status in (status, 400) if "?" in path else answer.status == status
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("path", ["/../plugin.py", "/r/../r/kernel", "/./r/kernel"])
async def test_dots_lead_nowhere_else(world: World, path: str) -> None:
    head = f"GET /qa{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    answer = await _raw(world, head.encode())
    assert answer.split(b" ")[1] in (b"200", b"404")
    assert b"import annotations" not in answer


async def test_a_slash_too_many_leads_to_the_page(world: World) -> None:
    for path, meant in (
        ("/r/kernel/", "/r/kernel"),
        ("/r/kernel/?view=stage&order=newest", "/r/kernel?view=stage&order=newest"),
        ("/r/kernel/moderate/", "/r/kernel/moderate"),
    ):
        answer = await world.get(path)
        assert (answer.status, answer.headers["Location"]) == (302, f"/qa{meant}")
    assert (await world.post("/r/kernel/ask/", {"text": "Why?"})).status == 404


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "OPTIONS", "POST"])
async def test_other_methods_are_named_those_that_work(world: World, method: str) -> None:
    answer = await world.request(method, "/r/kernel", headers=JSON)
    assert (answer.status, answer.headers["Allow"]) == (405, "GET")
    assert answer.json["error"].startswith("This address does not take that kind of request.")


@pytest.mark.parametrize("path", ["/r/kernel", "/healthz", "/no-such-page"])
async def test_heads_are_those_of_the_page(world: World, path: str) -> None:
    head, whole = await world.request("HEAD", path), await world.get(path)
    assert head.body == b""
    assert (head.status, head.headers["Content-Type"]) == (
        whole.status,
        whole.headers["Content-Type"],
    )


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"text=" + SECRET.encode(), "application/x-www-form-urlencoded", 200),
        (b"text=%00" + SECRET.encode(), "application/x-www-form-urlencoded", 400),
        (b"text=%ff" + SECRET.encode(), "application/x-www-form-urlencoded", 400),
        (b"\xff\xfe" + SECRET.encode(), "application/x-www-form-urlencoded", 400),
        (b"a=b&" * 1000, "application/x-www-form-urlencoded", 400),
        (b'{"text": ["' + SECRET.encode() + b'"], "n": 1, "o": {}}', "application/json", 200),
        (b'{"text": "\\ud800"}', "application/json", 400),
        (b'{"text": "\\u0000"}', "application/json", 400),
        (b'["' + SECRET.encode() + b'"]', "application/json", 400),
        (b"[" * 10_000, "application/json", 400),
        (b"9" * 10_000, "application/json", 400),
        (b"{" + SECRET.encode(), "application/json", 400),
        (b"", "application/json", 400),
        (b"--x\r\n\r\n" + SECRET.encode(), "multipart/form-data; boundary=x", 200),
        (b"text=x", "text/html; charset=no-such", 200),
        (b"x" * 70_000, "application/x-www-form-urlencoded", 413),
        (b"x" * 10_000_000, "application/json", 413),
    ],
)
async def test_bodies(world: World, body: bytes, kind: str, status: int) -> None:
    headers = JSON | {"Content-Type": kind}
    answer = await world.request("POST", "/echo/x", body=body, headers=headers)
    assert answer.status == status, answer.text
    if status != 200:
        assert set(answer.json) == {"error"}
        assert SECRET not in answer.text


async def test_a_body_without_an_announced_end_is_not_read_to_its_end(world: World) -> None:
    head = b"POST /qa/echo/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    answer = await _raw(world, head, *[b"3e8\r\n" + b"x" * 1000 + b"\r\n"] * 200)
    assert b" 413 " in answer.split(b"\r\n")[0]


async def test_what_is_compressed_does_not_become_large(world: World) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    bomb = gzip.compress(b"\0" * 300_000_000)
    headers = JSON | {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    answer = await world.request("POST", "/echo/x", body=bomb, headers=headers)
    assert answer.status in (400, 413)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Its making took as much as it has.
    assert after - before < 400_000


async def test_a_body_that_comes_byte_by_byte_is_not_waited_for(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requests, "SLOWEST_BODY", 0.3)
    head = b"POST /qa/echo/x HTTP/1.1\r\nHost: x\r\nContent-Length: 10000\r\n\r\n"
    answer = await asyncio.wait_for(_raw(world, head, *[b"x"] * 40, pause=0.01), 10)
    assert b" 408 " in answer.split(b"\r\n")[0]


async def test_ten_thousand_headers(world: World) -> None:
    head = b"GET /qa/r/kernel HTTP/1.1\r\nHost: x\r\n"
    many = b"".join(b"X-%d: %s\r\n" % (n, SECRET.encode()) for n in range(10_000))
    answer = await _raw(world, head + many + b"\r\n")
    assert answer[:12] in (b"HTTP/1.1 400", b"HTTP/1.1 431", b"HTTP/1.0 400", b"HTTP/1.1 200", b"")
    assert (await world.get("/healthz")).status == 200


async def test_a_header_that_is_too_long(world: World) -> None:
    head = b"GET /qa/r/kernel HTTP/1.1\r\nHost: x\r\nCookie: " + SECRET.encode() * 10_000
    answer = await _raw(world, head + b"\r\n\r\n")
    assert answer.split(b" ")[1] == b"400"


async def test_what_breaks_is_told_without_what_broke_it(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await world.get("/broken", headers=JSON)
    assert answer.status == 500
    assert answer.json["error"].startswith("Something went wrong here.")
    [said] = [r.getMessage() for r in caplog.records if "could not be shown" in r.getMessage()]
    assert said.startswith("A page could not be shown: KeyError at test_hostile_requests.py:")


async def _raw(world: World, *sent: bytes, pause: float = 0) -> bytes:
    """What comes back first; the parts are sent until then, with so many seconds between them."""
    port = int(world.origin.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    coming = asyncio.create_task(reader.read(65_536))
    try:
        for part in sent:
            writer.write(part)
            await asyncio.wait([coming], timeout=pause)
            if coming.done():
                break
        return await asyncio.wait_for(coming, 15)
    except ConnectionError:
        return b""
    finally:
        coming.cancel()
        writer.close()
