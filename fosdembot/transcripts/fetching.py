"""Getting the subtitles that a talk's schedule entry links."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

from fosdembot.schedule.download import USER_AGENT, DownloadError, TooLarge, download, host_of
from fosdembot.schedule.text import web_address

from .enriching import enrich, found_in
from .matching import Asked
from .model import Link, Transcript
from .subtitles import BadSubtitles, Cue, read

MOST_MEGABYTES = 5
"""FOSDEM's are a tenth of one."""
_SECONDS = 20.0
_MOST_FILES = 3
"""Files of one talk that are tried: they may be in several languages."""


class NoSubtitles(Exception):
    """Subtitles cannot be had; the message is one line."""


async def fetch(url: str, user_agent: str = "") -> tuple[Cue, ...]:
    """The subtitles at an http(s) address. Raises `NoSubtitles`."""
    if not web_address(url):
        raise NoSubtitles("a link to subtitles is no http(s) address: correct it in the schedule")
    headers = {"Accept": "text/vtt, */*;q=0.5", "User-Agent": user_agent or USER_AGENT}
    try:
        got = await download(url, headers, MOST_MEGABYTES * 1_000_000, _SECONDS)
        return await asyncio.to_thread(read, got.body)
    except TooLarge:
        raise NoSubtitles(
            f"the subtitles at {host_of(url)} have more than {MOST_MEGABYTES} MB: is it the video?"
        ) from None
    except (DownloadError, BadSubtitles) as err:
        what = "" if isinstance(err, DownloadError) else f"the subtitles at {host_of(url)}: "
        raise NoSubtitles(f"{what}{err}") from None


async def fetch_and_enrich(
    transcript: Transcript, user_agent: str = "", others: Iterable[Asked] = ()
) -> Transcript:
    """The transcript with what the subtitles say that it links; as it is where it links none.

    `others` as in `enrich`. Raises `NoSubtitles` where none can be read.
    """
    cues = await fetch_best(transcript, user_agent)
    if not cues:
        return transcript
    return await asyncio.to_thread(enrich, transcript, cues, tuple(others))


async def fetch_best(transcript: Transcript, user_agent: str = "") -> tuple[Cue, ...]:
    """The subtitles in which most of its questions are found, of those that it links; none where
    it links none. Raises `NoSubtitles` where none can be read."""
    links = transcript.links.subtitles[:_MOST_FILES]
    found: list[tuple[Cue, ...]] = []
    why: NoSubtitles | None = None
    for link in _likely_first(links, transcript.talk.language):
        try:
            found.append(await fetch(link.url, user_agent))
        except NoSubtitles as err:
            why = why or err
    if not found and why is not None:
        raise why
    if len(found) < 2:
        return found[0] if found else ()
    counts = [found_in(await asyncio.to_thread(enrich, transcript, cues)) for cues in found]
    return found[counts.index(max(counts))]


def _likely_first(links: Sequence[Link], language: str) -> list[Link]:
    """Those in the talk's language first, as far as labels tell."""
    return sorted(links, key=lambda link: not language or language not in link.label.casefold())
