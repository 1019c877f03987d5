"""Tokens with which the bot enters meetings of servers that let nobody in without one (JSON Web
Tokens, RFC 7519; what is in them: Jitsi Meet, "Token authentication").

They are secrets: never in a log, in a message or on a page.
"""

from __future__ import annotations

import warnings
from datetime import datetime, timedelta

from fosdembot.meeting_url import MeetingUrl
from fosdembot.setting_sections import JitsiServer

from .meeting import MeetingError, Trouble

_HOLDS = timedelta(hours=2)
"""Checked when the bot comes in, which it may have to do again with a new one."""
_EARLY = timedelta(minutes=1)
"""For servers whose clocks are behind."""


def token_for(
    server: JitsiServer, meeting: MeetingUrl, domain: str, name: str, wall: datetime
) -> str:
    """The token for a meeting, empty where its server needs none. `wall`: the real time. Raises
    `MeetingError` where none can be made."""
    if not server.app_id:
        return server.token.get_secret_value()
    # With the cryptography that it brings it takes as long to import as all the rest of jitsi/.
    import jwt

    claims = {
        "aud": server.app_id,
        "iss": server.app_id,
        "sub": meeting.tenant or domain,
        "room": meeting.node,
        "nbf": int((wall - _EARLY).timestamp()),
        "exp": int((wall + _HOLDS).timestamp()),
        # Not a tile in the recording (jitsi-meet#10973).
        "context": {"user": {"name": name, "hidden-from-recorder": True}},
    }
    try:
        # A short secret is the operator's choice, as on the server (docker-jitsi-meet's example).
        with warnings.catch_warnings(action="ignore"):
            return jwt.encode(claims, server.app_secret.get_secret_value(), algorithm="HS256")
    except jwt.InvalidKeyError:
        raise MeetingError(Trouble.TOKEN_REFUSED, "app_secret") from None


def is_vouched(server: JitsiServer) -> bool:
    """Whether the server checks whom a token names. Where it asks for none, each participant can
    write any name into their presence."""
    return bool(server.app_id or server.token.get_secret_value())
