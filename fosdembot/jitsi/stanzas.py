"""XML of the meetings' servers, in and out: nothing that they send is trusted.

Over a WebSocket each frame is one whole element (RFC 7395, section 3.3), so no stream has to be
parsed.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape, quoteattr

from defusedxml import ElementTree as SafeET
from defusedxml.common import DefusedXmlException

Element = ET.Element

CLIENT = "jabber:client"
FRAMING = "urn:ietf:params:xml:ns:xmpp-framing"
STREAMS = "http://etherx.jabber.org/streams"
SASL = "urn:ietf:params:xml:ns:xmpp-sasl"
BIND = "urn:ietf:params:xml:ns:xmpp-bind"
STANZAS = "urn:ietf:params:xml:ns:xmpp-stanzas"
LIMITS = "urn:xmpp:stream-limits:0"
MUC = "http://jabber.org/protocol/muc"
MUC_USER = f"{MUC}#user"
NICK = "http://jabber.org/protocol/nick"
DISCO = "http://jabber.org/protocol/disco#info"
PING = "urn:xmpp:ping"
DELAY = "urn:xmpp:delay"
REPLY = "urn:xmpp:reply:0"
RETRACT = "urn:xmpp:message-retract:1"
USER_INFO = "http://jitsi.org/jitmeet/userinfo"

_MOST_TAGS = 5_000
"""Of one frame. A stanza of a meeting has some dozens."""
_FORBIDDEN = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 forbids (section 2.2), and controls and noncharacters besides: one of them in a
message once dropped everybody from a meeting."""
_MORE_CONTROLS = re.compile("[\x7f-\x9f\u2028\u2029]")
_UNDECLARED = re.compile(r"<stream:[a-z]{1,20}\b(?![^>]*\sxmlns:stream\s*=)")
"""Prosody 13 (13.0.1) sends the errors of streams so, against RFC 7395, section 3.3.3."""


class BadXml(Exception):
    """What came is no stanza. The message repeats nothing of it."""


def read(frame: str) -> Element:
    """The element that a frame holds. Raises `BadXml`."""
    # Declarations, entities, comments, processing: none of it is XMPP (RFC 6120, section 11.1).
    if "<!" in frame or "<?" in frame:
        raise BadXml("a declaration")
    if frame.count("<") > _MOST_TAGS:
        raise BadXml("too many elements")
    if lacking := _UNDECLARED.match(frame):
        frame = f'{lacking[0]} xmlns:stream="{STREAMS}"{frame[lacking.end() :]}'
    try:
        element: Element = SafeET.fromstring(frame, forbid_dtd=True)
    except (ET.ParseError, DefusedXmlException, ValueError, RecursionError):
        raise BadXml("no well-formed element") from None
    return element


def write(element: Element, around: str = "") -> str:
    """The element as a frame. Namespaces without prefixes, as XMPP clients write them: what looks
    for `<open` finds no `<ns0:open`. `around`: the namespace of what it stands in."""
    namespace, _, name = element.tag[1:].rpartition("}")
    given = [f" {key}={quoteattr(value)}" for key, value in element.attrib.items()]
    if namespace != around:
        given.insert(0, f" xmlns={quoteattr(namespace)}")
    inside = escape(element.text or "") + "".join(write(each, namespace) for each in element)
    start = f"<{name}{''.join(given)}"
    return f"{start}>{inside}</{name}>" if inside else f"{start}/>"


def harmless(text: str) -> str:
    """Text as it may stand in a stanza, and in a chat: what XML forbids, and controls, are
    replaced."""
    return _MORE_CONTROLS.sub("\ufffd", _FORBIDDEN.sub("\ufffd", text.replace("\r\n", "\n")))


def make(tag: str, namespace: str = CLIENT, text: str = "", **attributes: str) -> Element:
    """An element; attributes and text are made harmless."""
    safe = {name.rstrip("_"): harmless(value) for name, value in attributes.items()}
    element = Element(f"{{{namespace}}}{tag}", safe)
    if text:
        element.text = harmless(text)
    return element


def sub(parent: Element, tag: str, namespace: str, text: str = "", **attributes: str) -> Element:
    """The same, put into `parent`."""
    child = make(tag, namespace, text, **attributes)
    parent.append(child)
    return child


def child(element: Element, tag: str, namespace: str = CLIENT) -> Element | None:
    return element.find(f"{{{namespace}}}{tag}")


def words(element: Element | None, tag: str, namespace: str = CLIENT) -> str:
    """The text of a child; empty where there is none."""
    found = None if element is None else child(element, tag, namespace)
    return "" if found is None or found.text is None else found.text


def is_a(element: Element, tag: str, namespace: str = CLIENT) -> bool:
    return element.tag == f"{{{namespace}}}{tag}"


def condition(element: Element, namespace: str = STANZAS) -> tuple[str, str]:
    """Which error a stanza's `<error>` (or a SASL `<failure>`) names, and its words (RFC 6120,
    section 8.3.2)."""
    start = f"{{{namespace}}}"
    names = [each.tag.removeprefix(start) for each in element if each.tag.startswith(start)]
    return next((name for name in names if name != "text"), ""), words(element, "text", namespace)
