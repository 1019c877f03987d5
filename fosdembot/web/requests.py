"""Reads requests: bounded, and into values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from fosdembot.texts import pages as texts
from fosdembot.texts.render import say

from .refusals import Declined

LARGEST_BODY = 16_384
"""Bytes: a question has 2,000 characters at most, an answer as many."""
MOST_FIELDS = 20
LONGEST_QUERY = 2_000


async def form_of(request: web.Request) -> Mapping[str, str]:
    """The fields of a form, or of a JSON object, that was sent. Raises `Declined`."""
    body = await _body(request)
    try:
        text = body.decode()
        if request.content_type == "application/json":
            return _strings(json.loads(text))
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except (ValueError, RecursionError):
        raise Declined(say(texts.NOT_READABLE), 400) from None


def query_of(request: web.Request) -> Mapping[str, str]:
    """The parameters in the address. Raises `Declined`."""
    text = request.rel_url.raw_query_string
    try:
        if len(text) > LONGEST_QUERY:
            raise ValueError
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError:
        raise Declined(say(texts.NOT_READABLE), 400) from None


async def _body(request: web.Request) -> bytes:
    if (request.content_length or 0) > LARGEST_BODY:
        raise Declined(say(texts.TOO_LARGE), 413)
    body = b""
    while chunk := await request.content.readany():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise Declined(say(texts.TOO_LARGE), 413)
    return body


def _strings(value: Any) -> Mapping[str, str]:
    if not isinstance(value, dict) or len(value) > MOST_FIELDS:
        raise ValueError
    return {key: each for key, each in value.items() if isinstance(each, str)}
