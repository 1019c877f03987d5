"""The cookies of pages: what a browser shows by itself.

Their names tell apart several bots behind one host: cookies know hosts, and no paths that could be
relied on. `__Host-` keeps other hosts of the domain from setting them (RFC 6265bis, "Cookie Name
Prefixes"); without https there is no such prefix, and no `Secure`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from aiohttp import web

SESSION: Literal["session"] = "session"
"""Who is logged in."""
LOGIN: Literal["login"] = "login"
"""Which browser is about to log in."""
Purpose = Literal["session", "login"]


@dataclass(frozen=True, slots=True)
class Cookies:
    public_url: str

    def name(self, purpose: Purpose = SESSION) -> str:
        digest = hashlib.blake2b(self.public_url.encode(), digest_size=6).hexdigest()
        name = f"fosdembot-{digest}" if purpose == SESSION else f"fosdembot-{purpose}-{digest}"
        return f"__Host-{name}" if self._is_secure else name

    def read(self, request: web.Request, purpose: Purpose = SESSION) -> str:
        """What the browser shows; "" where it shows nothing."""
        return request.cookies.get(self.name(purpose), "")

    def any(self, request: web.Request) -> bool:
        """Whether the browser shows one of ours, so keeps what it is given."""
        return bool(self.read(request) or self.read(request, LOGIN))

    def put(
        self,
        response: web.StreamResponse,
        token: str,
        lasts: timedelta,
        purpose: Purpose = SESSION,
    ) -> None:
        """The browser shows it for so long (in real time)."""
        response.set_cookie(
            self.name(purpose),
            token,
            max_age=int(lasts.total_seconds()),
            path="/",
            secure=self._is_secure,
            httponly=True,
            samesite="Lax",
        )

    def remove(self, response: web.StreamResponse, purpose: Purpose = SESSION) -> None:
        """The browser shows it no more."""
        self.put(response, "", timedelta(0), purpose)

    @property
    def _is_secure(self) -> bool:
        return self.public_url.lower().startswith("https:")
