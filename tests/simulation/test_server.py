"""A server as a child process, spawned or forked, with small programs in the server's place."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from simulation.ports import free_port
from simulation.server import Server, ServerError
from simulation.waiting import wait_for

READY = "print('ready', flush=True); import time; time.sleep(600)"


class Program(Server):
    name = "program"
    start_seconds = 5.0
    stop_seconds = 5.0

    def __init__(self, folder: Path, code: str = READY) -> None:
        super().__init__(folder)
        self.code = code

    def launch(self) -> None:
        (self.folder / "program.py").write_text(self.code)
        super().launch()

    def _command(self) -> Sequence[str]:
        return [sys.executable, "-m", "program"]

    async def _is_ready(self) -> bool:
        return "ready" in self.log_text()


@pytest.fixture(autouse=True, params=[(), ("asyncio",)], ids=["spawned", "forked"], name="imports")
def _imports(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Sequence[str]:
    imports: Sequence[str] = request.param
    monkeypatch.setattr(Program, "imports", imports)
    return imports


def state(pid: int) -> str:
    """One letter, as ps(1) gives it; empty when there is no such process."""
    answer = subprocess.run(
        ["ps", "-o", "state=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return answer.stdout.strip()[:1]


def gone(pid: int) -> bool:
    # Z: it has ended, and whoever adopted it has not looked yet.
    return state(pid) in ("", "Z")


async def test_start_and_stop(tmp_path: Path) -> None:
    async with Program(tmp_path) as server:
        assert not gone(server.pid)
    assert gone(server.pid)
    assert not server.running


async def test_it_is_stopped_when_the_block_fails(tmp_path: Path) -> None:
    server = Program(tmp_path)

    async def interrupted() -> None:
        async with server:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await interrupted()
    assert gone(server.pid)


async def test_one_that_ends_at_once_is_told_with_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(ServerError, match=r"(?s)ended while it started.*no such port"):
        await Program(tmp_path, "raise SystemExit('no such port')").start()


async def test_one_that_never_answers_is_told_and_ended(tmp_path: Path) -> None:
    server = Program(tmp_path, "print('busy', flush=True); import time; time.sleep(600)")
    server.start_seconds = 0.5
    with pytest.raises(ServerError, match=r"(?s)did not answer in 0.5 s.*busy"):
        await server.start()
    assert gone(server.pid)


async def test_the_words_of_an_earlier_start_do_not_count(tmp_path: Path) -> None:
    server = Program(tmp_path)
    await server.restart()
    await server.stop()
    server.code = "raise SystemExit('broken')"
    with pytest.raises(ServerError, match="ended while it started"):
        await server.restart()
    assert "ready" in server.log_tail()
    assert "ready" not in server.log_text()


async def test_one_that_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    server = Program(tmp_path, "import signal; signal.signal(15, signal.SIG_IGN); " + READY)
    server.stop_seconds = 0.2
    await server.start()
    await server.stop()
    assert gone(server.pid)


async def test_pause_and_resume(tmp_path: Path) -> None:
    async with Program(tmp_path) as server:

        async def frozen() -> bool:
            return state(server.pid) == "T"

        server.pause()
        await wait_for(frozen, 5)
        server.resume()
        assert not await frozen()
        server.pause()
        # Leaving the block ends it even so.
    assert gone(server.pid)


async def test_kill_and_start_again(tmp_path: Path) -> None:
    async with Program(tmp_path) as server:
        before = server.pid
        server.kill()
        assert gone(before)
        await server.start()
        assert server.pid != before
        with pytest.raises(ServerError, match="runs already"):
            server.launch()


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux: others cannot tie a child to us")
async def test_it_does_not_outlive_a_killed_parent(tmp_path: Path, imports: Sequence[str]) -> None:
    parent = tmp_path / "parent.py"
    parent.write_text(
        "import asyncio, sys, time\n"
        "from pathlib import Path\n"
        "from simulation.forking import starts_are_forked\n"
        "from tests.simulation.test_server import Program\n"
        "Program.imports = sys.argv[2:]\n"
        "server = Program(Path(sys.argv[1]))\n"
        "with starts_are_forked():\n"
        "    asyncio.run(server.start())\n"
        "    print(server.pid, flush=True)\n"
        "    time.sleep(600)\n"
    )
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(
        [sys.executable, str(parent), str(tmp_path / "data"), *imports],
        stdout=subprocess.PIPE,
        env=environment,
    ) as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        assert not gone(child)
        process.send_signal(signal.SIGKILL)

        async def ended() -> bool:
            return gone(child)

        await wait_for(ended, 5)


def test_free_ports_differ() -> None:
    """And none is one of those that the system gives to whoever connects: it would be gone after a
    restart."""
    ports = {free_port() for _ in range(5)}
    assert len(ports) == 5
    assert max(ports) < 32_768
