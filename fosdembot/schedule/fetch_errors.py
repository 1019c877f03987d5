"""Why a schedule cannot be fetched, in words: who was reached is not said to be away."""

from __future__ import annotations

import os

import aiohttp

from .text import clean


def failure(host: str, err: Exception) -> str:
    """What went wrong at a host. The message never names the address, which may hold a
    password."""
    match err:
        case aiohttp.TooManyRedirects():
            return f"{host} answers, but sends on and on to other addresses"
        case aiohttp.InvalidUrlRedirectClientError() | aiohttp.NonHttpUrlRedirectClientError():
            return f"{host} answers, but sends on to what is no http(s) address"
        case aiohttp.InvalidURL():
            return f"{host} cannot be reached: that is no http(s) address"
        case aiohttp.ClientConnectorCertificateError():
            why = getattr(err.certificate_error, "verify_message", "") or "not trusted"
            return f"{host} answers, but its certificate is not valid: {clean(str(why), 80)}"
        case aiohttp.ClientSSLError():
            return f"{host} answers, but speaks no TLS; is it http:// that you mean?"
        case aiohttp.ClientConnectorError() if isinstance(err.os_error, ConnectionResetError):
            return f"{host} was reached, but closed the connection"
        case aiohttp.ClientConnectorError():
            return f"{host} cannot be reached: {_strerror(err.os_error)}"
        case aiohttp.ServerDisconnectedError():
            return f"{host} was reached, but closed the connection without an answer"
        case aiohttp.ClientPayloadError():
            return f"{host} answers, but the answer breaks off"
        case aiohttp.ClientResponseError():
            return f"{host} answers, but not in HTTP"
        case aiohttp.ClientOSError():
            return f"{host} was reached, but the connection broke: {_strerror(err)}"
        case _:
            return f"{host} cannot be reached: {_strerror(err)}"


def too_slow(host: str, seconds: float, answered: bool) -> str:
    """That it took too long; `answered`: whether an answer had begun."""
    if answered:
        return f"{host} answers, but too slowly: not all was there after {seconds:.0f} seconds"
    return f"{host} does not answer in {seconds:.0f} seconds"


def _strerror(err: Exception) -> str:
    """The operating system's words, without the address that asyncio adds."""
    number = getattr(err, "errno", None) or 0
    words = os.strerror(number) if number > 0 else getattr(err, "strerror", None)
    return clean(words, 80) or clean(type(err).__name__, 40)
