"""The meeting of a talk's speakers, in a frame of their page."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.conference.meetings import Meetings
from fosdembot.schedule.model import Talk
from fosdembot.settings import Settings


@dataclass(frozen=True, slots=True)
class Framed:
    url: str
    is_framed: bool
    """Whether its server is one that the settings name: others are shown in no page of ours."""


async def meeting_of(
    session: AsyncSession, meetings: Meetings, settings: Settings, talk: Talk
) -> Framed | None:
    """None where the talk has none."""
    found = await meetings.of_talk(session, talk)
    return Framed(str(found), found.host in settings.jitsi.servers) if found is not None else None


def framed_hosts(settings: Settings) -> list[str]:
    """The origins of the meetings that pages may show."""
    return [f"https://{host}" for host in settings.jitsi.servers]
