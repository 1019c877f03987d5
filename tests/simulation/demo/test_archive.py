"""Where the demo's transcripts lie, and when they are looked at."""

from __future__ import annotations

from pathlib import Path

import pytest
from aiohttp import ClientSession

from fosdembot.settings import load
from simulation.demo import archive as archives
from simulation.demo import sample, sample_recording
from simulation.demo.archive import CannotWrite, archive
from simulation.demo.verdict import Verdict


async def test_transcripts_of_an_earlier_play_are_replaced_and_nothing_else(
    tmp_path: Path,
) -> None:
    folder = tmp_path / archives.NAME
    for part in ("models", "public", "notes"):
        (folder / part).mkdir(parents=True)
        (folder / part / "old").touch()
    async with archive(folder, tmp_path):
        assert sorted(path.name for path in folder.rglob("*")) == [
            "models",
            "notes",
            "old",
            "public",
        ]
        assert (folder / "models").stat().st_mode & 0o77 == 0


async def test_where_it_cannot_be_written_it_says_why(tmp_path: Path) -> None:
    (tmp_path / archives.NAME).touch()
    with pytest.raises(CannotWrite, match="cannot be written: Not a directory"):
        async with archive(tmp_path / archives.NAME, tmp_path):
            pass


async def test_what_the_settings_and_the_schedule_name_is_served(tmp_path: Path) -> None:
    async with archive(tmp_path / archives.NAME, tmp_path) as made, ClientSession() as session:
        settings, problems = load(made.settings)
        assert (problems, settings.archives) == ([], True)
        assert settings.transcripts.public_url == made.url
        made.publish(tmp_path / "schedule.xml", 3)
        schedule = (tmp_path / "schedule.xml").read_text()
        for _, url in sample_recording.links(made.url):
            assert url in schedule
            async with session.get(url) as answer:
                assert answer.status == 200


async def test_what_is_not_made_in_time_is_a_fault(tmp_path: Path) -> None:
    verdict = Verdict(2.0)
    async with archive(tmp_path / archives.NAME, tmp_path) as made:
        await made.judge(sample.TOLD, sample.SCRIPT, verdict, 0.1)
    assert verdict.faults[0] == "talk 1 has no transcript"
    assert len(verdict.faults) == 8


async def test_before_a_talk_is_over_there_is_nothing_to_wait_for(tmp_path: Path) -> None:
    verdict = Verdict(2.0)
    async with archive(tmp_path / archives.NAME, tmp_path) as made:
        await made.judge([], [], verdict, 0.1)
    assert (verdict.faults, verdict.transcripts, verdict.seconds) == ([], [], {})
