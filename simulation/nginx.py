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
    """Passes what is below `path` on to `upstream`, the address of the bot's pages.
    `certificate`: a file with its key as well, for https, and then by a name that browsers look up
    by themselves: some rules of cookies are for names alone. Without one it is http."""

    name = "nginx"

    def __init__(
        self, folder: Path, upstream: str, path: str, certificate: Path | None = None
    ) -> None:
        super().__init__(folder)
        self.port = free_port()
        self.certificate = certificate
        before = "https://qa.localhost" if certificate is not None else "http://127.0.0.1"
        self.url = f"{before}:{self.port}{path}"
        text = _FRAME.format(folder=folder, lines=self._lines(upstream, path))
        (folder / "nginx.conf").write_text(text)

    def _lines(self, upstream: str, path: str) -> str:
        """As they stand in the documentation, but for addresses, and the certificate."""
        found = re.search(r"```nginx\n(.*?)```", _DOCS.read_text(), re.DOTALL)
        assert found is not None, "docs/pages.md has lines for nginx"
        lines = found[1]
        own = self.certificate
        tls = f"ssl_certificate {own}; ssl_certificate_key {own};" if own is not None else ""
        for before, after in (
            ("listen 443 ssl;", f"listen 127.0.0.1:{self.port}{' ssl' if tls else ''};"),
            ("# ssl_certificate …", tls),
            ("/var/log/nginx/qa.log", str(self.folder / "access.log")),
            ("/var/log/nginx/qa-error.log", str(self.folder / "error.log")),
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

    def noted(self) -> str:
        """All that it has logged."""
        return "".join(log.read_text() for log in self.folder.glob("*.log"))

    async def _is_ready(self) -> bool:
        scheme = "https" if self.certificate is not None else "http"
        address = f"{scheme}://127.0.0.1:{self.port}"
        try:
            async with aiohttp.ClientSession() as http, http.get(address, ssl=False):
                return True
        except aiohttp.ClientError:
            return False
