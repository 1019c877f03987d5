"""Who gives a talk, as far as it is known: schedules carry no Matrix ids. The one writer of
`speakers`."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.conference.programme import Programme
from fosdembot.db.engine import WriteSession
from fosdembot.db.prepared import Prepared
from fosdembot.db.question_tables import Speaker
from fosdembot.settings import Settings

MOST = 10
"""Speakers of one talk, and as many who claim to be."""
_CONFIRMED = Prepared(
    select(Speaker.talk, Speaker.person)
    .where(Speaker.talk.in_(bindparam("talks", expanding=True)), Speaker.confirmed)
    .order_by(Speaker.at, Speaker.person)
)
"""Made once: to make it takes longer than to execute it."""


def is_account(person: str) -> bool:
    """Whether somebody has a Matrix account, whom others can name, and the bot can write to. A
    guest of a page has none, and is in the audience."""
    return person.startswith("@")


async def speakers_of(
    session: AsyncSession, programme: Programme, settings: Settings, talks: Collection[str]
) -> dict[str, list[str]]:
    """The speakers of each of these talks (guids), by the settings or a claim that was
    confirmed; a talk of which nobody is known is in it as well."""
    found = {talk: dict.fromkeys(_named(programme, settings, talk)) for talk in talks}
    for talk, person in await _CONFIRMED.find(session, {"talks": list(talks)}):
        if is_account(person):
            found[talk][person] = None
    return {talk: list(persons) for talk, persons in found.items()}


def _named(programme: Programme, settings: Settings, talk: str) -> list[str]:
    published = programme.talks.get(talk)
    names = published.called if published is not None else (talk,)
    return [person for name in names for person in settings.speakers.get(name, ())]


async def find(session: AsyncSession, talk: str, person: str) -> Speaker | None:
    """Whom somebody named, or who claims to be a speaker of the talk (its guid)."""
    return await session.get(Speaker, (talk, person))


async def claimed_by(session: AsyncSession, cause: str) -> Speaker | None:
    """The claim with this cause, if it waits for a moderator."""
    found = select(Speaker).where(Speaker.claim == cause, Speaker.confirmed.is_(False))
    return (await session.scalars(found)).one_or_none()


async def count(session: AsyncSession, talk: str, *, confirmed: bool) -> int:
    """How many there are of a talk; else how many claim to be one."""
    query = select(func.count(Speaker.person)).where(
        Speaker.talk == talk, Speaker.confirmed.is_(confirmed)
    )
    return await session.scalar(query) or 0


async def appoint(session: WriteSession, talk: str, person: str, at: datetime) -> None:
    """Somebody is a speaker from now on, perhaps as they claimed."""
    row = await find(session, talk, person)
    if row is None:
        row = Speaker(talk=talk, person=person, claim=None, at=at)
        session.add(row)
    row.confirmed = True


def claim(session: WriteSession, talk: str, person: str, cause: str, at: datetime) -> None:
    """Somebody claims to be one."""
    session.add(Speaker(talk=talk, person=person, confirmed=False, claim=cause, at=at))


async def remove(session: WriteSession, speaker: Speaker) -> None:
    """A speaker is none any more, or a claim is void."""
    await session.delete(speaker)
    await session.flush()
