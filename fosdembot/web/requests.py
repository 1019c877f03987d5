"""Reads requests: bounded, and into values."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from fosdembot.clock import WallClock, at_most
from fosdembot.texts import pages as texts
from fosdembot.texts.render import say

from .refusals import Declined
from .routing import is_text

LARGEST_BODY = 65_536
"""Bytes: a question has 2,000 characters at most, an answer as many, of 12 bytes in a form."""
MOST_FIELDS = 20
LONGEST_QUERY = 2_000
SLOWEST_BODY = 10.0
"""Seconds in which all of it has to arrive: a phone with a bad connection sends 64 kB in less."""
_ID = re.compile(r"[0-9]{1,9}")
WALL = WallClock()
"""By which people send, however fast the conference goes."""


async def form_of(request: web.Request) -> Mapping[str, str]:
    """The fields of a form, or of a JSON object, that was sent. Raises `Declined`."""
    body = await _body(request)
    try:
        text = body.decode()
        if request.content_type == "application/json":
            return _texts(json.loads(text))
        return _fields(text)
    except (ValueError, RecursionError):
        raise Declined(say(texts.NOT_READABLE), 400) from None


def query_of(request: web.Request) -> Mapping[str, str]:
    """The parameters in the address. Raises `Declined`."""
    text = request.rel_url.raw_query_string
    try:
        if len(text) > LONGEST_QUERY:
            raise ValueError
        return _fields(text)
    except ValueError:
        raise Declined(say(texts.NOT_READABLE), 400) from None


def id_of(word: str) -> int | None:
    """Of a row; None where this is none."""
    return int(word) if _ID.fullmatch(word) else None


async def _body(request: web.Request) -> bytes:
    if (request.content_length or 0) > LARGEST_BODY:
        raise Declined(say(texts.TOO_LARGE), 413)
    body = b""
    try:
        async with at_most(WALL, SLOWEST_BODY):
            while chunk := await request.content.readany():
                body += chunk
                if len(body) > LARGEST_BODY:
                    raise Declined(say(texts.TOO_LARGE), 413)
    except TimeoutError:
        raise Declined(say(texts.TOO_SLOW), 408) from None
    except (web.RequestPayloadError, HttpProcessingError):
        # Said to be compressed, or cut into pieces, and is not.
        raise Declined(say(texts.NOT_READABLE), 400) from None
    return body


def _fields(text: str) -> Mapping[str, str]:
    """Raises `ValueError`."""
    fields = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    return _texts(dict(fields))


def _texts(value: Any) -> Mapping[str, str]:
    """Raises `ValueError`."""
    if not isinstance(value, dict) or len(value) > MOST_FIELDS:
        raise ValueError
    found = {key: each for key, each in value.items() if isinstance(each, str)}
    if not all(is_text(key) and is_text(each) for key, each in found.items()):
        raise ValueError
    return found
