"""The bot itself looks for questions in the subtitles that a schedule links."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from fosdembot.clock import Clock, WallClock
from fosdembot.settings import Settings
from fosdembot.transcripts.enriching_links import AGAIN_AFTER, Enriching
from fosdembot.transcripts.model import Link, Links, Spoken, Transcript
from fosdembot.transcripts.questions import ReadAloud
from simulation.stepped_clock import SteppedClock

from .samples import at, question, transcript

VTT = """WEBVTT

00:20:00.000 --> 00:20:06.000
the first question is how small can a kernel get before it stops being one

00:20:07.000 --> 00:20:12.000
forty kilobytes I would say

00:22:00.000 --> 00:22:05.000
why is the speaker so boring somebody asks that is not nice

00:22:06.000 --> 00:22:10.000
well
"""
ASKED = question(12, "How small can a kernel get before it stops being one?", taken_at=at(20))
RUDE = ReadAloud(13, "Why is the speaker so boring?", at(22))


@pytest.fixture
def asked() -> list[str]:
    """The files that were fetched."""
    return []


@pytest.fixture
async def address(asked: list[str]) -> AsyncIterator[str]:
    """Of a web server that has the subtitles."""

    async def answer(request: web.Request) -> web.Response:
        asked.append("tiny.vtt")
        return web.Response(text=VTT)

    async def broken(request: web.Request) -> web.Response:
        asked.append("broken.vtt")
        return web.Response(status=503)

    app = web.Application()
    app.router.add_get("/tiny.vtt", answer)
    app.router.add_get("/broken.vtt", broken)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


def linked(url: str) -> Transcript:
    links = Links(subtitles=(Link(label="Subtitles", url=url),))
    return transcript([ASKED], links=links)


def enriching(clock: Clock | None = None, **rules: bool) -> Enriching:
    settings = Settings.model_validate({"transcripts": rules})
    return Enriching(settings, logging.getLogger("test.enriching"), clock or WallClock())


async def test_a_question_gets_its_second_and_no_quote_of_what_is_hidden(address: str) -> None:
    found = await enriching().enriched(linked(f"{address}/tiny.vtt"), [RUDE])
    spoken = found.questions[0].spoken
    assert spoken is not None
    assert abs(spoken.second - 1200) < 10
    assert spoken.quote is not None
    assert "forty kilobytes" in spoken.quote
    assert "boring" not in spoken.quote


@pytest.mark.parametrize("known", [True, False])
async def test_nothing_is_fetched_without_need(known: bool) -> None:
    made = linked("http://127.0.0.1:9/nobody-listens.vtt")
    if known:
        there = ASKED.model_copy(update={"spoken": Spoken(second=1200, score=90)})
        made = made.model_copy(update={"questions": (there,)})
    assert await enriching(enrich=known).enriched(made, []) == made


async def test_subtitles_that_cannot_be_had_are_in_the_log_once(
    address: str, caplog: pytest.LogCaptureFixture
) -> None:
    made, parts = linked(f"{address}/missing.vtt"), enriching()
    for _ in range(2):
        assert await parts.enriched(made, []) == made
    (record,) = caplog.records
    assert "missing.vtt" in record.message or "404" in record.message


async def test_what_was_looked_for_is_not_fetched_again(address: str, asked: list[str]) -> None:
    never_read = question(14, "Is there a port to something else?", taken_at=at(24))
    made = linked(f"{address}/tiny.vtt").model_copy(update={"questions": (never_read,)})
    parts = enriching()
    for _ in range(3):
        made = await parts.enriched(made, [])
    assert asked == ["tiny.vtt"]
    await parts.enriched(made, [RUDE])
    assert asked == ["tiny.vtt"] * 2


async def test_what_cannot_be_had_is_fetched_again_some_minutes_later(
    address: str, asked: list[str]
) -> None:
    clock = SteppedClock()
    made, parts = linked(f"{address}/broken.vtt"), enriching(clock)
    for _ in range(3):
        await parts.enriched(made, [RUDE])
    assert asked == ["broken.vtt"]
    await clock.advance(AGAIN_AFTER)
    await parts.enriched(made, [])
    assert asked == ["broken.vtt"] * 2
