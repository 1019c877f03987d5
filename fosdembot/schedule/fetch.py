"""Getting a published schedule: from a path, or an http(s) or webcal address.

It is polled every few minutes, so what did not change costs nothing: a file is not read
again, and a web server is asked conditionally (RFC 9110, section 13).
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fosdembot.settings import ScheduleSettings

from .charset import as_utf8
from .download import USER_AGENT, DownloadError, TooLarge, download
from .model import ScheduleError
from .text import clean

TIMEOUT_SECONDS = 60.0
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
# Addresses of calendars in links that open a calendar program.
_AS_HTTPS = ("webcal", "webcals")


@dataclass(frozen=True, slots=True)
class Version:
    """Tells whether what stands at a source is still what was fetched from there."""

    source: str
    tag: str
    """The server's ETag; of a file, what its directory entry says."""
    last_modified: str
    digest: str


@dataclass(frozen=True, slots=True)
class Fetched:
    version: Version
    """For the next fetch."""
    data: bytes | None
    """None: the same as at the version known before."""


async def fetch(source: str, settings: ScheduleSettings, known: Version | None = None) -> Fetched:
    """Fetch the schedule at `source`, a path or an http(s) address; webcal:// is read as https.

    Where a web server names a charset and the schedule names none, the data come in UTF-8.
    Raises `ScheduleError` where it cannot be had or is larger than
    `settings.max_megabytes`. Messages name the host, never the whole address, which may
    hold a password.
    """
    if known is not None and known.source != source:
        known = None
    if scheme := _SCHEME.match(source):
        address = source
        if scheme[1].lower() in _AS_HTTPS:
            address = f"https://{source[scheme.end() :]}"
        elif scheme[1].lower() not in ("http", "https"):
            raise ScheduleError(
                f"{clean(scheme[1], 20)}:// is not read; give a path or an http(s) address"
            )
        return await _fetch_url(source, address, settings, known)
    limit = settings.max_megabytes * 1_000_000
    return await asyncio.to_thread(_read_file, source, limit, known)


def _read_file(source: str, limit: int, known: Version | None) -> Fetched:
    try:
        path = Path(source).expanduser()
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise ScheduleError("it is not a file; give the path of one")
        tag = f"{status.st_mtime_ns}-{status.st_size}-{status.st_ino}"
        if known is not None and known.tag == tag:
            return Fetched(known, None)
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except (OSError, ValueError, RuntimeError) as err:
        reason = err.strerror if isinstance(err, OSError) else "that is no path"
        raise ScheduleError(f"the file cannot be opened: {reason}") from None
    if len(data) > limit:
        raise _too_large(limit)
    return _fetched(data, known, Version(source, tag, "", _digest(data)))


async def _fetch_url(
    source: str, address: str, settings: ScheduleSettings, known: Version | None
) -> Fetched:
    limit = settings.max_megabytes * 1_000_000
    try:
        got = await download(address, _headers(settings, known), limit, TIMEOUT_SECONDS)
    except TooLarge:
        raise _too_large(limit) from None
    except DownloadError as err:
        raise ScheduleError(str(err)) from None
    if got.status == 304 and known is not None:
        return Fetched(known, None)
    data = await asyncio.to_thread(as_utf8, got.body, got.charset)
    tag, modified = got.headers.get("ETag", ""), got.headers.get("Last-Modified", "")
    return _fetched(data, known, Version(source, tag, modified, _digest(data)))


def _headers(settings: ScheduleSettings, known: Version | None) -> Mapping[str, str]:
    headers = {
        "Accept": "application/xml, application/json, text/calendar, */*;q=0.5",
        "User-Agent": settings.user_agent or USER_AGENT,
    }
    if known is not None and known.tag:
        headers["If-None-Match"] = known.tag
    if known is not None and known.last_modified:
        headers["If-Modified-Since"] = known.last_modified
    return headers


def _fetched(data: bytes, known: Version | None, version: Version) -> Fetched:
    same = known is not None and known.digest == version.digest
    return Fetched(version, None if same else data)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _too_large(limit: int) -> ScheduleError:
    return ScheduleError(
        f"it is larger than {limit // 1_000_000} MB; schedule.max_megabytes sets the most"
    )
