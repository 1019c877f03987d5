"""Who gives a talk, as far as it is known: schedules carry no Matrix ids."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.conference.programme import Programme
from fosdembot.db.question_tables import Speaker
from fosdembot.settings import Settings


async def speakers_of(
    session: AsyncSession, programme: Programme, settings: Settings, talks: Collection[str]
) -> dict[str, list[str]]:
    """The speakers of each of these talks (guids), by the settings or a claim that was
    confirmed; a talk of which nobody is known is in it as well."""
    found = {talk: dict.fromkeys(_named(programme, settings, talk)) for talk in talks}
    claims = await session.execute(
        select(Speaker.talk, Speaker.person)
        .where(Speaker.talk.in_(talks), Speaker.confirmed)
        .order_by(Speaker.at, Speaker.person)
    )
    for talk, person in claims:
        found[talk][person] = None
    return {talk: list(persons) for talk, persons in found.items()}


def _named(programme: Programme, settings: Settings, talk: str) -> list[str]:
    published = programme.talks.get(talk)
    names = published.called if published is not None else (talk,)
    return [person for name in names for person in settings.speakers.get(name, ())]
