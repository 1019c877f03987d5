"""What somebody is told who may not do what they typed."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.actions.access import About, Access, is_pending
from fosdembot.actions.actor import Who
from fosdembot.actions.permissions import Permission
from fosdembot.chat.command import Declined
from fosdembot.conference.roles import Role
from fosdembot.texts import commands as command_texts
from fosdembot.texts import questions as texts
from fosdembot.texts.render import Text, say

_ONLY = {
    None: texts.OWN_MOVE_ONLY,
    Role.SPEAKER: texts.ONLY_SPEAKERS,
    Role.MODERATOR: command_texts.ONLY_MODERATORS,
    Role.ORGANISER: command_texts.ONLY_ORGANISERS,
}


async def demand(
    access: Access, session: AsyncSession, actor: Who, permission: Permission, about: About
) -> None:
    """Raises `Declined` if the actor may not do that."""
    if not await access.allows(session, actor, permission, about):
        raise not_allowed(permission, about)


def not_allowed(permission: Permission, about: About) -> Declined:
    """Returns what to raise: who may do that."""
    return Declined(only_for(permission, pending=is_pending(about)))


def only_for(permission: Permission, *, pending: bool) -> Text:
    """Who may do that. `pending`: whether it is about a question that waits for a moderator."""
    return say(_ONLY[permission.least(pending=pending)])
