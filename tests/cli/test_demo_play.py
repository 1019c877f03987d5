"""The whole play of `fosdembot demo`, on a real homeserver with the real bot.

How late something is depends on what else the machine does, and is not asserted: minutes
of the play are short enough for it to be late, and long enough for it to stay right.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from fosdembot.cli import main
from simulation.demo import sample, sample_meeting
from simulation.prosody import is_installed
from tests.cli.demo_process import demo_in

pytestmark = pytest.mark.servers

UNHURRIED = ("--speed", "60", "--late-after", "30")


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux: /proc tells of processes")
async def test_once_to_the_end(new_folder: Path) -> None:
    meets = is_installed()
    async with demo_in(new_folder) as demo:
        await demo.start("--once", *UNHURRIED)
        await demo.read_until("lena       comes in")
        servers = demo.servers()
        assert len(servers) == 2 + meets
        assert await demo.end() == 0
        demo.assert_nothing_left(servers.values())
    summary = demo.summary()
    assert (summary["talks"], summary["rooms"], summary["pins"]) == (8, 2, 8)
    assert (summary["lost"], summary["doubled"], summary["late"]) == (0, 0, 0)
    assert (summary["unexpected"], summary["faults"]) == (0, [])
    assert summary["answers"] == summary["commands"] >= 60
    assert sum(summary["questions"].values()) == 18
    assert summary["votes_expected"] == summary["votes_counted"] >= 20
    assert (summary["boards"], summary["letters"], summary["answers_written"]) == (8, 1, 2)
    notices = summary["notices"]
    assert (notices["now"], notices["change"]) == (8, 3)
    assert len(summary["pages"]) == 8, "with the answer that the speaker wrote on one of them"
    assert summary["page_news"] > 20
    assert summary["hall_votes"] == 1
    told = sample_meeting.told() if meets else sample.TOLD
    assert sum(notices.values()) + summary["overtaken"] == len(told)
    assert 0 <= summary["lateness_seconds"]["p50"] <= summary["lateness_seconds"]["max"]
    assert 'fosdembot  Now, until 10:25: "A kernel that fits in a teacup"' in demo.output
    assert "18 questions asked, 28 of 28 votes counted, 2 answers given in writing." in demo.output
    folder = demo.folder / "demo-transcripts"
    pages = summary["transcripts"]
    assert sorted(pages) == [f"talk-{number}/index.html" for number in range(1, 9)]
    assert summary["folder_of_transcripts"] == str(folder / "public")
    assert sorted(summary["seconds_in_recording"]) == ["1", "2"]
    place = folder / "public" / "index.html"
    assert f"8 transcripts, 2 questions found in the recording of a talk: {place}" in demo.output
    checked = CliRunner().invoke(main, ["transcript", "verify", str(folder)])
    assert (checked.exit_code, checked.stdout) == (0, "8 transcripts, and all is well\n")
    assert "\x1b" not in demo.output
    if meets:
        assert summary["in_meeting"] >= 4
        assert "Meeting    mira       !next" in demo.output
        assert "Meeting    fosdembot  2 is answered." in demo.output
