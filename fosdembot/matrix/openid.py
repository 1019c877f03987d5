"""Whose an OpenID token is (Client-Server API, "OpenID"): the homeserver that gave it out says so.

A token is used at once. It is kept nowhere, and stands in no error.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from contextlib import nullcontext
from dataclasses import dataclass, field

from .api import Api, HomeserverAway, MatrixError
from .federation import Federation, Unreachable

USERINFO = "/_matrix/federation/v1/openid/userinfo"
AT_ONCE, WAITING = 40, 400
"""Requests to other homeservers, and those that wait for their turn: a hall comes in at once."""
OF_ONE, WAITING_FOR_ONE = 8, 100
"""The same of one homeserver. One that is slow holds up nobody else; our own is asked whatever
others do."""
_TOKEN = re.compile(r"[\x21-\x7e]{1,2000}")
_LONGEST_ID = 255
"""Bytes of a user id ("User Identifiers")."""
_LOCALPART = re.compile(r"[\x21-\x39\x3b-\x7e]+")
"""Also of old ids."""


class NotConfirmed(Exception):
    """The homeserver does not know the token, or says what it may not."""


class TryLater(Exception):
    """The homeserver could not be asked, or too many wait."""


@dataclass(slots=True)
class OpenId:
    """`own`: the name of our homeserver, which is asked at its client address."""

    api: Api
    own: str
    federation: Federation
    _turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    _turns_of: dict[str, asyncio.Semaphore] = field(default_factory=dict)
    """By homeserver, of those that are being asked."""
    _waiting: Counter[str] = field(default_factory=Counter)
    """By homeserver, with those whose turn it is."""

    async def whose(self, server: str, token: str) -> str:
        """The id of the person who got this token of that homeserver. Raises `NotConfirmed` and
        `TryLater`."""
        if not _TOKEN.fullmatch(token):
            raise NotConfirmed
        answer = await self._ask(server, token)
        person = answer.get("sub")
        if not isinstance(person, str) or not is_user_of(person, server):
            raise NotConfirmed
        return person

    async def _ask(self, server: str, token: str) -> dict[str, object]:
        own = server == self.own
        others = self._waiting.total() - self._waiting[self.own]
        if self._waiting[server] >= WAITING_FOR_ONE or (others >= WAITING and not own):
            raise TryLater
        self._waiting[server] += 1
        turns = self._turns_of.setdefault(server, asyncio.Semaphore(OF_ONE))
        try:
            async with turns, nullcontext() if own else self._turns:
                return await self._answer(server, token)
        except MatrixError as err:
            if err.status == 429:
                raise TryLater from None
            raise NotConfirmed from None
        except HomeserverAway:
            raise TryLater from None
        except Unreachable:
            raise NotConfirmed from None
        finally:
            self._waiting[server] -= 1
            if not self._waiting[server]:
                del self._waiting[server], self._turns_of[server]

    async def _answer(self, server: str, token: str) -> dict[str, object]:
        if server == self.own:
            try:
                return await self.api.openid_userinfo(token)
            except MatrixError as err:
                # Some answer clients and other servers at different addresses.
                if err.status != 404:
                    raise
        return await self.federation.get(server, USERINFO, {"access_token": token})


def is_user_of(person: str, server: str) -> bool:
    """Whether it is the id of a user of that homeserver: no other may be named by it."""
    if not person.startswith("@") or len(person) > _LONGEST_ID:
        return False
    localpart, colon, domain = person[1:].partition(":")
    return bool(colon) and domain == server and _LOCALPART.fullmatch(localpart) is not None
