"""Other bots on the same account: both would answer everything."""

from __future__ import annotations

from datetime import UTC, datetime

from fosdembot.cli.checks.findings import Finding
from fosdembot.cli.config import Config
from fosdembot.matrix.account_mark import others, own_mark
from fosdembot.matrix.api import Api
from fosdembot.texts.render import clean
from fosdembot.texts.words import duration


async def other_bots_finding(api: Api, config: Config) -> Finding | None:
    """None where no other one used the account lately."""
    found = await others(api, config.user_id, own_mark(config.database))
    if not found:
        return None
    now = datetime.now(UTC)
    todo = [
        f"on {clean(mark.host, 99)}, {clean(mark.place, 200)}, seen {duration(now - mark.seen)} ago"
        for mark in found
    ]
    todo.append("Stop that one, or give this one an account of its own: else both answer.")
    return Finding("other bots", "another fosdembot uses this account", False, todo)
