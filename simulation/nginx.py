"""Debian's nginx before the bot."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .proxy import Proxy, documented

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


class Nginx(Proxy):
    """`certificate`: a file with its key as well, for https, and then by a name that browsers look
    up by themselves: some rules of cookies are for names alone. Without one it is http."""

    name = "nginx"
    package = "nginx-light"

    def __init__(
        self, folder: Path, upstream: str, path: str, certificate: Path | None = None
    ) -> None:
        self.certificate = certificate
        origin = "https://qa.localhost" if certificate is not None else "http://127.0.0.1"
        super().__init__(folder, upstream, path, origin)

    def _configuration(self, upstream: str, path: str) -> str:
        own = self.certificate
        tls = f"ssl_certificate {own}; ssl_certificate_key {own};" if own is not None else ""
        changes = (
            (
                "listen 443 ssl http2;",
                f"listen 127.0.0.1:{self.port}{' ssl http2' if tls else ''};",
            ),
            ("# ssl_certificate …", tls),
            ("/var/log/nginx/qa.log", str(self.folder / "access.log")),
            ("/var/log/nginx/qa-error.log", str(self.folder / "error.log")),
            ("location / {", f"location {path}/ {{"),
            ("http://127.0.0.1:8080;", f"{upstream}/;"),
        )
        return _FRAME.format(folder=self.folder, lines=documented("nginx", changes))

    def _command(self) -> Sequence[str]:
        program = self.program()
        assert program is not None
        return [program, "-p", str(self.folder), "-c", str(self.file)]
