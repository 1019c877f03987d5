"""Debian's Caddy before the bot."""

from __future__ import annotations

from collections.abc import Sequence

from .proxy import Proxy, documented

_AT_THE_ROOT = """\
    reverse_proxy 127.0.0.1:8080 {
        flush_interval -1
    }
"""


class Caddy(Proxy):
    """By http, behind a path."""

    name = "caddy"
    package = "caddy"

    def _configuration(self, upstream: str, path: str) -> str:
        changes = (
            # Else it listens at a port that is the same for all, to be told of other settings.
            ("{\n    log {", "{\n    admin off\n    log {"),
            (_AT_THE_ROOT, documented("Caddy", block=1)),
            ("/qa/*", f"{path}/*"),
            ("127.0.0.1:8080", upstream.removeprefix("http://")),
            ("qa.example.org {", f"http://127.0.0.1:{self.port} {{"),
        )
        return documented("Caddy", changes)

    def _command(self) -> Sequence[str]:
        program = self.program()
        assert program is not None
        # It keeps its settings in the home of whoever runs it.
        home = [f"{name}={self.folder}" for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME")]
        return ["env", *home, program, "run", "--adapter", "caddyfile", "--config", str(self.file)]
