"""An organiser at a terminal: `fosdembot …` in a folder of theirs."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from click.testing import CliRunner
from ruamel.yaml import YAML

from fosdembot.cli import main
from fosdembot.cli.ports import free_port
from simulation.bot import Bot
from simulation.conference import START, Planned, write_schedule
from simulation.forking import fork_server
from simulation.homeserver import Account, Homeserver
from simulation.server import Server
from simulation.waiting import wait_for


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str

    @property
    def refusal(self) -> str:
        """The one line that says why it was not done."""
        assert self.code == 1, self
        assert "Traceback" not in self.err, self
        assert self.out.strip() == "" or "  ok" in self.out, self
        line, end, rest = self.err.rpartition("Error: ")[2].partition("\n")
        assert (end, rest) == ("\n", ""), self
        return line

    def line(self, what: str) -> str:
        """What was found out about `what`, with its mark and all that follows."""
        lines = self.out.splitlines()
        first = next(n for n, line in enumerate(lines) if line[8:].startswith(what))
        last = first + 1
        while last < len(lines) and lines[last].startswith(" " * 12):
            last += 1
        return "\n".join(lines[first:last])


async def types(*arguments: str | Path, answers: str = "", **environment: str) -> Outcome:
    """Call a command in this process, whatever the folder."""
    words = [str(word) for word in arguments]
    runner = CliRunner(env=environment)
    # Not the loop's own threads: what a stage leaves to those, it does itself.
    with ThreadPoolExecutor(1) as thread:
        call = thread.submit(runner.invoke, main, words, input=answers)
        result = await asyncio.wrap_future(call)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Outcome(result.exit_code, result.stdout, result.stderr)


async def starts(folder: Path, *arguments: str, **environment: str) -> Outcome:
    """Call a command in `folder`, as a process of its own, and wait for its end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "fosdembot.cli",
        *arguments,
        cwd=folder,
        env=os.environ | environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    out, err = await asyncio.wait_for(process.communicate(), 90)
    assert process.returncode is not None
    return Outcome(process.returncode, out.decode(), err.decode())


async def forks(folder: Path, *arguments: str, **environment: str) -> Outcome:
    """The same without imports, where starts are forked."""
    server = fork_server(Bot.imports)
    if server is None:
        return await starts(folder, *arguments, **environment)
    with TemporaryFile() as out, TemporaryFile() as err:
        child = server.start(
            "fosdembot.cli",
            arguments,
            folder,
            out.fileno(),
            err.fileno(),
            os.environ | environment,
        )

        async def ended() -> bool:
            return child.poll() is not None

        await wait_for(ended, 90)
        said = []
        for file in (out, err):
            file.seek(0)
            said.append(file.read().decode())
    return Outcome(child.wait(), *said)


class Running(Server):
    """A command that goes on until it is stopped."""

    name = "command"
    imports = Bot.imports

    def __init__(self, folder: Path, ready: str, *arguments: str) -> None:
        super().__init__(folder)
        self._ready = ready
        self._arguments = arguments

    def _command(self) -> Sequence[str]:
        return [sys.executable, "-m", "fosdembot.cli", *self._arguments]

    async def _is_ready(self) -> bool:
        return self._ready in self.log_text()


def write_config(
    path: Path, homeserver: Homeserver, account: Account, settings: dict[str, Any]
) -> Path:
    """A configuration as `fosdembot init` leaves it behind, but for `settings`."""
    config = {
        "user": {
            "credentials": {
                "id": account.user_id,
                "homeserver": homeserver.url,
                "access_token": account.access_token,
            },
            "sync": False,
            "autojoin": False,
            "displayname": "disable",
            "avatar_url": "disable",
        },
        "server": {"hostname": "127.0.0.1", "port": free_port()},
        "database": f"sqlite:{path.parent}/bot.db",
        "plugin_config": settings,
    }
    path.touch(mode=0o600)
    YAML().dump(config, path)
    return path


def read_config(path: Path) -> Any:
    return YAML(typ="safe", pure=True).load(path)


def a_day(folder: Path, *rooms: str, past: bool = False) -> Path:
    """A schedule of two talks in each of these chat rooms, each at a place of its own;
    without rooms, of two that have none. It is for the day after tomorrow, or `past`: for the
    day of `START`."""
    talks = []
    days = 0 if past else (datetime.now(UTC) - START).days + 2
    at = days * 24 * 60
    for number, room in enumerate(rooms or ("",)):
        place = f"Hall {number + 1}"
        first = Planned(10 * number + 1, "Tiny kernels", at + 15, 25, place=place, chat_room=room)
        second = Planned(10 * number + 2, "Big kernels", at + 40, 25, place=place, chat_room=room)
        talks += [first, second]
    path = folder / "schedule.xml"
    write_schedule(path, talks)
    return path
