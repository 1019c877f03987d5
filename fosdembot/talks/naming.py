"""A talk, its place and its hallway in a sentence: bounded and harmless."""

from __future__ import annotations

from fosdembot.schedule.model import Talk
from fosdembot.texts import notices as texts
from fosdembot.texts.render import Text, clean, room_link, say
from fosdembot.texts.words import names

from .slots import place_of

LONGEST_TITLE = 120
LONGEST_PLACE = 40


def title_of(talk: Talk) -> str:
    return clean(talk.title, LONGEST_TITLE) or texts.UNTITLED


def is_called(talk: Talk, name: str) -> bool:
    """Whether people mean the talk by `12`, `#12`, or its guid."""
    wanted = name.lstrip("#").casefold()
    return any(wanted == known.casefold() for known in talk.called)


def talk_named(talk: Talk, *, with_speakers: bool) -> Text:
    """`"Tiny kernels" with Ada L.`"""
    speakers = names(talk.persons) if with_speakers else ""
    template = texts.TALK_WITH if speakers else texts.TALK
    return say(template, title=title_of(talk), speakers=speakers)


def place_named(talk: Talk) -> str:
    """ "" where the schedule names none."""
    return clean(place_of(talk), LONGEST_PLACE)


def hallway_of(talk: Talk) -> Text | None:
    return room_link(talk.hallway) if talk.hallway else None
