"""Finding the homeserver that somebody means, and logging in there."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import aiohttp
import click
from yarl import URL

from fosdembot.matrix.api import Api, HomeserverAway, MatrixError, ask
from fosdembot.texts.render import clean

DEVICE = "FOSDEMBOT"
"""Transaction ids hold for one device: a new log-in must be the same one."""
PATIENCE = 20.0
"""Seconds for a server to say that it is there."""


@dataclass
class Login:
    """Where and as whom (see `matrix/api.py`)."""

    base_url: URL
    token: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    base_url: URL
    ahead: timedelta
    """By how much the server's clock is ahead of ours, to the second."""


async def find_homeserver(http: aiohttp.ClientSession, given: str) -> Found:
    """The homeserver that `given`, an address or a server's name, means.

    A name is looked up as clients do (Client-Server API, "Server discovery"), else
    taken for the address itself. Raises `ClickException` where none answers.
    """
    given = given.strip()
    try:
        url = URL(given if "://" in given else f"https://{given}")
        url = url.with_path(url.path.rstrip("/"))
    except ValueError:
        url = URL()
    if url.scheme not in ("http", "https") or not url.host:
        raise click.ClickException(
            f"{clean(given, 100)} is no homeserver: give its name, like example.org"
        )
    if "://" in given:
        try:
            return await _at(http, url)
        except click.ClickException:
            # Perhaps it is the name of the server, with https:// before it.
            other = await _well_known(http, url) if url.scheme == "https" else None
            if other is None or other == url:
                raise
            return await _at(http, other)
    return await _at(http, await _well_known(http, url) or url)


async def _well_known(http: aiohttp.ClientSession, url: URL) -> URL | None:
    """What the server's name stands for, if it says so."""
    try:
        where = url.origin() / ".well-known" / "matrix" / "client"
        answer = await ask(http, "GET", where, timeout=PATIENCE, redirects=True)
        base = URL(str(answer.content["m.homeserver"]["base_url"]).rstrip("/"))
    except (HomeserverAway, MatrixError, KeyError, TypeError, ValueError):
        return None
    return base if base.scheme in ("http", "https") and base.host else None


async def _at(http: aiohttp.ClientSession, url: URL) -> Found:
    try:
        versions = URL(f"{str(url).rstrip('/')}/_matrix/client/versions")
        answer = await ask(http, "GET", versions, timeout=PATIENCE)
        if not isinstance(answer.content.get("versions"), list):
            raise HomeserverAway("no list of versions")
    except (HomeserverAway, MatrixError) as err:
        raise click.ClickException(f"{clean(str(url), 100)} {_why(err)}") from None
    return Found(url, _ahead(answer.date))


def _why(err: HomeserverAway | MatrixError) -> str:
    """Why no homeserver answers there, and what helps."""
    cause = err.__cause__
    if isinstance(cause, aiohttp.ClientConnectorCertificateError):
        reason = getattr(cause.certificate_error, "verify_message", "") or "not trusted"
        return (
            f"has a certificate that is not valid here ({clean(str(reason), 80)}). If it is "
            "your own, set SSL_CERT_FILE to the path of your authority's certificate."
        )
    if isinstance(cause, aiohttp.ClientSSLError):
        return "does not speak TLS; is it http:// that you mean?"
    if isinstance(cause, aiohttp.ClientConnectorError):
        error = cause.os_error
        # Of a refused connection asyncio says where it was going; of a name it says enough.
        number = error.errno or 0
        reason = os.strerror(number) if number > 0 else error.strerror
        return f"cannot be reached ({clean(str(reason), 80)}): check the name, and the network"
    if isinstance(cause, TimeoutError):
        return "does not answer: try again later, or check the name"
    return "answers, but is no Matrix homeserver: check the name"


def _ahead(date: str) -> timedelta:
    try:
        theirs = parsedate_to_datetime(date)
    except ValueError:
        return timedelta(0)
    seconds = (theirs.replace(tzinfo=UTC) - datetime.now(UTC)).total_seconds()
    # The server gives whole seconds.
    return timedelta(seconds=0 if -1 <= seconds <= 0 else round(seconds))


async def log_in(api: Api, user: str, password: str) -> tuple[str, str]:
    """`(id, token)` of the account, logged in. Raises `ClickException`."""
    try:
        answer = await api.login(user, password, DEVICE, "fosdembot")
        return str(answer["user_id"]), str(answer["access_token"])
    except HomeserverAway as err:
        raise click.ClickException(f"The log-in failed: the server {_why(err)}") from None
    except KeyError:
        raise click.ClickException("The log-in failed: the server gave no token") from None
    except MatrixError as err:
        raise click.ClickException(_refusal(err)) from None


def _refusal(err: MatrixError) -> str:
    if err.retry_after is not None:
        return f"Too many log-ins at once: try again in {round(err.retry_after) + 1} seconds"
    if err.errcode == "M_USER_DEACTIVATED":
        return "That account was deactivated: make another one for the bot"
    if err.errcode in ("M_UNKNOWN", "M_UNRECOGNIZED"):
        return (
            "This server takes no passwords. Log the bot in with a client, and write its "
            "id, homeserver and access_token into the configuration (example-standalone.yaml "
            "shows how); then call fosdembot init again"
        )
    return f"Wrong account or password ({clean(err.message, 100)})"
