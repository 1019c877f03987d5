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
    if alias := _alias(talk, settings):
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


def _alias(talk: Talk, settings: Settings) -> str | None:
    template = settings.rooms.alias_template
    alias = filled(template, talk, settings) if template else None
    return alias if alias is not None and len(alias.encode()) <= _LONGEST else None


def filled(template: str, talk: Talk, settings: Settings, dot: str = ".") -> str | None:
    """A template of the settings with what is known of the talk; None where a part of it is not.
    `dot`: what stands in place of one in a name."""
    parts = {"track": talk.track, "room": talk.room, "slug": talk.slug, "id": talk.id}
    # Only what stands there: a conference has a thousand talks.
    values = {
        name: alias_part(part).replace(".", dot)
        for name, part in parts.items()
        if f"{{{name}" in template
    }
    if not all(values.values()):
        return None
    zone = ZoneInfo(settings.schedule.zone or "UTC")
    return template.format(year=programme_day(talk.start, zone).year, **values)


def _without_marks(char: str) -> str:
    base = unicodedata.normalize("NFD", char)[0]
    return base if base.isascii() else char
