"""The fake homeserver, asked without a network: nothing of it takes time but by its clock."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fosdembot.clock import at_most
from fosdembot.matrix.api import (
    Account,
    Api,
    File,
    HomeserverAway,
    Json,
    MatrixError,
    content_of,
)
from fosdembot.matrix.identity import Identity

from .fake_homeserver import FakeHomeserver


class DirectApi(Api):
    def __init__(self, server: FakeHomeserver, account: Account) -> None:
        self._server = server
        self._account = account

    async def request(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
        timeout: float = 60,
    ) -> Json:
        # What is sent is not what the bot goes on changing.
        sent = json.loads(json.dumps(body or {}))
        try:
            async with at_most(self._server.clock, timeout):
                answered = await self._server.answer(
                    self._account.token, path, dict(query or {}), sent
                )
        except TimeoutError as err:
            raise HomeserverAway("TimeoutError: ") from err
        if answered.is_lost:
            raise HomeserverAway("ServerDisconnectedError: Server disconnected")
        return await content_of(answered.status, answered.body)

    async def openid_userinfo(self, openid_token: str) -> Json:
        if self._server.is_away:
            raise HomeserverAway("ServerDisconnectedError: Server disconnected")
        if (person := self._server.openid.get(openid_token)) is None:
            raise MatrixError(401, "M_UNKNOWN_TOKEN", "refused")
        return {"sub": person}

    async def upload(self, file: File) -> str:
        if len(file.content) > self._server.largest_file:
            raise MatrixError(413, "M_TOO_LARGE", "too large")
        return self._server.keep(file.content)


@dataclass(frozen=True)
class DirectIdentity(Identity):
    """As whom a bot is on the homeserver `server`."""

    server: FakeHomeserver | None = None

    def api(self, only_room: str, dated: Callable[[str], None]) -> Api:
        assert self.server is not None
        assert not only_room
        return DirectApi(self.server, self.account)
