"""Accounts that speak for many people."""

from __future__ import annotations

from fosdembot.matrix.power import is_bridged_by
from fosdembot.settings import Settings


def is_relay(account: str, settings: Settings) -> bool:
    """Whether the settings know the account as a relay or a bridge, by name or pattern."""
    return is_bridged_by([account], settings.relays)


def is_named_relay(account: str, settings: Settings) -> bool:
    """Whether the settings say of the account itself that it speaks for many: one that sits behind
    a bridge may be a person."""
    return is_bridged_by([account], settings.questions.relays)
