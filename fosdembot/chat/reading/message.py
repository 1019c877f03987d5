"""What somebody wrote, whatever a client, a relay or an edit puts around it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from fosdembot.chat.incoming import Content, Said
from fosdembot.chat.reading.parser import Call, begins_with, command_in, question_in, without_quote
from fosdembot.matrix.mentions import called_first
from fosdembot.matrix.relays import RelayReader
from fosdembot.settings import Settings
from fosdembot.texts.render import legible

LONGEST_MESSAGE = 20_000
"""Characters that are looked at."""
ASK = ("ask", "q", "question")
"""The words that ask."""
_OVERRIDES = ("\u202d", "\u202e")
_WORDS = ("m.text", "m.emote")
_FILES = ("m.image", "m.file", "m.video", "m.audio")
_NO_NICKS = ("a", "answer", *ASK)


class MessageReader:
    """`names` are those that the bot listens to."""

    def __init__(self, settings: Settings, names: Callable[[], Collection[str]]) -> None:
        self._prefix = settings.command_prefix
        self._relays = RelayReader(settings)
        self._names = names

    def message(self, sender: str, content: Content) -> Said | None:
        """None for what has no words of a person."""
        body = _words(content)
        if body is None:
            return None
        body = body[:LONGEST_MESSAGE]
        # What begins by turning its direction is seen as another text: it asks nothing.
        is_turned = body.lstrip().startswith(_OVERRIDES)
        text = without_quote(body if is_turned else legible(body)).strip()
        names = self._called(content)
        relayed = self._relays.read(
            sender,
            text,
            content.html or "",
            emote=content.kind == "m.emote",
            is_nick=lambda nick: self._is_nick(nick, names),
            asks=lambda said: self._asks(said, names),
        )
        return Said(relayed.text, relayed.nick, text, relayed.edited, relayed.emote, names)

    def call(self, message: Said, *, direct: bool = False) -> Call | None:
        """The command that a message is."""
        call = command_in(message.text, self._prefix, message.names, direct=direct)
        return spoken_by(message, call) if call is not None else None

    def _called(self, content: Content) -> tuple[str, ...]:
        """The bot's names, with the one as which a client shows it in this message."""
        names = tuple(self._names())
        first = called_first(content.html or "")
        return (*names, first[1]) if first is not None and first[0] in names else names

    def _is_nick(self, nick: str, names: Collection[str]) -> bool:
        """Whether somebody may be called so: neither the bot, a command nor a
        number."""
        bare = nick.strip("*_`~@: ").casefold()
        ours = {name.strip("@").casefold() for name in names}
        if bare.lstrip("#").isdecimal():  # `**12**: It is 4 kB`
            return False
        return bare not in (*_NO_NICKS, *ours) and not begins_with(nick, self._prefix)

    def _asks(self, text: str, names: Collection[str]) -> bool:
        return command_in(text, self._prefix, names) is not None or question_in(text) is not None


def spoken_by(message: Said, call: Call) -> Call:
    """The call with what the message says of who makes it."""
    return replace(call, nick=message.nick, edited=message.edited)


def _words(content: Content) -> str | None:
    """What somebody wrote, also below a picture ("Media captions"); bots speak in notices,
    which nobody answers."""
    if content.kind in _WORDS:
        return content.body
    if content.kind not in _FILES:
        return None
    # Without a name of its own the file's stands in the body.
    return content.body if content.filename not in (None, content.body) else None
