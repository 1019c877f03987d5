"""What a talk's labelled links lead to: Matrix rooms, the meeting, recordings and slides.

The label decides: a speaker's own matrix.to link is not the talk's room, and a film that a speaker
mentions is not the talk's recording.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote

from fosdembot.meeting_url import MeetingUrl, NotAMeeting

from .model import MediaLink
from .text import clean, web_address

_CHAT = re.compile(r"chat room\b", re.IGNORECASE)
_JITSI = re.compile(r"jitsi\b", re.IGNORECASE)
_HALLWAY = re.compile(r"hallway chat room\b", re.IGNORECASE)
# `https://matrix.to/#/<room>` and Element's `https://…/#/room/<room>`; what follows
# the room (an event, `?via=`) starts at the next raw `/` or `?`.
_WEB = re.compile(r"[a-z]+:[^#]*#/?(?:[^#?]*/)?room/([^/?]+)", re.IGNORECASE)
_MATRIX_TO = re.compile(r"https?://(?:www\.)?matrix\.to/?#/?([^/?]+)", re.IGNORECASE)
# Matrix specification, appendices, 4.7.2: `r` is an alias, `roomid` an id.
_MATRIX_URI = re.compile(r"matrix:(r|room|roomid)/([^/?#]+)", re.IGNORECASE)
_ALIAS = re.compile(r"#[^:]+:[A-Za-z0-9.\-:\[\]]+")
_ROOM_ID = re.compile(r"![^:\s]+(?::[A-Za-z0-9.\-:\[\]]+)?")
# Whole labels, but for what stands in brackets or after a sign: "Video recording (AV1/WebM;
# preferred) - 64.9 MB" is one, "Recording of an earlier version" and "Slides source" are not.
_REST = r"\s*(?:[(:,;–—-].*)?"
_RECORDING = re.compile(rf"(?:(?:video|audio) )?recording{_REST}", re.IGNORECASE)
_SUBTITLES = re.compile(
    rf"(?:(?:video|audio) )?(?:recording )?(?:subtitles?|captions?)(?: files?)?{_REST}",
    re.IGNORECASE,
)
_SLIDES = re.compile(
    rf"(?:talk |presentation )?(?:slides|slide ?deck)(?: of the (?:talk|presentation))?{_REST}",
    re.IGNORECASE,
)
MOST_OF_A_KIND = 10
"""FOSDEM publishes two recordings of a talk and one file of subtitles."""
_LONGEST_LABEL = 100


@dataclass(frozen=True, slots=True)
class Media:
    """What there is to watch and to read of a talk; of each kind at most `MOST_OF_A_KIND`."""

    recordings: tuple[MediaLink, ...] = ()
    subtitles: tuple[MediaLink, ...] = ()
    slides: tuple[MediaLink, ...] = ()
    astray: bool = False
    """Whether a link to a recording or its subtitles is no http(s) address."""


def media(links: Iterable[tuple[str, str]]) -> Media:
    """The recordings, subtitles and slides among `links` (label, URL), each address once."""
    found: dict[str, dict[str, MediaLink]] = {"recordings": {}, "subtitles": {}, "slides": {}}
    astray = False
    for label, link in links:
        name = clean(label, _LONGEST_LABEL)
        if _SUBTITLES.fullmatch(name):
            kind = "subtitles"
        elif _RECORDING.fullmatch(name):
            kind = "recordings"
        elif _SLIDES.fullmatch(name):
            kind = "slides"
        else:
            continue
        url = web_address(link)
        if url and len(found[kind]) < MOST_OF_A_KIND:
            found[kind].setdefault(url, MediaLink(name, url))
        astray = astray or (not url and kind != "slides")
    return Media(**{kind: tuple(these.values()) for kind, these in found.items()}, astray=astray)


def as_slides(label: str) -> str:
    """A label that says slides, for a link of which that is known otherwise: speakers call theirs
    what they like ("final2.pdf")."""
    return label if _SLIDES.fullmatch(label) else f"Slides: {label}" if label else "Slides"


def room_address(url: str) -> str | None:
    """The alias (`#a:b`) or id (`!a:b`, from room version 12 on `!a`) that `url` leads to.

    Reads matrix.to links, links into a web client, `matrix:` URIs and bare addresses.
    """
    url = url.strip()
    if match := _MATRIX_URI.match(url):
        sigil = "!" if match[1].lower() == "roomid" else "#"
        address = sigil + unquote(match[2])
    elif match := _MATRIX_TO.match(url) or _WEB.match(url):
        address = unquote(match[1])
    else:
        address = url
    address = clean(address, 256)
    if len(address.encode()) <= 255 and (_ALIAS.fullmatch(address) or _ROOM_ID.fullmatch(address)):
        return address
    return None


def talk_rooms(links: Iterable[tuple[str, str]]) -> tuple[str | None, str | None, bool]:
    """The chat room and the hallway among `links` (label, URL); the first readable counts.

    The third value tells of links labelled "Chat room" that all lead to no Matrix room.
    """
    chat = hallway = None
    astray = False
    for label, url in links:
        name = clean(label, 100)
        if _HALLWAY.match(name):
            hallway = hallway or room_address(url)
        elif _CHAT.match(name):
            chat = chat or room_address(url)
            astray = chat is None
    return chat, hallway, astray


def meeting(links: Iterable[tuple[str, str]]) -> str | None:
    """The address of the meeting among `links` (label, URL); the first readable counts. One that
    holds a password or token is none: schedules are public."""
    for label, url in links:
        if _JITSI.match(clean(label, 100)):
            try:
                return str(MeetingUrl.parse(url))
            except NotAMeeting:
                continue
    return None
