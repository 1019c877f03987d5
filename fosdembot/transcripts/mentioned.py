"""Ids of people and events in what others wrote: typed, linked, as pills of clients. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import escape, unescape
from html.parser import HTMLParser
from urllib.parse import unquote

from fosdembot.texts.transcripts import AN_ATTENDEE, REMOVED

_SERVER = r"[A-Za-z0-9.\-:\[\]]{1,255}"
# Old user ids hold almost anything ("User Identifiers", historical); events of the first two room
# versions name a server ("Event IDs").
_ID = re.compile(rf"@[^\s:@<>\"]{{1,255}}:{_SERVER}|\$[A-Za-z0-9_+/=.~\-]{{1,255}}(?::{_SERVER})?")
_URL = re.compile(r"(?:https?://|matrix:)[^\s<>\"\])]{1,2000}", re.IGNORECASE)
# A user and an event in a `matrix:` URI, which leaves out their first character.
_URI_ID = re.compile(r"\bmatrix:u/([^\s/?#]{1,512})|/e/([^\s/?#]{1,512})", re.IGNORECASE)
# `[Bob](https://matrix.to/#/@bob:example.org)`: what some clients make of a pill in plain text.
_LINK = re.compile(r"\[([^\[\]\n]{0,300})\]\(<?((?:https?://|matrix:)[^\s<>()]{1,2000})>?\)")
# Characters without which nothing is an id, however it is encoded.
_MAYBE = re.compile("[@$%&/]")
_WORD_END = re.compile(r"[^A-Za-z0-9]")

Hides = Callable[[str | None], bool]
"""Whether a user's or an event's id is to be hidden."""


class Mentions:
    """Replaces what names somebody or something hidden. What names nobody stays as it is, to the
    byte."""

    def __init__(self, hides: Hides) -> None:
        self._hides = hides

    def in_text(self, text: str) -> str:
        if not _MAYBE.search(text) or not self._named(_decoded(text)):
            return text
        text = _LINK.sub(lambda link: self._url(link[2], link[0]), text)
        text = _URL.sub(lambda url: self._url(url[0], url[0]), text)
        return _ID.sub(self._id, text)

    def in_html(self, html: str) -> tuple[str, set[str]]:
        """Also the words of pills that are gone: the plain text holds them as well."""
        if not _MAYBE.search(html) or not self._named(_decoded(html)):
            return html, set()
        writer = _Writer(self)
        writer.feed(html)
        writer.close()
        return "".join(writer.written), {word for word in writer.pills if word}

    def named_by(self, url: str) -> str | None:
        """What stands in place of a link; None where it leads to nothing hidden."""
        return self._named(_decoded(url))

    def _url(self, url: str, whole: str) -> str:
        return self.named_by(url) or whole

    def _id(self, found: re.Match[str]) -> str:
        known = self._known(found[0])
        return found[0] if known is None else _instead(known) + found[0][len(known) :]

    def _named(self, text: str) -> str | None:
        for found in _ID.finditer(text):
            known = self._known(found[0])
            if known is not None:
                return _instead(known)
        for found in _URI_ID.finditer(text):
            id_ = f"@{found[1]}" if found[1] else f"${found[2]}"
            if self._hides(id_):
                return _instead(id_)
        return None

    def _known(self, text: str) -> str | None:
        """The hidden id with which a text begins that looks like one."""
        return next(
            (id_ for id_ in _cut(text) if self._hides(id_) or self._hides(id_.lower())), None
        )


def _cut(text: str) -> Iterator[str]:
    """What may be the id: the whole, and what is left without the ends of a sentence, a port, a
    path."""
    yield text
    for end in reversed([found.start() for found in _WORD_END.finditer(text, 2)]):
        yield text[:end]


def _instead(id_: str) -> str:
    return AN_ATTENDEE if id_.startswith("@") else REMOVED


def _decoded(text: str) -> str:
    """Links as they are meant. Twice, as clients encode what is encoded already."""
    text = unescape(text)
    if "%" not in text:
        return text
    return f"{text} {unquote(text)} {unquote(unquote(text))}"


class _Writer(HTMLParser):
    """Writes the HTML that it is fed, which nh3 made: well-formed, without scripts or styles."""

    def __init__(self, mentions: Mentions) -> None:
        super().__init__(convert_charrefs=True)
        self.written: list[str] = []
        self.pills: set[str] = set()
        self._mentions = mentions
        self._pill: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._pill is not None:
            return
        instead = [named for _, value in attrs if (named := self._mentions.named_by(value or ""))]
        if not instead:
            self.written.append(self.get_starttag_text() or "")
        elif tag == "a":
            self._pill = []
            self.written.append(instead[0])
        else:
            kept = [(name, value) for name, value in attrs if not self._named(value)]
            written = "".join(f' {name}="{escape(value or "")}"' for name, value in kept)
            self.written.append(f"<{tag}{written}>")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if self._pill is None:
            self.written.append(f"</{tag}>")
        elif tag == "a":
            self.pills.add("".join(self._pill).strip())
            self._pill = None

    def handle_data(self, data: str) -> None:
        if self._pill is None:
            self.written.append(escape(self._mentions.in_text(data), quote=False))
        else:
            self._pill.append(data)

    def _named(self, value: str | None) -> bool:
        return self._mentions.named_by(value or "") is not None
