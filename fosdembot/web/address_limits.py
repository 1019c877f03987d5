"""How often something may be done from one internet address.

A lecture hall may be behind one address, and one household has many of IPv6: limits leave room for
the one, and take the other as a whole.
"""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from dataclasses import dataclass, field

from aiohttp import web

from fosdembot.clock import Clock
from fosdembot.texts import pages as texts
from fosdembot.texts.render import say

from .refusals import Declined

UNKNOWN = "unknown"
"""Where somebody comes from whose address cannot be read: all of them share one limit."""
HOUSEHOLD = 64
"""Bits of an IPv6 address that one line has to itself (RFC 6177 gives it as many or fewer)."""
MOST_ADDRESSES = 20_000
"""Remembered for each limit, about 150 bytes each: who sends from more of them at once can only
make us forget how often others came."""

LOGINS, LOGIN_SECONDS = 3000, 600.0
"""Requests to log in, from one address. A lecture hall of 1,000 behind one logs in within some
minutes, each with a page and a button, and some begin again. One address begins fewer than may be
under way (`page_logins.MOST`), so by itself it pushes nobody else out."""


def address_of(request: web.Request, proxies: int) -> str:
    """Where a request comes from: an IPv4 address, or an IPv6 network.

    Each of our `proxies` adds to `X-Forwarded-For`, at its end, from whom it got the request. What
    stands before that was sent by the browser, and may be anything.
    """
    passed = [
        entry.strip()
        for header in request.headers.getall("X-Forwarded-For", ())
        for entry in header.split(",")
    ]
    named = passed[-proxies:] if proxies else []
    return _network(named[0] if named else request.remote or "")


def _network(text: str) -> str:
    """Some proxies add a port."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return UNKNOWN
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, HOUSEHOLD), strict=False))


@dataclass(slots=True)
class AddressLimit:
    """At most `most` times at once, and as often again in each `seconds`."""

    clock: Clock
    proxies: int
    """See `pages.proxies`."""
    most: int
    seconds: float
    _free_at: OrderedDict[str, float] = field(default_factory=OrderedDict)
    """When an address will have everything again (the generic cell rate algorithm)."""

    def take(self, request: web.Request) -> None:
        """Once, from where this comes. Raises `Declined` if that is too often."""
        wait = self.seconds_to_wait(address_of(request, self.proxies))
        if wait is not None:
            raise Declined(say(texts.TOO_OFTEN), 429, retry_after=wait)

    def seconds_to_wait(self, address: str) -> float | None:
        """None: it was taken."""
        now = self.clock.monotonic()
        once = self.seconds / self.most
        free_at = max(now, self._free_at.pop(address, now)) + once
        too_early = free_at - now - self.seconds
        # What is a rounding error is not too early.
        if too_early > once * 1e-6:
            self._free_at[address] = free_at - once
            return too_early
        self._free_at[address] = free_at
        while len(self._free_at) > MOST_ADDRESSES:
            self._free_at.popitem(last=False)
        return None
