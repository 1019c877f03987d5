"""What somebody is told who may not do what they typed."""

from __future__ import annotations

from fosdembot.actions.permissions import Permission
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


def only_for(permission: Permission, *, pending: bool) -> Text:
    """Who may do that. `pending`: whether it is about a question that waits for a moderator."""
    return say(_ONLY[permission.least(pending=pending)])
