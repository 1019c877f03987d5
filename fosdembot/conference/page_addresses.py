"""The addresses of pages: each room has a short one to type, and keeps it."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from fosdembot.conference.programme import Programme
from fosdembot.settings import Settings

_WORD = re.compile(r"[a-z0-9][a-z0-9._-]{0,60}")


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
        """Scheme, host and port, as browsers send them (RFC 6454)."""
        parts = urlsplit(self.settings.pages.public_url)
        return f"{parts.scheme}://{parts.netloc}".lower()

    @property
    def base(self) -> str:
        """The path before all others: empty, or `/qa`."""
        return urlsplit(self.settings.pages.public_url).path.rstrip("/")

    def url(self, path: str) -> str:
        """The public address of a path of ours, which begins with "/"."""
        return f"{self.settings.pages.public_url}{path}"

    def room(self, address: str) -> str:
        """The public address of the page of a talk room."""
        return self.url(self.room_path(address))

    def room_path(self, address: str) -> str:
        return f"/r/{self.word_for(address)}"

    def talk_path(self, address: str, talk: str) -> str:
        """Of a talk's board, during the talk and forever after."""
        return f"{self.room_path(address)}/t/{quote(talk, safe='')}"

    def link(self, secret: str) -> str:
        """The public address that a secret link is."""
        return self.url(f"/talk?key={secret}")

    def word_for(self, address: str) -> str:
        """What stands for a talk room in addresses: the name in its alias, if no other room of the
        schedule has it; else a digest."""
        word = _named(address)
        if word is None or self._called(word) != [address]:
            return _digest(address)
        return word

    def room_called(self, word: str) -> str | None:
        """The address of the talk room for which `word` stands."""
        word = word.lower()
        called = self._called(word)
        if len(called) == 1:
            return called[0]
        return next((a for a in self.programme.addresses() if _digest(a) == word), None)

    def _called(self, word: str) -> list[str]:
        return [a for a in self.programme.addresses() if _named(a) == word]


def _named(address: str) -> str | None:
    word = address.removeprefix("#").partition(":")[0].lower()
    return word if address.startswith("#") and _WORD.fullmatch(word) else None


def _digest(address: str) -> str:
    return "~" + hashlib.blake2b(address.encode(), digest_size=5).hexdigest()
