"""What an event's content says, as it is shown in the chat of a transcript. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fosdembot.matrix.api import Json
from fosdembot.matrix.relays import RelayReader
from fosdembot.texts.render import clean, legible

from .chat_events import MOST_ANSWERS, POLLS
from .clean_html import clean as clean_html
from .model import File, MessageType

LONGEST_TEXT = 65_536
"""Characters: a Matrix event has no more bytes."""
LONGEST_QUOTE = 200
LONGEST_LABEL = 300
"""Of a poll's answer, a file's name, a place."""
_LARGEST_FILE = 2**53
_MOST_MARKS = 4
"""Combining marks that are left on one letter: enough for every living script."""

_FILES: dict[str, MessageType] = {
    "m.image": "image",
    "m.video": "video",
    "m.audio": "audio",
    "m.file": "file",
}
_SAID: dict[str, MessageType] = {"m.text": "text", "m.notice": "notice", "m.emote": "emote"}
_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_MIMETYPE = re.compile(r"[\w.+-]{1,60}/[\w.+-]{1,100}", re.ASCII)
_FALLBACK = re.compile(r"> (?:\* )?<[^\n]*(?:\n>[^\n]*)*(?:\n\n?|$)")
"""What older clients put above a reply ("Fallbacks for rich replies"). A quote that somebody
typed names nobody."""


@dataclass(frozen=True, slots=True)
class Poll:
    answers: tuple[tuple[str, str], ...]
    """The id of each, and what it says."""
    most: int
    """Answers for which one person may vote."""


@dataclass(frozen=True, slots=True)
class Shown:
    type: MessageType
    text: str = ""
    html: str | None = None
    nick: str = ""
    """Who says it, where a relay speaks for many; "" where none does, or does not tell."""
    file: File | None = None
    poll: Poll | None = None

    @property
    def quote(self) -> str:
        """The beginning of what it says, in one line."""
        text = self.text[: 4 * LONGEST_QUOTE] or (self.file.name if self.file is not None else "")
        return clean(text, LONGEST_QUOTE)


@dataclass(frozen=True, slots=True)
class Relays:
    """Says whose words an account's message are: as questions that come by relays are read,
    `chat/reading/message.py`."""

    reader: RelayReader
    prefix: str
    """Of commands."""
    names: Callable[[], tuple[str, ...]] = tuple
    """Those of the bot: nobody is called like it."""

    def nick(self, kind: str, sender: str, content: Json) -> str | None:
        """None where nobody but the account itself speaks."""
        if kind != "m.room.message":
            return None
        body = _words(content)
        return self.split(sender, body, content)[1] if body else None

    def split(self, sender: str, text: str, content: Json) -> tuple[str, str | None, bool]:
        """What is said, by whom, and whether it is an emote."""
        html, msgtype = content.get("formatted_body"), content.get("msgtype")
        relayed = self.reader.read(
            sender,
            text,
            html if isinstance(html, str) else "",
            emote=msgtype == "m.emote",
            is_nick=self._is_nick,
            asks=self._asks,
        )
        nick = relayed.nick
        return relayed.text, nick, relayed.emote

    def _is_nick(self, nick: str) -> bool:
        bare = nick.strip("*_`~@: ").casefold()
        ours = {name.strip("@").casefold() for name in self.names()}
        return not bare.lstrip("#").isdecimal() and bare not in ours and not self._asks(nick)

    def _asks(self, text: str) -> bool:
        return text.lstrip().startswith((self.prefix, self.prefix.replace("!", "！")))


def shown(kind: str, content: Json, sender: str, relays: Relays | None) -> Shown:
    """What an event of this type says; without `relays`, the account itself speaks."""
    if kind == "m.room.message":
        return _message(content, sender, relays)
    if kind == "m.sticker":
        return _labelled("sticker", content.get("body"))
    if kind in POLLS:
        return _poll(content)
    if kind in ("m.location", "org.matrix.msc3488.location"):
        return _place(content)
    return Shown("unreadable") if kind == "m.room.encrypted" else Shown("other", clean(kind, 100))


def harmless(text: str, limit: int = LONGEST_TEXT) -> str:
    """As it was written, with its line breaks, and without what nobody sees."""
    text = text[:limit]
    if text.isascii() and text.isprintable():
        return text.rstrip()
    text = legible(_BREAKS.sub("\n", text)).replace("\x1f", " ")
    if not text.isascii():
        text = _without_heaps(text)
    return text.strip("\n").rstrip()


def _message(content: Json, sender: str, relays: Relays | None) -> Shown:
    msgtype = content.get("msgtype")
    if not isinstance(msgtype, str):
        return Shown("unreadable")
    if msgtype in _FILES:
        return _file(_FILES[msgtype], content, sender, relays)
    body = _words(content)
    if msgtype == "m.location":
        return _labelled("location", body or content.get("geo_uri"))
    if body is None:
        return Shown("unreadable")
    kind = _SAID.get(msgtype)
    if kind is None:
        # Clients that do not know it show the text.
        return Shown("other", body or clean(msgtype, 100))
    return _said(kind, body, content, sender, relays)


def _said(kind: MessageType, text: str, content: Json, sender: str, relays: Relays | None) -> Shown:
    nick: str | None = None
    if relays is not None:
        text, nick, emote = relays.split(sender, text, content)
        if emote and nick is not None:
            kind = "emote"
    # The HTML holds the name as well.
    return Shown(kind, text, _html(content) if nick is None else None, nick or "")


def _words(content: Json) -> str | None:
    """The plain text of a message, without what it answers."""
    body = content.get("body")
    if not isinstance(body, str):
        return None
    text = harmless(body)
    relation = content.get("m.relates_to")
    if isinstance(relation, dict) and "m.in_reply_to" in relation and text.startswith("> "):
        found = _FALLBACK.match(text)
        text = text[found.end() :] if found is not None else text
    return text


def _html(content: Json) -> str | None:
    html = content.get("formatted_body")
    if not isinstance(html, str) or content.get("format") != "org.matrix.custom.html":
        return None
    # Without a tag it says what the plain text says.
    cleaned = clean_html(html) if "<" in html else None
    return cleaned if cleaned is not None and "<" in cleaned else None


def _file(kind: MessageType, content: Json, sender: str, relays: Relays | None) -> Shown:
    body, filename = content.get("body"), content.get("filename")
    if not isinstance(body, str) and not isinstance(filename, str):
        return Shown("unreadable")
    info = content.get("info")
    info = info if isinstance(info, dict) else {}
    mimetype, size = info.get("mimetype"), info.get("size")
    is_size = isinstance(size, int) and not isinstance(size, bool) and 0 <= size < _LARGEST_FILE
    is_known = isinstance(mimetype, str) and _MIMETYPE.fullmatch(mimetype) is not None
    name = filename if isinstance(filename, str) and filename else body
    file = File(
        name=clean(str(name), LONGEST_LABEL),
        mimetype=str(mimetype) if is_known else "",
        bytes=size if is_size else None,
    )
    if not isinstance(body, str) or filename in (None, body):
        return Shown(kind, file=file)
    # Media captions.
    said = _said("text", _words(content) or "", content, sender, relays)
    return Shown(kind, said.text, said.html, said.nick, file)


def _poll(content: Json) -> Shown:
    """As it is specified, and as most clients still write it (MSC3381)."""
    poll = content.get("m.poll", content.get("org.matrix.msc3381.poll.start"))
    if not isinstance(poll, dict):
        return Shown("unreadable")
    question, given, most = (poll.get(key) for key in ("question", "answers", "max_selections"))
    answers: dict[str, str] = {}
    for answer in (given if isinstance(given, list) else [])[:MOST_ANSWERS]:
        if isinstance(answer, dict):
            name = answer.get("m.id", answer.get("id"))
            if isinstance(name, str):
                answers.setdefault(name, clean(_text_of(answer), LONGEST_LABEL))
    text = harmless(_text_of(question))
    if not text or not answers:
        return Shown("unreadable")
    if not isinstance(most, int) or isinstance(most, bool) or most < 1:
        most = 1
    return Shown("poll", text, poll=Poll(tuple(answers.items()), most))


def _text_of(value: Any) -> str:
    """The plain text in a content block ("Extensible events")."""
    block = value if isinstance(value, dict) else {}
    forms = block.get("m.text", block.get("org.matrix.msc1767.text", block.get("body")))
    if isinstance(forms, str):
        return forms
    for form in forms if isinstance(forms, list) else []:
        if isinstance(form, dict) and form.get("mimetype", "text/plain") == "text/plain":
            text = form.get("body")
            if isinstance(text, str):
                return text
    return ""


def _place(content: Json) -> Shown:
    place = content.get("m.location", content.get("org.matrix.msc3488.location"))
    place = place if isinstance(place, dict) else {}
    return _labelled("location", place.get("description") or _text_of(content) or place.get("uri"))


def _labelled(kind: MessageType, text: Any) -> Shown:
    return Shown(kind, clean(text, LONGEST_LABEL) if isinstance(text, str) else "")


def _without_heaps(text: str) -> str:
    """Without the combining marks that are more than a letter has, which reach into the lines
    above."""
    if not any(unicodedata.combining(char) for char in text):
        return text
    kept: list[str] = []
    marks = 0
    for char in text:
        marks = marks + 1 if unicodedata.category(char)[0] == "M" else 0
        if marks <= _MOST_MARKS:
            kept.append(char)
    return "".join(kept)
