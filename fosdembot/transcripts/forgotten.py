"""Whom and what nobody shall read any more, kept so that it names nobody.

The list lies beside the models, so that the bot and the command line share it, and holds no id:
salted digests, from which nobody reads who asked to be forgotten.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from pathlib import Path

from .folder import Folder
from .writing import locked, replacing

_FIRST = re.compile(r"fosdembot-forgotten 1 ([0-9a-f]{32})")
_DIGEST = re.compile(r"[0-9a-f]{32}")


MARK = "~"
"""Begins no id of a user or an event."""


def question_id(name: str, number: int) -> str:
    """What a question is called here that no event asked: without a name, say, or on a page.
    `name` is that of its transcript."""
    return f"{name}#{number}"


class BadList(Exception):
    """The list of what is forgotten cannot be read; the message is one line with the remedy.
    Nothing may be published without it."""


class Forgotten:
    """People and events that nobody shall read any more."""

    def __init__(self, path: Path, salt: bytes, digests: frozenset[str]) -> None:
        self._path = path
        self._salt = salt
        self._digests = digests

    @classmethod
    def read(cls, folder: Folder) -> Forgotten:
        """As it is now. Raises `BadList`."""
        path = folder.models / "forgotten"
        try:
            first, *digests = path.read_text(encoding="ascii").splitlines()
        except FileNotFoundError:
            return cls(path, secrets.token_bytes(16), frozenset())
        except (OSError, ValueError) as err:
            raise BadList(f"{path} cannot be read: {_why(err)}") from None
        salt = _FIRST.fullmatch(first)
        if salt is None or not all(map(_DIGEST.fullmatch, digests)):
            raise BadList(f"{path} is damaged: take it from a backup")
        return cls(path, bytes.fromhex(salt[1]), frozenset(digests))

    @classmethod
    def kept(cls, folder: Folder) -> Forgotten:
        """The same, with marks that stay what they are. Raises `BadList` and `OSError`."""
        found = cls.read(folder)
        if not found._path.exists():
            found.add()
        return found

    def also(self, *subjects: str) -> Forgotten:
        """The same with these, which nothing else knows of."""
        digests = self._digests | {self._digest(subject) for subject in subjects}
        return Forgotten(self._path, self._salt, digests)

    def add(self, *subjects: str) -> None:
        """Ids of users, events and questions, durably; what others added meanwhile stays. Raises
        `BadList` and `OSError`."""
        folder = Folder(self._path.parent.parent)
        folder.make()
        with locked(self._path.with_name("forgotten.lock")):
            now = Forgotten.read(folder)
            self._salt = now._salt
            self._digests = now._digests | {self._digest(subject) for subject in subjects}
            with replacing(self._path) as file:
                file.write(f"fosdembot-forgotten 1 {self._salt.hex()}\n")
                file.writelines(f"{digest}\n" for digest in sorted(self._digests))

    def hides(self, subject: str | None) -> bool:
        """Whether a user, by id or by mark, an event or a question shall not be read."""
        if not self._digests or subject is None:
            return False
        return self.mark(subject).removeprefix(MARK) in self._digests

    def mark(self, person: str) -> str:
        """What stands in a model for a user's id that is not to be in it: nobody reads from it who
        that is, but who asks for themselves is found by it. That of a mark is itself."""
        return person if person.startswith(MARK) else MARK + self._digest(person)

    def _digest(self, subject: str) -> str:
        data = subject.encode(errors="surrogatepass")
        return hashlib.blake2b(data, key=self._salt, digest_size=16).hexdigest()


def _why(err: OSError | ValueError) -> str:
    return err.strerror or "" if isinstance(err, OSError) else "it is not ours"
