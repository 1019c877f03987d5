"""Which notices were told, and by which messages. The only writer of `told_notices`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.db.engine import WriteSession
from fosdembot.db.prepared import Prepared
from fosdembot.db.tables import ToldNotice
from fosdembot.talks.notices import at_address

Names = Mapping[str, Collection[str]]
"""Of each address all that its room has, or had."""
_TOLD = Prepared(
    select(ToldNotice.key, ToldNotice.message_key, ToldNotice.address).where(
        ToldNotice.address.in_(bindparam("addresses", expanding=True))
    )
)
"""Made once: to make it takes longer than to execute it."""


async def told_at(session: AsyncSession, names: Names) -> dict[str, dict[str, str]]:
    """By address: key of a notice → key of the message that told it, also where the room had
    another of its `names` then. The keys are those that the notices have at the address."""
    every = {name for each in names.values() for name in each}
    rows = await _TOLD.find(session, {"addresses": list(every)})
    told: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for key, message_key, address in rows:
        told[address][key] = message_key
    return {address: _as_at(address, each, told) for address, each in names.items()}


def _as_at(
    address: str, names: Collection[str], told: Mapping[str, Mapping[str, str]]
) -> dict[str, str]:
    before = {
        at_address(key, address): message_key
        for name in names
        if name != address
        for key, message_key in told.get(name, {}).items()
    }
    return before | dict(told.get(address, {}))


def note_told(session: WriteSession, address: str, keys: Iterable[str], message_key: str) -> None:
    session.add_all(ToldNotice(key=key, address=address, message_key=message_key) for key in keys)


async def retell(
    session: WriteSession, address: str, names: Collection[str], key: str, message_key: str
) -> None:
    """This message tells a notice, also if another did before, where the room had another of
    its `names`: else that one would count again, once the room is called so again."""
    before = {at_address(key, name) for name in names} - {key}
    await session.execute(delete(ToldNotice).where(ToldNotice.key.in_(before)))
    await session.merge(ToldNotice(key=key, address=address, message_key=message_key))


async def hand_over(session: WriteSession, message_key: str, to: str) -> None:
    """What one message told, another tells from now on."""
    told = update(ToldNotice).where(ToldNotice.message_key == message_key)
    await session.execute(told.values(message_key=to))


async def forget_told(session: WriteSession, message_keys: Collection[str]) -> None:
    """These messages are not sent after all."""
    await session.execute(delete(ToldNotice).where(ToldNotice.message_key.in_(message_keys)))
