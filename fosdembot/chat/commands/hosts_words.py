"""What hosts type in their room without a prefix: `take 12`, `kernel take 12`, and as a reply
to a card just `take`.

Hosts also talk to one another there. So only what has exactly the shape of a command is one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from fosdembot.chat.command import Place
from fosdembot.chat.incoming import Message, Said
from fosdembot.chat.meant.room import Finder
from fosdembot.chat.reading.parser import Call, first_word
from fosdembot.db.engine import WriteSession
from fosdembot.questions.lookup import by_event

_N = r"(?:#|q)?\d{1,9}[.!:,;]?"
_ENDING = ".,:!?…"
_INTO = r"(?:into |in |to |with |and )?"
_ID = r"\S*\d\S*"
"""Of a talk, where another word might be what people say."""
_PAGE = rf"page(?: {_ID}| moderators?(?: {_ID})?| overlay| help| revoke(?: overlay| {_ID})?)?"
_NUMBERED = dict.fromkeys(("take", "done", "skip", "star", "unstar", "approve", "restore"), _N)
_SHAPES: Mapping[str, re.Pattern[str]] = {
    word: re.compile(shape, re.IGNORECASE | re.DOTALL)
    for word, shape in {
        **_NUMBERED,
        "approve": rf"{_N}|all",
        "dismiss": rf"{_N}(?: .*)?",
        "merge": rf"{_N} {_INTO}{_N}",
        "move": rf"{_N} \S+",
        "qa": (
            rf"(?:open|close)(?: {_ID})?|(?:un)?moderated|guests (?:off|ask|vote)"
            r"|(?:un)?mute \S+"
        ),
        "question": _N,
        "questions": r"all",
        "jitsi": r"(?:test )?<?https?://\S+|status|off|reset|test|help",
        "talk": (
            r"(?:start|end|cancel|noshow|now|reset)(?: \S+)?|delay \S+(?: \S+)?"
            rf"|speaker(?: remove)? @\S+(?: \S+)?|{_PAGE}"
        ),
        "transcript": _ID,
        "widget": "off",
    }.items()
}
"""Of commands that are known without a prefix, what may follow them."""
_AFTER_ROOM = {"take", "done", "skip", "questions", "talk", "next", "undo", "qa", "jitsi"}
_AFTER_ROOM |= {"board", "widget", "transcript"}
"""Those that say enough with the name of a room alone."""
_WHOLE = {"take", "questions"}
"""Those that nobody says alone but to the bot."""
_ALONE = _WHOLE | {"done", "undo", "skip", "help"}
"""Those that mean the bot unless they answer somebody."""
_TO_A_CARD: Mapping[str, re.Pattern[str]] = {
    **dict.fromkeys(_NUMBERED, re.compile("")),
    "dismiss": re.compile(r".*", re.DOTALL),
    "merge": re.compile(_INTO + _N, re.IGNORECASE),
    "move": re.compile(r"\S+"),
}
"""What may follow in a reply to a card, which says which question is meant."""


class HostsWords:
    def __init__(self, finder: Finder) -> None:
        self._finder = finder

    async def read(
        self, session: WriteSession, place: Place, message: Message, said: Said
    ) -> Call | None:
        """The command that a message in a hosts' room is."""
        if place is not Place.HOSTS_ROOM:
            return None
        room, nick, text, to = message.room, said.nick, said.text, message.reply_to
        word, rest = first_word(text)
        word = word.lower().rstrip(_ENDING)
        if to is not None and await by_event(session, to) is not None:
            return Call(word, rest, nick) if _fits(_TO_A_CARD, word, rest) else None
        call = await self._with_room(session, room, text)
        alone = _WHOLE if to is not None else _ALONE
        if call is None and (_fits(_SHAPES, word, rest) or (word in alone and not rest)):
            call = Call(word, rest)
        return replace(call, nick=nick) if call is not None else None

    async def _with_room(self, session: WriteSession, room: str, text: str) -> Call | None:
        """`kernel take 12` is what `!take kernel 12` is."""
        name, rest = first_word(text)
        word, rest = first_word(rest)
        name, word = name.rstrip(":,"), word.lower().rstrip(_ENDING)
        if not has_shape(word, rest):
            return None
        addresses = await self._finder.possible(session, Place.HOSTS_ROOM, room)
        if not self._finder.begins(name, addresses):
            return None
        return Call(word, f"{name} {rest}".strip())


def has_shape(word: str, rest: str) -> bool:
    """Whether this is a command where the name of a room goes before it."""
    return _fits(_SHAPES, word, rest) or (word in _AFTER_ROOM and not rest)


def _fits(shapes: Mapping[str, re.Pattern[str]], word: str, rest: str) -> bool:
    return word in shapes and shapes[word].fullmatch(rest) is not None
