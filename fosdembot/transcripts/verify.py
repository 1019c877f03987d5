"""Whether a folder of transcripts is whole: what is wrong, a line each with what helps."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from fosdembot.texts import transcript_findings as words
from fosdembot.texts.render import clean

from . import model_file
from .folder import Folder
from .forgotten import BadList, Forgotten
from .inner_links import Links
from .model_file import BadModel
from .writing import TEMPORARY

SUMS = "SHA256SUMS"
_SUM = re.compile(r"([0-9a-f]{64}) [ *]([^/\n]+)")
_LONGEST_NAME = 300
_LARGEST = 256 * 1024 * 1024
"""Bytes of an index that is read."""


@dataclass(frozen=True, slots=True)
class Finding:
    place: str
    """Below the folder."""
    text: str
    """What is wrong, and what helps."""

    def __str__(self) -> str:
        return f"{clean(self.place, _LONGEST_NAME)}: {clean(self.text, 2 * _LONGEST_NAME)}"


def verify(folder: Folder, passed: Callable[[str], None] = lambda name: None) -> list[Finding]:
    """All that is wrong, in order of what it is about. `passed` is called for each transcript."""
    return list(_Check(folder, passed).findings())


class _Check:
    def __init__(self, folder: Folder, passed: Callable[[str], None]) -> None:
        self._folder = folder
        self._passed = passed
        self._links = Links(folder.public)
        self._published: set[str] = set()
        """Names of transcripts that are to be published."""
        self._known: set[str] = set()

    def findings(self) -> Iterator[Finding]:
        yield from self._places()
        for name in self._folder.names():
            self._known.add(name)
            yield from self._model(name)
            if name in self._published or self._folder.talk(name).is_dir():
                yield from self._public(name)
            self._passed(name)
        for name in self._folder.published():
            if name not in self._known and not name.startswith(TEMPORARY):
                yield Finding(f"public/{name}", words.NO_MODEL)
        yield from self._index()

    def _places(self) -> Iterator[Finding]:
        if self._folder.models.stat().st_mode & 0o077:
            yield Finding("models", words.NOT_PRIVATE.format(path=self._folder.models))
        try:
            Forgotten.read(self._folder)
        except BadList as err:
            yield Finding("models/forgotten", str(err))
        for path in sorted(self._folder.root.rglob(f"{TEMPORARY}*")):
            yield Finding(self._place(path), words.TEMPORARY)

    def _model(self, name: str) -> Iterator[Finding]:
        path = self._folder.model(name)
        try:
            transcript = model_file.read(path)
            for _ in model_file.lines(path):
                pass
        except BadModel as err:
            yield Finding(self._place(path), f"{err}; {words.ELSE_MAKE_ANEW}")
            # What is public stays so until it is known what is to become of it.
            self._published.add(name)
            return
        if transcript.name != name:
            yield Finding(self._place(path), words.OTHER_NAME.format(name=transcript.name))
        if transcript.privacy.contact.strip():
            self._published.add(name)

    def _public(self, name: str) -> Iterator[Finding]:
        talk = self._folder.talk(name)
        if name not in self._published:
            yield Finding(self._place(talk), words.NOT_PUBLISHED)
            return
        if not (talk / "index.html").is_file():
            yield Finding(self._place(talk), words.NO_PAGE)
            return
        for path, said in not_as_written(talk):
            yield Finding(self._place(path), said)
        for path in sorted(talk.glob("*.html")):
            yield from self._bad_links(path)

    def _bad_links(self, path: Path) -> Iterator[Finding]:
        for link, leads_out in self._links.bad(path):
            said = words.LEADS_OUT if leads_out else words.LEADS_NOWHERE
            yield Finding(self._place(path), said.format(link=link))

    # ------------------------------------------------------------------------------------ index

    def _index(self) -> Iterator[Finding]:
        page, found = self._folder.public / "index.html", self._folder.public / "search.json"
        missing = [path for path in (page, found) if not path.is_file()]
        if missing:
            # Where nothing was ever published, there is nothing to list.
            if self._published or len(missing) == 1:
                yield from (Finding(self._place(path), words.NO_INDEX) for path in missing)
            return
        yield from self._bad_links(page)
        try:
            names, links = _listed(found)
        except (OSError, ValueError, LookupError, TypeError, RecursionError):
            yield Finding(self._place(found), words.BAD_INDEX)
            return
        there = {
            name for name in self._published if (self._folder.talk(name) / "index.html").is_file()
        }
        in_page = {
            Path(link).parent.name for link in self._links.of(page) if link.endswith("/index.html")
        }
        for path, listed in ((page, in_page), (found, names)):
            for name in sorted(there - listed):
                yield Finding(self._place(path), words.NOT_LISTED.format(name=name))
            for name in sorted(listed - there):
                yield Finding(self._place(path), words.LISTS_TOO_MUCH.format(name=name))
        for link in self._nowhere(links):
            yield Finding(self._place(found), words.LEADS_NOWHERE.format(link=link))

    def _nowhere(self, links: Iterable[str]) -> Iterator[str]:
        page = self._folder.public / "index.html"
        return (link for link in links if self._links.problem(page, link) is not None)

    def _place(self, path: Path) -> str:
        return path.relative_to(self._folder.root).as_posix()


def not_as_written(talk: Path) -> Iterator[tuple[Path, str]]:
    """What the sums of a talk's files say of them, where that is not true."""
    sums = talk / SUMS
    if not sums.is_file():
        yield sums, words.NO_SUMS
        return
    lines = sums.read_text(encoding="utf-8", errors="replace").splitlines()
    matches = [_SUM.fullmatch(line) for line in lines]
    listed = {match[2]: match[1] for match in matches if match is not None}
    if None in matches:
        yield sums, words.BAD_SUMS
    for name, digest in sorted(listed.items()):
        path = talk / name
        if not path.is_file():
            yield path, words.MISSING
        elif _digest(path) != digest:
            yield path, words.CHANGED
    there = {path.name for path in talk.iterdir() if not path.name.startswith(TEMPORARY)}
    for name in sorted(there - listed.keys() - {SUMS}):
        yield talk / name, words.UNLISTED


def _listed(path: Path) -> tuple[set[str], list[str]]:
    """The names and the links in `search.json`."""
    with path.open(encoding="utf-8") as file:
        found = json.loads(file.read(_LARGEST))
    return (
        {str(talk["name"]) for talk in found["talks"]},
        [str(question["link"]) for question in found["questions"]],
    )


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
