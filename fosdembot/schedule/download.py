"""One file from an http(s) address, bounded in size, time and redirects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fosdembot.about import HOME_PAGE, __version__

from .text import clean

if TYPE_CHECKING:
    import aiohttp

USER_AGENT = f"fosdembot/{__version__} (+{HOME_PAGE})"
"""Says who asks: some hosts turn away what calls itself Python."""
_REDIRECTS = 5
_CHUNK = 65_536


@dataclass(frozen=True, slots=True)
class Downloaded:
    status: int
    """200, or 304 where that was asked for."""
    body: bytes
    charset: str | None
    headers: Mapping[str, str]


class DownloadError(Exception):
    """A file cannot be had. The message is one line, and names the host, never the whole address,
    which may hold a password."""


class TooLarge(DownloadError):
    pass


async def download(
    address: str, headers: Mapping[str, str], most_bytes: int, seconds: float
) -> Downloaded:
    """What stands at an address. Raises `DownloadError`."""
    # A tenth of a second that reading a file should not wait for.
    import aiohttp

    from .fetch_errors import failure, too_slow

    host = host_of(address)
    answered = False
    timeout = aiohttp.ClientTimeout(total=seconds)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(address, headers=headers, max_redirects=_REDIRECTS) as response,
        ):
            answered = True
            if response.status == 304 and any(name.startswith("If-") for name in headers):
                return Downloaded(304, b"", None, response.headers)
            if response.status != 200:
                reason = clean(response.reason, 60)
                raise DownloadError(f"{host} answers {response.status} {reason}".rstrip())
            body = await _body(response, most_bytes)
            return Downloaded(200, body, response.charset, response.headers)
    except TimeoutError:
        raise DownloadError(too_slow(host, seconds, answered)) from None
    except (aiohttp.ClientError, OSError, ValueError) as err:
        raise DownloadError(failure(host, err)) from None


def host_of(address: str) -> str:
    try:
        return clean(urlsplit(address).hostname, 100) or "the address"
    except ValueError:
        return "the address"


async def _body(response: aiohttp.ClientResponse, most_bytes: int) -> bytes:
    """The decompressed body; what is beyond the limit is not waited for."""
    data = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK):
        data += chunk
        if len(data) > most_bytes:
            raise TooLarge(f"{host_of(str(response.url))} sends more than is read")
    return bytes(data)
