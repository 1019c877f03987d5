"""Who somebody in a meeting is, from their presence. Pure.

Participants write their presence themselves; only what stands in `<x>` of the room is the
server's.
"""

from __future__ import annotations

from fosdembot.texts.render import clean

from . import stanzas as xml
from .meeting import LONGEST_NAME, Kind, Participant
from .stanzas import Element, child, words

LONGEST_ID = 100
_FOCUS = "focus"
_MACHINES = "http://jitsi.org/protocol/jibri", "http://jitsi.org/protocol/jigasi"
_SHOWN = "http://jitsi.org/protocol/display-name"


def is_id(text: str) -> bool:
    """Whether nicks and ids of messages may look like this."""
    return 0 < len(text) <= LONGEST_ID and text.isprintable()


def participant(presence: Element, nick: str, *, vouched: bool) -> Participant:
    """`vouched`: whether the server checks whom tokens name."""
    return Participant(
        id=nick,
        name=clean(words(presence, "nick", xml.NICK)[: 10 * LONGEST_NAME], LONGEST_NAME),
        kind=_kind(presence, nick),
        is_owner=_affiliation(presence) == "owner",
        identity=_identity(presence) if vouched else None,
    )


def _affiliation(presence: Element) -> str:
    """Servers take out what participants themselves write there; where there are two all the same,
    neither is believed."""
    found = presence.findall(f"{{{xml.MUC_USER}}}x")
    items = found[0].findall(f"{{{xml.MUC_USER}}}item") if len(found) == 1 else []
    return items[0].get("affiliation", "") if len(items) == 1 else ""


def _kind(presence: Element, nick: str) -> Kind:
    info = child(presence, "userinfo", xml.USER_INFO)
    is_robot = info is not None and info.get("robot") == "true"
    is_machine = nick == _FOCUS or is_robot or child(presence, "bot") is not None
    if is_machine or any(child(presence, "feature", each) is not None for each in _MACHINES):
        return Kind.MACHINE
    shown = [child(presence, "display-name", each) for each in (_SHOWN, xml.CLIENT)]
    is_visitor = any(each is not None and each.get("source") == "visitor" for each in shown)
    return Kind.VISITOR if is_visitor else Kind.PERSON


def _identity(presence: Element) -> str | None:
    """Whom a token names: the server puts it in the place of what a participant wrote there, but
    only if their token names somebody (mod_presence_identity of Jitsi Meet)."""
    found = [each for each in presence if each.tag.rpartition("}")[2] == "identity"]
    if len(found) != 1:
        return None
    user = child(found[0], "user")
    id_ = words(user, "id") if user is not None else ""
    return id_ if is_id(id_) else None
