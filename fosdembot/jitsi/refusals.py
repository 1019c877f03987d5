"""What it means where a server or a meeting says no. Pure.

Much of it Jitsi's servers say only in words (mod_auth_token, token/util, mod_token_verification).
"""

from __future__ import annotations

from . import stanzas as xml
from .meeting import MeetingError, Trouble
from .stanzas import Element, child, condition

_STREAM_ERRORS = "urn:ietf:params:xml:ns:xmpp-streams"
_TOKEN_WORDS = ("token", "signature", "claim", "key", "not acceptable by")
_NO_SUCH_SERVER = ("remote-server-not-found", "remote-server-timeout", "service-unavailable")
_ITSELF = "110"
"""Status codes (XEP-0045, section 15.6): our own presence,"""
_REMOVED = frozenset({"301", "307"})
"""banned, kicked,"""
_TECHNICAL = "333"
"""gone by a fault, with or without the code of a kick,"""
_NOT_A_MEMBER = frozenset({"321", "322"})
"""and no member of what is for members now."""


def detail(said: str) -> str:
    """Words of a server as one harmless line."""
    return " ".join(xml.harmless(said).split())[:200]


def codes(element: Element) -> frozenset[str]:
    about = child(element, "x", xml.MUC_USER)
    if about is None:
        return frozenset()
    return frozenset(each.get("code", "") for each in about.iterfind(f"{{{xml.MUC_USER}}}status"))


def is_ours(element: Element) -> bool:
    """Whether a presence is that of ourselves."""
    return _ITSELF in codes(element)


def of_log_in(element: Element) -> MeetingError:
    """Why a guest's log-in failed: what came in place of success."""
    if lost := of_stream(element):
        return lost
    name, said = condition(element, xml.SASL)
    if "token required" in said.lower():
        return MeetingError(Trouble.TOKEN_NEEDED)
    if any(word in said.lower() for word in _TOKEN_WORDS):
        return MeetingError(Trouble.TOKEN_REFUSED, detail(said))
    return MeetingError(Trouble.REFUSED, detail(said or name))


def of_stream(element: Element) -> MeetingError | None:
    """Why the server ends the connection, if it does."""
    if xml.is_a(element, "close", xml.FRAMING):
        if element.get("see-other-uri"):
            # It may be any host: we do not go there.
            return MeetingError(Trouble.REFUSED, "see-other-uri")
        return MeetingError(Trouble.AWAY, "the server ended the connection")
    if not xml.is_a(element, "error", xml.STREAMS):
        return None
    name, said = condition(element, _STREAM_ERRORS)
    match name:
        case "host-unknown" | "host-gone" | "improper-addressing":
            return MeetingError(Trouble.WRONG_NAMES, name)
        case "see-other-host" | "policy-violation" | "not-authorized":
            return MeetingError(Trouble.REFUSED, detail(f"{name} {said}"))
    return MeetingError(Trouble.AWAY, detail(f"{name} {said}"))


def of_join(presence: Element) -> MeetingError:
    """Why one is not let into a meeting (XEP-0045, section 7.2)."""
    error = child(presence, "error")
    name, said = condition(error) if error is not None else ("", "")
    if "token required" in said.lower():
        return MeetingError(Trouble.TOKEN_NEEDED)
    if "token" in said.lower():
        return MeetingError(Trouble.TOKEN_REFUSED, detail(said))
    if name == "item-not-found" or (name == "not-allowed" and "restricted" in said.lower()):
        return MeetingError(Trouble.NOT_STARTED)
    # The second is what prosody says where it speaks to no other server.
    if name in _NO_SUCH_SERVER or "remote domains" in said.lower():
        return MeetingError(Trouble.WRONG_NAMES, detail(said or name))
    if name == "registration-required":
        return MeetingError(Trouble.MEMBERS_ONLY)
    if name == "not-authorized":
        return MeetingError(Trouble.PASSWORD_NEEDED)
    if name == "conflict":
        # With another connection one has another nick.
        return MeetingError(Trouble.AWAY, "conflict")
    return MeetingError(Trouble.REFUSED, detail(said or name))


def of_leave(presence: Element) -> MeetingError:
    """Why we are not in a meeting any more: what our own presence says."""
    about, said = child(presence, "x", xml.MUC_USER), codes(presence)
    if about is not None and child(about, "destroy", xml.MUC_USER) is not None:
        return MeetingError(Trouble.NOT_STARTED, "the meeting has ended")
    if _REMOVED & said and _TECHNICAL not in said:
        return MeetingError(Trouble.KICKED)
    if _NOT_A_MEMBER & said:
        return MeetingError(Trouble.MEMBERS_ONLY)
    return MeetingError(Trouble.AWAY, "the server took the bot out of the meeting")
