"""How many pages may be open at once, in all and from one address."""

from __future__ import annotations

import resource
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from aiohttp import web

from fosdembot.texts import pages as texts
from fosdembot.texts.render import say

from .address_limits import address_of
from .refusals import Declined

MOST = 5_000
"""Open pages: about 100 MB beside the rest."""
MOST_FROM_ONE_ADDRESS = 3_000
"""A keynote's audience may be behind one."""
OTHER_FILES = 200
"""Open files that are for others: the database, the homeserver, requests that are answered."""
FILES_WANTED = MOST + OTHER_FILES
LATER = 30.0
"""Seconds until a page that found no place comes again."""


def most_open() -> int:
    """As many as the system allows this process; asks it for as many as we want."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES_WANTED if hard == resource.RLIM_INFINITY else min(FILES_WANTED, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    if soft == resource.RLIM_INFINITY:
        return MOST
    return max(1, min(MOST, soft - OTHER_FILES))


@dataclass(slots=True)
class StreamPlaces:
    proxies: int
    """See `pages.proxies`."""
    most: int = MOST
    most_from_one_address: int = MOST_FROM_ONE_ADDRESS
    open: Counter[str] = field(default_factory=Counter)
    """By address; also those of browsers that are gone, until a beat finds out."""

    @contextmanager
    def taken(self, request: web.Request) -> Iterator[None]:
        """One place, for this request. Raises `Declined` where there is none."""
        address = address_of(request, self.proxies)
        if self.open.total() >= self.most:
            raise Declined(say(texts.TOO_MANY_OPEN), 503, retry_after=LATER)
        if self.open[address] >= self.most_from_one_address:
            raise Declined(say(texts.TOO_MANY_OPEN_HERE), 429, retry_after=LATER)
        self.open[address] += 1
        try:
            yield
        finally:
            self.open[address] -= 1
            if not self.open[address]:
                del self.open[address]
