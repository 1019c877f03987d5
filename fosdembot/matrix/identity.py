"""As whom the bot is on Matrix."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import aiohttp

from .account_mark import Mark
from .api import Account, Api
from .one_room import OneRoom


@dataclass(frozen=True)
class Identity:
    http: aiohttp.ClientSession
    account: Account
    user_id: str
    salt: str
    """The instance's: of it the transaction ids are made."""
    is_shared: Callable[[], bool] = lambda: False
    """Whether other instances use the account as well."""
    mark: Mark | None = None
    """By what others know that this one runs; None: by nothing."""

    def api(self, only_room: str, dated: Callable[[str], None]) -> Api:
        """The homeserver as this account sees it; of `only_room`, unless that is empty."""
        if only_room:
            return OneRoom(self.http, self.account, only_room, dated)
        return Api(self.http, self.account, dated)
