"""A look at a meeting and its server, without going in: for who sets them up."""

from __future__ import annotations

from fosdembot.conference.meetings import Probed
from fosdembot.meeting_url import MeetingUrl

from . import refusals
from . import stanzas as xml
from .connecting import Jitsi
from .meeting import MeetingError, Trouble
from .stanzas import Element, child, make
from .xmpp import Session

_TELLING = {
    Trouble.NOT_STARTED,
    Trouble.TOKEN_NEEDED,
    Trouble.TOKEN_REFUSED,
    Trouble.WRONG_NAMES,
}
"""Other refusals only say that strangers may not ask."""
_LOBBY = "muc#roominfo_lobbyroom"


async def probe(jitsi: Jitsi, meeting: MeetingUrl, name: str) -> Probed:
    """Never raises `MeetingError`. `name`: what the bot is called there."""
    domain = muc = ""
    try:
        names = await jitsi.names(meeting)
        domain, muc = names.domain, names.muc
        session = await jitsi.session(meeting, name, names)
        try:
            await _look(session, f"{meeting.node}@{muc}")
        finally:
            await session.close()
    except MeetingError as err:
        return Probed(err.trouble.value, err.detail, domain, muc)
    return Probed(domain=domain, muc=muc)


async def _look(session: Session, room: str) -> None:
    """Raises `MeetingError` where the meeting is not on, or not open (XEP-0045, section 6.4)."""
    answer = await session.ask(room, make("query", xml.DISCO))
    if answer.get("type") == "error":
        refused = refusals.of_join(answer)
        if refused.trouble in _TELLING:
            raise refused
        return
    told = child(answer, "query", xml.DISCO)
    features = {each.get("var") for each in told} if told is not None else set()
    if "muc_passwordprotected" in features:
        raise MeetingError(Trouble.PASSWORD_NEEDED)
    if "muc_membersonly" in features and not _has_lobby(answer):
        raise MeetingError(Trouble.MEMBERS_ONLY)


def _has_lobby(answer: Element) -> bool:
    return any(each.get("var") == _LOBBY for each in answer.iter("{jabber:x:data}field"))
