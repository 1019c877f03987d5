"""In which Matrix room a talk takes place."""

from __future__ import annotations

import re
import unicodedata
from zoneinfo import ZoneInfo

from fosdembot.schedule.model import Talk
from fosdembot.settings import Settings

from .phases import programme_day

_LONGEST = 255
"""Bytes of an alias, sigil and server included (Matrix specification, appendices)."""


def address_of(talk: Talk, settings: Settings) -> str | None:
    """The alias or id of the talk's room: the link in the schedule, else the alias
    template, else the table (by the talk's names, track, place), else the default.

    In a rehearsal it is the rehearsal's room, and none for what is not rehearsed.
    """
    rehearsal = settings.rehearsal
    if rehearsal.room:
        return rehearsal.room if rehearsal.of in ("", talk.room, talk.track) else None
    rooms = settings.rooms
    if talk.chat_room:
        return talk.chat_room
    if alias := _from_template(talk, settings):
        return alias
    for name in (*talk.called, talk.track, talk.room):
        if name and (address := rooms.table.get(name)):
            return address
    return rooms.default or None


def alias_part(value: str) -> str:
    """`Café & Co. (La Fontaine)` → `cafe-co.-la-fontaine`: as people make aliases from names.

    Any script stays; letters with marks on a Latin letter lose them.
    """
    plain = "".join(_without_marks(char) for char in unicodedata.normalize("NFKC", value))
    return re.sub(r"[^\w.]+", "-", plain.casefold()).strip("-.")


def _from_template(talk: Talk, settings: Settings) -> str | None:
    """None where a part of the template is not known of this talk."""
    template = settings.rooms.alias_template
    if not template:
        return None
    zone = ZoneInfo(settings.schedule.zone or "UTC")
    values = {
        "year": str(programme_day(talk.start, zone).year),
        "track": alias_part(talk.track),
        "room": alias_part(talk.room),
        "slug": alias_part(talk.slug),
        "id": alias_part(talk.id),
    }
    if not all(values[name] for name in values if f"{{{name}" in template):
        return None
    alias = template.format(**values)
    return alias if len(alias.encode()) <= _LONGEST else None


def _without_marks(char: str) -> str:
    base = unicodedata.normalize("NFD", char)[0]
    return base if base.isascii() else char
