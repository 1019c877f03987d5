"""The words that stand for rooms and talks in the addresses of pages: short to type, and kept by a
room as long as the schedule has it. Pure."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field

_WORD = re.compile(r"[a-z0-9][a-z0-9._-]{0,60}")
_TALK = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True)
class PageWords:
    """Of the talk rooms at these addresses."""

    addresses: Collection[str]
    _by_address: dict[str, str] = field(init=False, default_factory=dict)
    _by_word: dict[str, str] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        for address in sorted(self.addresses, key=self._rank()):
            word = _named(address)
            if word is None or word in self._by_word:
                word = _digest(address)
            self._by_address[address] = word
            self._by_word.setdefault(word, address)

    def _rank(self) -> _Rank:
        return _Rank(Counter(map(_server, self.addresses)))

    def of(self, address: str) -> str:
        """The name in its alias. Of several rooms of that name, the one on the server that most
        rooms are on has it, whoever comes later; the others have digests."""
        return self._by_address.get(address) or _digest(address)

    def called(self, word: str) -> str | None:
        """The address of the room for which `word` stands, however its letters were typed."""
        return self._by_word.get(word.lower())


@dataclass(frozen=True, slots=True)
class _Rank:
    rooms_on: Counter[str]

    def __call__(self, address: str) -> tuple[int, bool, str]:
        return -self.rooms_on[_server(address)], address != address.lower(), address


def talk_word(guid: str) -> str:
    """What stands for a talk: its guid, where browsers and proxies leave that as it is."""
    return guid if _TALK.fullmatch(guid) else _digest(guid)


def _named(address: str) -> str | None:
    word = address.removeprefix("#").partition(":")[0].lower()
    return word if address.startswith("#") and _WORD.fullmatch(word) else None


def _server(address: str) -> str:
    return address.partition(":")[2].lower()


def _digest(value: str) -> str:
    data = value.encode(errors="surrogatepass")
    return "~" + hashlib.blake2b(data, digest_size=5).hexdigest()
