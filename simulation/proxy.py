"""A web server before the bot, with the lines that docs/pages.md gives."""

from __future__ import annotations

import re
import shutil
from abc import abstractmethod
from collections.abc import Iterable
from pathlib import Path

import aiohttp

from .ports import free_port
from .server import Server

_DOCS = Path(__file__).parents[1] / "docs" / "pages.md"


def documented(title: str, changes: Iterable[tuple[str, str]] = (), block: int = 0) -> str:
    """The lines below a title, with what has to be another here."""
    below = _DOCS.read_text().partition(f"\n### {title}\n")[2]
    lines = re.findall(r"```\w*\n(.*?)```", below, re.DOTALL)[block]
    for before, after in changes:
        assert before in lines, before
        lines = lines.replace(before, after)
    return str(lines)


class Proxy(Server):
    """Passes what is below `path` on to `upstream`, the address of the bot's pages. `origin`: its
    own, without the port."""

    package: str
    """Debian's."""

    def __init__(
        self, folder: Path, upstream: str, path: str, origin: str = "http://127.0.0.1"
    ) -> None:
        super().__init__(folder)
        self.port = free_port()
        self.url = f"{origin}:{self.port}{path}"
        self.file = folder / f"{self.name}.conf"
        self.file.write_text(self._configuration(upstream, path))

    @abstractmethod
    def _configuration(self, upstream: str, path: str) -> str:
        """As it stands in the documentation, but for addresses."""

    @classmethod
    def program(cls) -> str | None:
        return shutil.which(cls.name) or shutil.which(cls.name, path="/usr/sbin")

    def noted(self) -> str:
        """All that it has logged."""
        return "".join(log.read_text() for log in self.folder.glob("*.log"))

    async def _is_ready(self) -> bool:
        address = f"{self.url.partition(':')[0]}://127.0.0.1:{self.port}"
        try:
            async with aiohttp.ClientSession() as http, http.get(address, ssl=False):
                return True
        except aiohttp.ClientError:
            return False
