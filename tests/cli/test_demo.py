"""`fosdembot demo` as somebody starts it: a real homeserver, the real bot, signals."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from fosdembot.cli import main
from simulation.prosody import is_installed
from tests.cli.demo_process import Demo, demo_in
from tests.cli.organiser import starts
from tests.forked import RUN

pytestmark = pytest.mark.servers

ROOT = Path(__file__).parents[2]

UNHURRIED = ("--speed", "30", "--late-after", "5")
"""At twice the usual pace a busy machine is late for the first notice, which is then lost."""


@pytest.fixture
async def demo(new_folder: Path) -> AsyncIterator[Demo]:
    async with demo_in(new_folder) as demo:
        yield demo


linux_only = pytest.mark.skipif(
    sys.platform != "linux", reason="needs Linux: /proc tells of processes"
)


@linux_only
async def test_it_stays_up_until_ctrl_c(demo: Demo) -> None:
    await demo.fork(RUN, "--short", "demo", *UNHURRIED)
    await demo.read_until("Ctrl-C ends it.")
    for whose in ("its speaker  ", "moderators  ", "the overlay  "):
        assert f"  {whose}" in demo.output, "who looks on needs no command to see each page"
    assert demo.output.count("?key=") == 3
    servers = demo.servers()
    assert len(servers) == 2 + is_installed()
    assert (demo.summary()["lost"], demo.summary()["transcripts"]) == (0, [])
    demo.send(signal.SIGINT)
    assert await demo.end() == 0
    assert demo.output.endswith("Stopped. Nothing is left running.\n")
    demo.assert_nothing_left(servers.values())


@linux_only
async def test_without_a_server_for_meetings_only_what_went_wrong_is_told(demo: Demo) -> None:
    """And how to see a meeting."""
    # Where no program is found, prosody is not.
    demo.environment["PATH"] = ""
    options = ("--once", "--summary", "other.json", *UNHURRIED)
    await demo.fork(RUN, "--short", "--never", "demo", *options)
    assert await demo.end() == 1
    fault = "Sail Loft was not told: 09:49 now, Now, until never"
    assert f"Not all went well:\n  {fault}\n" in demo.output
    summary = demo.summary("other.json")
    assert (summary["lost"], summary["faults"]) == (1, [fault])
    line = "The speaker's meeting is left out. To see it: sudo apt install prosody\n"
    assert demo.output.count(line) == 1
    assert "Meeting " not in demo.output
    assert summary["in_meeting"] == 0
    demo.assert_nothing_left()


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
    await demo.fork(RUN, "demo", "--once")
    await demo.read_until(words)
    servers = demo.servers()
    demo.send(number)
    assert await demo.end() == 128 + number
    assert demo.output.endswith("Stopped. Nothing is left running.\n")
    demo.assert_nothing_left(servers.values())


@linux_only
@pytest.mark.parametrize(
    "server",
    [
        "synapse",
        pytest.param("prosody", marks=pytest.mark.skipif(not is_installed(), reason="needs it")),
        "bot",
    ],
)
async def test_a_server_that_dies_ends_it_with_its_last_words(demo: Demo, server: str) -> None:
    await demo.fork(RUN, "demo", "--once")
    await demo.read_until("fosdembot  comes in")
    servers = demo.servers()
    os.kill(servers[server], signal.SIGKILL)
    assert await demo.end() == 1
    assert f"Error: {server} has ended:" in demo.output
    assert "Traceback" not in demo.output
    demo.assert_nothing_left(servers.values())


async def test_outside_of_a_checkout_it_says_what_to_do(tmp_path: Path) -> None:
    installed = shutil.copytree(ROOT / "fosdembot", tmp_path / "lib" / "fosdembot")
    outcome = await starts(tmp_path, "demo", "--once", PYTHONPATH=str(installed.parent))
    assert outcome.refusal == (
        "the demo is not part of the installed bot; "
        "get the source of fosdembot, and type there: make demo"
    )


def test_it_is_asked_for_help_like_any_other_command() -> None:
    result = CliRunner().invoke(main, ["demo", "--help"], prog_name="fosdembot")
    assert result.output.startswith("Usage: fosdembot demo [OPTIONS]\n\n  Play a small conference")
    assert "--once" in result.output


def test_an_unknown_option_is_refused() -> None:
    result = CliRunner().invoke(main, ["demo", "--twice"], prog_name="fosdembot")
    assert result.exit_code == 2
    assert "Usage: fosdembot demo [OPTIONS]" in result.output
    assert "No such option" in result.output


def test_without_a_homeserver_it_says_what_to_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "synapse", None)
    result = CliRunner().invoke(main, ["demo"])
    assert result.exit_code == 1
    assert result.output == "Error: the homeserver is not installed; run: make demo\n"


def test_where_the_summary_cannot_be_written(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["demo", "--summary", str(tmp_path / "no" / "s.json")])
    assert result.exit_code == 1
    assert result.output == f"Error: there is no folder {tmp_path / 'no'}\n"


def test_where_the_transcripts_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "demo-transcripts").touch()
    result = CliRunner().invoke(main, ["demo", "--once", "--summary", str(tmp_path / "s.json")])
    assert result.exit_code == 1
    assert result.output.splitlines()[-1] == (
        f"Error: {tmp_path / 'demo-transcripts' / 'public'} cannot be written: Not a directory; "
        "name another folder with --summary"
    )
