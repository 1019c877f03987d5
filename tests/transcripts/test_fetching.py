"""Subtitles come from a real web server, bounded, and with a line that says what is wrong."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer

from fosdembot.transcripts.fetching import NoSubtitles, fetch, fetch_and_enrich
from fosdembot.transcripts.model import Link, Links, Transcript

from .samples import START, question, transcript

pytestmark = pytest.mark.asyncio(loop_scope="module")

VTT = "WEBVTT\n\n01:50.000 --> 01:55.000\nHow small is kernel seven, please? Small.\n"
OTHER = "WEBVTT\n\n00:01.000 --> 00:02.000\nBonjour\n"


async def _large(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    for _ in range(100):
        await response.write(b"WEBVTT\n\n" * 10_000)
    return response


async def _moved(request: web.Request) -> web.Response:
    raise web.HTTPFound(request.query.get("to", request.path))


async def _gone(_: web.Request) -> web.Response:
    return web.Response(status=404)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncIterator[str]:
    async def text(request: web.Request) -> web.Response:
        return web.Response(text={"/a.vtt": VTT, "/fr.vtt": OTHER}.get(request.path, "no"))

    app = web.Application()
    app.router.add_get("/large.vtt", _large)
    app.router.add_get("/moved", _moved)
    app.router.add_get("/round", _moved)
    app.router.add_get("/gone.vtt", _gone)
    app.router.add_get("/{name}", text)
    async with TestServer(app) as server:
        yield str(server.make_url("/"))


def linked(*urls: str, label: str = "Subtitles") -> Transcript:
    links = tuple(Link(label=label, url=url) for url in urls)
    asked = question(7, "How small is kernel seven?", taken_at=START + timedelta(seconds=100))
    return transcript([asked], links=Links(subtitles=links))


async def refusal(url: str) -> str:
    with pytest.raises(NoSubtitles) as caught:
        await fetch(url)
    assert str(caught.value).isprintable()
    return str(caught.value)


async def test_they_are_fetched_also_from_elsewhere(site: str) -> None:
    [cue] = await fetch(f"{site}a.vtt")
    assert (cue.start, cue.text) == (110, "How small is kernel seven, please? Small.")
    assert await fetch(f"{site}moved?to={site}a.vtt") == (cue,)


async def test_what_cannot_be_had_is_told_in_one_line(site: str) -> None:
    assert "127.0.0.1 answers 404" in await refusal(f"{site}gone.vtt")
    assert "more than 5 MB: is it the video?" in await refusal(f"{site}large.vtt")
    assert "does not begin with WEBVTT: give the .vtt file" in await refusal(f"{site}other")
    assert "is no http(s) address" in await refusal("file:///etc/passwd")
    assert "is no http(s) address" in await refusal("coming soon")
    assert "is no http(s) address" in await refusal(f"{site}moved?to=file:///etc/passwd")
    assert "sends on and on" in await refusal(f"{site}round")


async def test_the_file_counts_in_which_most_is_found(site: str) -> None:
    found = await fetch_and_enrich(linked(f"{site}gone.vtt", f"{site}fr.vtt", f"{site}a.vtt"))
    [asked] = found.questions
    assert asked.spoken is not None
    assert asked.spoken.quote == "Small."


async def test_where_none_can_be_had_it_says_why(site: str) -> None:
    with pytest.raises(NoSubtitles, match="answers 404"):
        await fetch_and_enrich(linked(f"{site}gone.vtt", f"{site}other"))


async def test_without_a_link_a_transcript_stays_as_it_is() -> None:
    assert await fetch_and_enrich(linked()) == linked()
