"""Links from page to page within a folder, and whether they lead somewhere."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

_PIECE = 1 << 16
_REMEMBERED = 64
"""Pages of which the places are known: those of a talk link to one another."""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: dict[str, None] = {}
        self.places: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id" and value:
                self.places.add(value)
            elif name in ("href", "src") and value and _is_inner(value):
                self.links[value] = None


class Links:
    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self._read = lru_cache(_REMEMBERED)(_read)

    def of(self, page: Path) -> list[str]:
        """Those that name no server."""
        return self._read(page)[0]

    def bad(self, page: Path) -> Iterator[tuple[str, bool]]:
        """Links that lead nowhere, each with whether it leads out of the folder."""
        for link in self.of(page):
            problem = self.problem(page, link)
            if problem is not None:
                yield link, problem

    def problem(self, page: Path, link: str) -> bool | None:
        """None: it leads to a place that is there. Else whether it leads out of the folder."""
        try:
            parts = urlsplit(link)
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page.resolve()
        except (ValueError, OSError, RuntimeError):
            return False
        if not target.is_relative_to(self._root):
            return True
        if target.is_dir():
            target /= "index.html"
        if not target.is_file():
            return False
        if not parts.fragment or target.suffix != ".html":
            return None
        return None if unquote(parts.fragment) in self._read(target)[1] else False


def _read(page: Path) -> tuple[list[str], set[str]]:
    reader = _Reader()
    with page.open(encoding="utf-8", errors="replace") as file:
        while piece := file.read(_PIECE):
            reader.feed(piece)
    reader.close()
    return list(reader.links), reader.places


def _is_inner(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return True
    return not parts.scheme and not parts.netloc
