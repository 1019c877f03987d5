"""Fetching: from files and from a real web server, at little cost where nothing changed."""

from __future__ import annotations

import asyncio
import gzip
import os
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer

from fosdembot.about import __version__
from fosdembot.schedule import fetch as module
from fosdembot.schedule.fetch import Version, fetch
from fosdembot.schedule.model import ScheduleError
from fosdembot.schedule.read import read
from fosdembot.settings import ScheduleSettings

from .samples import BRUSSELS, frab, ical, talk

SETTINGS = ScheduleSettings(max_megabytes=1)
DATA = b"<schedule/>"


async def refusal(source: str) -> str:
    with pytest.raises(ScheduleError) as caught:
        await fetch(source, SETTINGS)
    assert str(caught.value).isprintable()
    return str(caught.value)


class TestFile:
    async def test_is_read(self, tmp_path: Path) -> None:
        path = tmp_path / "schedule with blanks: ü.xml"
        path.write_bytes(DATA)
        assert (await fetch(str(path), SETTINGS)).data == DATA

    async def test_unchanged_is_not_read_again(self, tmp_path: Path) -> None:
        path = tmp_path / "schedule.xml"
        path.write_bytes(DATA)
        known = (await fetch(str(path), SETTINGS)).version
        written = path.stat().st_mtime_ns
        path.write_bytes(DATA[::-1])
        os.utime(path, ns=(written, written))
        assert await fetch(str(path), SETTINGS, known) == module.Fetched(known, None)

    async def test_written_anew_with_the_same_content_is_the_same(self, tmp_path: Path) -> None:
        path = tmp_path / "schedule.xml"
        path.write_bytes(DATA)
        known = (await fetch(str(path), SETTINGS)).version
        os.utime(path, ns=(0, 0))
        again = await fetch(str(path), SETTINGS, known)
        assert again.data is None
        assert again.version != known
        assert (await fetch(str(path), SETTINGS, again.version)).version == again.version

    async def test_changed_is_read(self, tmp_path: Path) -> None:
        path = tmp_path / "schedule.xml"
        path.write_bytes(DATA)
        known = (await fetch(str(path), SETTINGS)).version
        path.write_bytes(DATA + b" ")
        assert (await fetch(str(path), SETTINGS, known)).data == DATA + b" "

    async def test_another_source_is_read_whatever_was_known(self, tmp_path: Path) -> None:
        first, second = tmp_path / "a", tmp_path / "b"
        first.write_bytes(DATA)
        os.link(first, second)
        known = (await fetch(str(first), SETTINGS)).version
        assert (await fetch(str(second), SETTINGS, known)).data == DATA

    async def test_what_cannot_be_opened(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe")
        assert "No such file" in await refusal(str(tmp_path / "missing"))
        assert "not a file" in await refusal(str(tmp_path))
        assert "not a file" in await refusal(str(tmp_path / "pipe"))
        assert "not a file" in await refusal("/dev/zero")
        assert "no path" in await refusal("a\0b")

    async def test_too_large(self, tmp_path: Path) -> None:
        path = tmp_path / "large"
        path.write_bytes(b"x" * 1_000_000)
        assert len((await fetch(str(path), SETTINGS)).data or b"") == 1_000_000
        path.write_bytes(b"x" * 1_000_001)
        assert "larger than 1 MB; schedule.max_megabytes" in await refusal(str(path))


@pytest.mark.parametrize("source", ["ftp://example.org/x", "file:///etc/passwd", "data://x,y"])
async def test_other_schemes_are_refused(source: str) -> None:
    assert "give a path or an http(s) address" in await refusal(source)


class Server:
    """A web server that publishes a schedule."""

    def __init__(self) -> None:
        self.data = DATA
        self.etag: str | None = '"1"'
        self.last_modified: str | None = "Sat, 31 Jan 2026 09:00:00 GMT"
        self.content_type = "application/octet-stream"
        self.conditions: list[tuple[str | None, str | None]] = []
        self.user_agents: list[str | None] = []
        self.url = ""

    async def schedule(self, request: web.Request) -> web.StreamResponse:
        etag = request.headers.get("If-None-Match")
        self.conditions.append((etag, request.headers.get("If-Modified-Since")))
        self.user_agents.append(request.headers.get("User-Agent"))
        if etag is not None and etag == self.etag:
            return web.Response(status=304)
        headers = {
            "Content-Type": self.content_type,
            "ETag": self.etag,
            "Last-Modified": self.last_modified,
        }
        return web.Response(
            body=self.data, headers={key: value for key, value in headers.items() if value}
        )

    async def secret(self, request: web.Request) -> web.StreamResponse:
        assert request.headers["Authorization"].startswith("Basic ")
        raise web.HTTPForbidden

    async def endless(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x" * 65_536)

    async def bomb(self, _request: web.Request) -> web.StreamResponse:
        body = gzip.compress(b"x" * 30_000_000)
        return web.Response(body=body, headers={"Content-Encoding": "gzip"})

    async def silent(self, _request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(60)
        raise AssertionError

    async def slow(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(DATA)
        await asyncio.sleep(60)
        raise AssertionError

    async def short(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "1000"})
        await response.prepare(request)
        await response.write(DATA)
        assert request.transport is not None
        request.transport.close()
        return response

    async def away(self, _request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound("ftp://example.org/schedule.xml")

    async def around(self, _request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound("/around")

    async def moved(self, _request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound("/schedule.xml")


@pytest_asyncio.fixture
async def server() -> AsyncIterator[Server]:
    content = Server()
    app = web.Application()
    app.router.add_get("/schedule.xml", content.schedule)
    for name in ("secret", "endless", "bomb", "silent", "slow", "short", "away", "around", "moved"):
        app.router.add_get(f"/{name}", getattr(content, name))
    async with TestServer(app) as running:
        content.url = str(running.make_url("/"))
        yield content


class TestUrl:
    async def test_is_fetched(self, server: Server) -> None:
        assert (await fetch(f"{server.url}schedule.xml", SETTINGS)).data == DATA
        assert (await fetch(f"{server.url}moved", SETTINGS)).data == DATA
        assert server.conditions == [(None, None)] * 2

    async def test_is_asked_for_conditionally(self, server: Server) -> None:
        known = (await fetch(f"{server.url}schedule.xml", SETTINGS)).version
        assert await fetch(f"{server.url}schedule.xml", SETTINGS, known) == module.Fetched(
            known, None
        )
        assert server.conditions[1] == ('"1"', "Sat, 31 Jan 2026 09:00:00 GMT")
        server.etag, server.data = '"2"', b"{}"
        changed = await fetch(f"{server.url}schedule.xml", SETTINGS, known)
        assert (changed.data, changed.version.tag) == (b"{}", '"2"')

    async def test_without_validators_the_content_tells(self, server: Server) -> None:
        server.etag = server.last_modified = None
        known = (await fetch(f"{server.url}schedule.xml", SETTINGS)).version
        assert (await fetch(f"{server.url}schedule.xml", SETTINGS, known)).data is None
        assert server.conditions == [(None, None)] * 2
        server.data = b"{}"
        assert (await fetch(f"{server.url}schedule.xml", SETTINGS, known)).data == b"{}"

    async def test_a_version_of_elsewhere_is_no_condition(self, server: Server) -> None:
        known = Version("https://example.org", '"1"', "", "")
        assert (await fetch(f"{server.url}schedule.xml", SETTINGS, known)).data == DATA

    async def test_what_the_server_refuses_is_told_without_the_password(
        self, server: Server
    ) -> None:
        assert await refusal(f"{server.url}missing") == "127.0.0.1 answers 404 Not Found"
        secret = server.url.replace("http://", "http://ada:pass@") + "secret?token=hidden"
        assert await refusal(secret) == "127.0.0.1 answers 403 Forbidden"

    @pytest.mark.parametrize("path", ["endless", "bomb"])
    async def test_too_large(self, server: Server, path: str) -> None:
        assert "larger than 1 MB" in await refusal(server.url + path)

    async def test_silence(self, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "TIMEOUT_SECONDS", 0.2)
        assert "does not answer in" in await refusal(server.url + "silent")

    async def test_a_slow_answer_is_one(
        self, server: Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "TIMEOUT_SECONDS", 0.2)
        assert "answers, but too slowly" in await refusal(server.url + "slow")

    @pytest.mark.parametrize(
        ("path", "why"),
        [
            ("short", "the answer breaks off"),
            ("away", "sends on to what is no http(s) address"),
            ("around", "sends on and on to other addresses"),
        ],
    )
    async def test_a_host_that_answers_is_not_said_to_be_away(
        self, server: Server, path: str, why: str
    ) -> None:
        assert await refusal(server.url + path) == f"127.0.0.1 answers, but {why}"

    @pytest.mark.parametrize(
        ("answer", "why"),
        [
            (b"", "was reached, but closed the connection without an answer"),
            (b"220 mail.example.org ESMTP\r\n", "answers, but not in HTTP"),
            (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nno", "answers, but the answer"),
        ],
    )
    async def test_neither_is_one_that_answers_oddly(self, answer: bytes, why: str) -> None:
        async def reply(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readline()
            writer.write(answer)
            writer.close()

        async with await asyncio.start_server(reply, "127.0.0.1") as odd:
            port = odd.sockets[0].getsockname()[1]
            message = await refusal(f"http://ada:pass@127.0.0.1:{port}/?token=hidden")
            assert message.startswith(f"127.0.0.1 {why}")
            message = await refusal(f"https://ada:pass@127.0.0.1:{port}/?token=hidden")
            assert "speaks no TLS" in message or "was reached" in message

    async def test_nobody_there(self) -> None:
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            port = closed.getsockname()[1]
            message = await refusal(f"http://ada:pass@127.0.0.1:{port}/?token=hidden")
        assert message.startswith("127.0.0.1 cannot be reached: ")
        assert "pass" not in message
        assert "hidden" not in message

    @pytest.mark.parametrize("url", ["http://", "http://[", "https://:99999/", "http://\x1b[31m/"])
    async def test_what_is_no_address(self, url: str) -> None:
        assert "cannot be reached" in await refusal(url)


class TestWhoAsks:
    async def test_the_bot_names_itself_with_version_and_home_page(self, server: Server) -> None:
        await fetch(f"{server.url}moved", SETTINGS)
        (agent,) = server.user_agents
        assert agent is not None
        assert agent.startswith(f"fosdembot/{__version__} (+https://")
        assert "python" not in agent.lower()

    async def test_or_as_the_settings_say(self, server: Server) -> None:
        settings = ScheduleSettings(user_agent="ExampleConf bot, ops@example.org")
        await fetch(f"{server.url}schedule.xml", settings)
        assert server.user_agents == ["ExampleConf bot, ops@example.org"]


@pytest.mark.parametrize("scheme", ["webcal", "WebCal", "webcals"])
async def test_the_address_of_a_calendar_is_read_as_https(scheme: str) -> None:
    first = asyncio.get_running_loop().create_future()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        data = await reader.read(1)
        if not first.done():
            first.set_result(data)
        writer.close()

    listening = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with listening:
        port = listening.sockets[0].getsockname()[1]
        message = await refusal(f"{scheme}://127.0.0.1:{port}/calendar.ics")
    assert message.startswith("127.0.0.1 ")
    assert await first == b"\x16", "the first byte of a TLS handshake"


TITLE = "Bøger på åen, 10 €"
TALKS = {
    "xml": frab("xml", [talk(title=TITLE)]).decode(),
    "bare xml": frab("xml", [talk(title=TITLE)]).decode().partition("?>")[2],
    "json": frab("json", [talk(title=TITLE)]).decode().encode().decode("unicode_escape"),
    "ical": ical(f"UID:1\nSUMMARY:{TITLE}\nDTSTART:20260131T090000Z\nDURATION:PT25M").decode(),
}


class TestCharset:
    """What a server says counts where the schedule itself says nothing."""

    async def title(self, server: Server, data: bytes, charset: str) -> str:
        server.data, server.content_type = data, f"text/plain; charset={charset}"
        fetched = await fetch(f"{server.url}schedule.xml", SETTINGS)
        (entry,) = read(fetched.data or b"", BRUSSELS).entries
        return entry.title

    @pytest.mark.parametrize("charset", ["windows-1252", '"WINDOWS-1252"', "iso-8859-15", "utf-16"])
    @pytest.mark.parametrize("kind", ["bare xml", "json", "ical"])
    async def test_of_the_header(self, server: Server, kind: str, charset: str) -> None:
        data = TALKS[kind].encode(charset.strip('"'))
        assert await self.title(server, data, charset) == TITLE

    async def test_utf_16_without_a_mark(self, server: Server) -> None:
        assert await self.title(server, TALKS["ical"].encode("utf-16-le"), "utf-16le") == TITLE

    async def test_without_a_byte_above_127(self, server: Server) -> None:
        data = TALKS["ical"].replace(TITLE, "お知らせ").encode("iso2022_jp")
        assert await self.title(server, data, "iso-2022-jp") == "お知らせ"

    @pytest.mark.parametrize("kind", TALKS)
    @pytest.mark.parametrize("charset", ["iso-8859-1", "utf-8", "us-ascii", "windows-1251"])
    async def test_utf_8_is_utf_8_whatever_the_header_says(
        self, server: Server, kind: str, charset: str
    ) -> None:
        assert await self.title(server, TALKS[kind].encode(), charset) == TITLE

    async def test_utf_8_with_a_fold_in_a_character(self, server: Server) -> None:
        data = TALKS["ical"].encode().replace("å".encode(), b"\xc3\r\n \xa5", 1)
        assert await self.title(server, data, "iso-8859-1") == TITLE

    async def test_what_the_schedule_says_itself_comes_first(self, server: Server) -> None:
        data = TALKS["xml"].replace("utf-8", "iso-8859-15").encode("iso-8859-15")
        assert await self.title(server, data, "windows-1251") == TITLE
        assert await self.title(server, TALKS["ical"].encode("utf-8-sig"), "utf-16") == TITLE

    @pytest.mark.parametrize(
        "charset", ["nonsense", "rot13", "zip", "idna", "punycode", "x" * 5000, "utf-16"]
    )
    async def test_one_that_cannot_be_right_changes_nothing(
        self, server: Server, charset: str
    ) -> None:
        data = TALKS["ical"].encode("iso-8859-15")
        assert "\ufffd" in await self.title(server, data + b" " * (len(data) % 2 == 0), charset)
