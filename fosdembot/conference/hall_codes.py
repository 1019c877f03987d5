"""The code that lets people in the hall in: on the stage's page, and another every few minutes.

Nothing of it is kept: it follows from a secret of this bot, the room, and the time. That of the
step before is taken as well, so who scans it in its last second has as long as a step to open it.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from fosdembot.clock import Clock

ALPHABET = "BCDFGHJKMNPQRSTVWXZ23456789"
"""Without what looks like something else on a beamer, and without vowels: a code is no word."""
LENGTH = 6
"""Letters of a code: of 387 million, two of each room are good at a time."""
LONGEST = 40
"""Characters of what we look up at all."""


class TalkRooms(Protocol):
    def addresses(self) -> list[str]:
        """Those of all talk rooms."""


@dataclass(slots=True)
class HallCodes:
    """`secret`: the instance's. Steps are of the wall's time, however fast the conference goes."""

    secret: str
    minutes: int
    programme: TalkRooms
    clock: Clock
    _known: tuple[int, list[str], dict[str, str]] = field(default_factory=lambda: (-1, [], {}))
    """Of the newest step: for which addresses which codes are good."""

    def code(self, address: str) -> str:
        """The one to be shown now for the talk room at `address`."""
        return self._code(address, self._step())

    def changes_at(self) -> datetime:
        """When another one is shown (conference time)."""
        wall = datetime.fromtimestamp((self._step() + 1) * self._seconds, UTC)
        return self.clock.from_wall(wall)

    def room_of(self, typed: str) -> str | None:
        """The address of the talk room whose code that is, however it is typed; None where it is
        none, or too old."""
        return self._good().get(letters_of(typed)) if len(typed) <= LONGEST else None

    @property
    def _seconds(self) -> int:
        return self.minutes * 60

    def _step(self) -> int:
        return int(self.clock.to_wall(self.clock.now()).timestamp()) // self._seconds

    def _good(self) -> dict[str, str]:
        """By code the room."""
        step, addresses = self._step(), sorted(self.programme.addresses())
        if self._known[:2] != (step, addresses):
            found: dict[str, str] = {}
            for each in (step - 1, step):
                found |= {self._code(address, each): address for address in addresses}
            self._known = step, addresses, found
        return self._known[2]

    def _code(self, address: str, step: int) -> str:
        told = f"hall\n{step}\n{address}".encode()
        digest = hmac.new(self.secret.encode(), told, hashlib.sha256).digest()
        number, letters = int.from_bytes(digest), ""
        for _ in range(LENGTH):
            number, letter = divmod(number, len(ALPHABET))
            letters += ALPHABET[letter]
        return letters


def letters_of(typed: str) -> str:
    """The code that somebody means, with spaces or not."""
    return "".join(letter for letter in typed.upper() if letter.isalnum())
