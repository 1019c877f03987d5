"""`fosdembot demo` as somebody starts it: a real homeserver, the real bot, signals."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from fosdembot.cli import main
from fosdembot.demo.verdict import LATE_SECONDS
from tests.demo.test_server import gone

pytestmark = pytest.mark.servers

COMMAND = ("-m", "fosdembot.cli", "demo")
SHORT = """
import sys
from fosdembot.cli import main
from fosdembot.demo import sample
sample.CLOSE = "09:52"
sample.SCRIPT = [act for act in sample.SCRIPT if act.at < sample.CLOSE]
sample.TOLD = [item for item in sample.TOLD if item.at is None or item.at < sample.CLOSE]
if "--never" in sys.argv:
    sys.argv.remove("--never")
    sample.TOLD.append(sample.Told("09:49", sample.LOFT, "now", 25, "Now, until never"))
main(prog_name="fosdembot")
"""
"""The demo, but for its first minutes only; with `--never` it misses something."""


class Demo:
    """`fosdembot demo` in a folder of its own, started by `run`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.temporary = folder / "temporary"
        self.temporary.mkdir()
        self.output = ""
        self.process: asyncio.subprocess.Process

    async def run(self, *arguments: str) -> None:
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            *arguments,
            cwd=self.folder,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=os.environ | {"TMPDIR": str(self.temporary)},
        )

    async def read_until(self, words: str) -> None:
        """Read its output up to the line with these words; fails where it ends before."""
        assert self.process.stdout is not None
        while words not in self.output:
            line = await asyncio.wait_for(self.process.stdout.readline(), 60)
            assert line, f"it ended without {words!r}:\n{self.output}"
            self.output += line.decode()

    async def end(self) -> int:
        """Wait for its end; returns its exit code."""
        assert self.process.stdout is not None
        self.output += (await asyncio.wait_for(self.process.stdout.read(), 240)).decode()
        return await self.process.wait()

    def children(self) -> Sequence[int]:
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in path.read_text().split()]

    def summary(self) -> Any:
        return json.loads((self.folder / "demo-summary.json").read_text())

    def assert_nothing_left(self, children: Sequence[int]) -> None:
        assert [pid for pid in children if not gone(pid)] == []
        assert list(self.temporary.iterdir()) == []


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[Demo]:
    demo = Demo(tmp_path)
    yield demo
    print(demo.output)
    if demo.process.returncode is None:
        demo.process.kill()
        await demo.process.wait()


linux_only = pytest.mark.skipif(
    sys.platform != "linux", reason="needs Linux: /proc tells of processes"
)


@linux_only
async def test_once_to_the_end(demo: Demo) -> None:
    await demo.run(*COMMAND, "--once", "--speed", "120")
    await demo.read_until("lena       comes in")
    children = demo.children()
    assert len(children) == 2
    assert await demo.end() == 0
    demo.assert_nothing_left(children)
    summary = demo.summary()
    assert (summary["talks"], summary["rooms"], summary["pins"]) == (8, 2, 8)
    assert (summary["lost"], summary["doubled"], summary["late"]) == (0, 0, 0)
    assert (summary["unexpected"], summary["faults"]) == (0, [])
    assert summary["answers"] == summary["commands"] >= 60
    assert sum(summary["questions"].values()) == 18
    assert summary["votes_expected"] == summary["votes_counted"] >= 20
    assert (summary["boards"], summary["letters"], summary["answers_written"]) == (8, 1, 2)
    notices = summary["notices"]
    assert (notices["now"], notices["qa"], notices["change"]) == (8, 8, 3)
    assert 0 <= summary["lateness_seconds"]["p50"] <= summary["lateness_seconds"]["max"]
    assert summary["lateness_seconds"]["max"] <= LATE_SECONDS
    assert 'fosdembot  Now, until 10:25: "A kernel that fits in a teacup"' in demo.output
    assert "18 questions asked, 28 of 28 votes counted, 2 answers given in writing." in demo.output
    assert "\x1b" not in demo.output


@linux_only
async def test_it_stays_up_until_ctrl_c(demo: Demo) -> None:
    await demo.run("-c", SHORT, "demo", "--speed", "120")
    await demo.read_until("Ctrl-C ends it.")
    children = demo.children()
    assert len(children) == 2
    assert demo.summary()["lost"] == 0
    demo.process.send_signal(signal.SIGINT)
    assert await demo.end() == 0
    assert demo.output.endswith("Stopped. Nothing is left running.\n")
    demo.assert_nothing_left(children)


@linux_only
async def test_what_went_wrong_is_told(demo: Demo) -> None:
    await demo.run("-c", SHORT, "demo", "--never", "--once", "--summary", "other.json")
    assert await demo.end() == 1
    fault = "Sail Loft was not told: 09:49 now, Now, until never"
    assert f"Not all went well:\n  {fault}\n" in demo.output
    summary = json.loads((demo.folder / "other.json").read_text())
    assert (summary["lost"], summary["faults"]) == (1, [fault])
    demo.assert_nothing_left([])


@linux_only
@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("Starting a homeserver", signal.SIGINT),
        ("Starting the bot", signal.SIGTERM),
        ("fosdembot  comes in", signal.SIGHUP),
    ],
)
async def test_stopped_before_its_end(demo: Demo, words: str, number: signal.Signals) -> None:
    await demo.run(*COMMAND, "--once")
    await demo.read_until(words)
    children = demo.children()
    demo.process.send_signal(number)
    assert await demo.end() == 128 + number
    assert demo.output.endswith("Stopped. Nothing is left running.\n")
    demo.assert_nothing_left(children)


@linux_only
async def test_a_server_that_dies_ends_it_with_its_last_words(demo: Demo) -> None:
    await demo.run(*COMMAND, "--once")
    await demo.read_until("fosdembot  comes in")
    children = demo.children()
    os.kill(children[-1], signal.SIGKILL)
    assert await demo.end() == 1
    assert "Error: bot has ended:" in demo.output
    assert "Traceback" not in demo.output
    demo.assert_nothing_left(children)


def test_without_a_homeserver_it_says_what_to_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "synapse", None)
    result = CliRunner().invoke(main, ["demo"])
    assert result.exit_code == 1
    assert result.output == "Error: the homeserver is not installed; run: make demo\n"


def test_where_the_summary_cannot_be_written(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["demo", "--summary", str(tmp_path / "no" / "s.json")])
    assert result.exit_code == 1
    assert result.output == f"Error: there is no folder {tmp_path / 'no'}\n"
