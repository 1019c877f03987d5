"""The addresses of pages: each room has a short one to type, and keeps it."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from fosdembot.conference.programme import Programme
from fosdembot.settings import Settings
from fosdembot.talks.page_words import talk_word

_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class PageAddresses:
    programme: Programme
    settings: Settings

    @property
    def are_on(self) -> bool:
        """Whether there are pages."""
        return bool(self.settings.pages.public_url)

    @property
    def origin(self) -> str:
        """Scheme, host and port, as browsers send them."""
        return origin_of(self.settings.pages.public_url)

    @property
    def framed_by(self) -> tuple[str, ...]:
        """The origins of those in whose pages a room page may stand."""
        return tuple(dict.fromkeys(map(origin_of, self.settings.pages.framed_by)))

    @property
    def base(self) -> str:
        """The path before all others: empty, or `/qa`."""
        return urlsplit(self.settings.pages.public_url).path.rstrip("/")

    def url(self, path: str) -> str:
        """The public address of a path of ours, which begins with "/"."""
        return f"{self.settings.pages.public_url}{path}"

    def start(self) -> str:
        """The public address of the page that lists all rooms; empty where there are no pages."""
        return self.url("/") if self.are_on else ""

    def room(self, address: str) -> str:
        """The public address of the page of a talk room."""
        return self.url(self.room_path(address))

    def of_room(self, addresses: Iterable[str]) -> str:
        """The public address of the page of the Matrix room to which these addresses lead, always
        the same of several; empty where there are no pages, or no talks in the room."""
        names = [name for name in addresses if self.programme.talks_at(name)]
        return self.room(min(names)) if names and self.are_on else ""

    def room_path(self, address: str) -> str:
        return f"/r/{self.word_for(address)}"

    def talk_path(self, address: str, talk: str) -> str:
        """Of a talk's board, during the talk and forever after."""
        return f"{self.room_path(address)}/t/{talk_word(talk)}"

    def link(self, secret: str) -> str:
        """The public address that a secret link is."""
        return self.url(f"/talk?key={secret}")

    def overlay(self, secret: str) -> str:
        """The public address of the overlay that a secret link opens."""
        return self.url(f"/overlay?key={secret}")

    def login(self, secret: str) -> str:
        """The public address that a personal link is."""
        return self.url(f"/login?key={secret}")

    def word_for(self, address: str) -> str:
        """What stands for a talk room in addresses."""
        return self.programme.page_words.of(address)

    def room_called(self, word: str) -> str | None:
        """The address of the talk room for which `word` stands."""
        address = self.programme.page_words.called(word)
        return None if address in self.programme.roles else address

    def talk_called(self, word: str) -> str | None:
        """The talk (its guid) for which `word` stands."""
        talks = self.programme.talks
        if word in talks:
            return word
        return next((guid for guid in talks if talk_word(guid) == word), None)


def origin_of(url: str) -> str:
    """Of an address on the web, as browsers send it (RFC 6454): in small letters, its name in
    ASCII, without the usual port."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    with suppress(UnicodeError):  # No browser gets to such a name.
        host = host if host.isascii() else host.encode("idna").decode()
    host = f"[{host}]" if ":" in host else host
    usual = parts.port in (None, _DEFAULT_PORTS.get(parts.scheme))
    return f"{parts.scheme}://{host}" + ("" if usual else f":{parts.port}")
