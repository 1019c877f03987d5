"""Debian's nginx before the bot, with the lines that docs/pages.md gives."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

import aiohttp

from .ports import free_port
from .server import Server

_DOCS = Path(__file__).parents[1] / "docs" / "pages.md"
_FRAME = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr;
events {{ worker_connections 1024; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{lines}
}}
"""


def program() -> str | None:
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


class Nginx(Server):
    """Passes what is below `path` on to `upstream`, the address of the bot's pages."""

    name = "nginx"

    def __init__(self, folder: Path, upstream: str, path: str) -> None:
        super().__init__(folder)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}{path}"
        text = _FRAME.format(folder=folder, lines=self._lines(upstream, path))
        (folder / "nginx.conf").write_text(text)

    def _lines(self, upstream: str, path: str) -> str:
        """As they stand in the documentation, but for addresses, and without TLS."""
        found = re.search(r"```nginx\n(.*?)```", _DOCS.read_text(), re.DOTALL)
        assert found is not None, "docs/pages.md has lines for nginx"
        lines = found[1]
        for before, after in (
            ("listen 443 ssl;", f"listen 127.0.0.1:{self.port};"),
            ("/var/log/nginx/qa.log", str(self.folder / "access.log")),
            ("location / {", f"location {path}/ {{"),
            ("http://127.0.0.1:8080;", f"{upstream}/;"),
        ):
            assert before in lines, before
            lines = lines.replace(before, after)
        return lines

    def _command(self) -> Sequence[str]:
        found = program()
        assert found is not None
        return [found, "-p", str(self.folder), "-c", str(self.folder / "nginx.conf")]

    async def _is_ready(self) -> bool:
        try:
            async with aiohttp.ClientSession() as http, http.get(self.url):
                return True
        except aiohttp.ClientError:
            return False
