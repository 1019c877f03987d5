"""What is told of the demo in the end, also where people took part who are not in its script."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from simulation.demo.archive import Archive, archive
from simulation.demo.play import farewell
from simulation.demo.verdict import Verdict, forgiving


async def judged() -> Verdict:
    return Verdict(2, faults=["something"])


async def not_understood() -> Verdict:
    raise IndexError("list index out of range")


async def test_what_the_judge_finds_stays() -> None:
    assert await forgiving(judged(), 2, once=False) == await judged()
    assert await forgiving(judged(), 2, once=True) == await judged()


async def test_what_the_judge_does_not_understand_ends_nothing() -> None:
    verdict = await forgiving(not_understood(), 2, once=False)
    assert verdict.faults == ["the rest could not be judged (IndexError: list index out of range)"]
    assert not verdict.good


async def test_with_once_it_does() -> None:
    with pytest.raises(IndexError):
        await forgiving(not_understood(), 2, once=True)


@pytest.fixture
async def transcripts(tmp_path: Path) -> AsyncIterator[Archive]:
    (tmp_path / "temporary").mkdir()
    async with archive(tmp_path / "transcripts", tmp_path / "temporary") as made:
        yield made


async def test_who_took_part_learns_that_this_may_be_why(
    transcripts: Archive, tmp_path: Path
) -> None:
    verdict = await judged()
    told = farewell(verdict, transcripts, tmp_path, once=False)
    assert "If you took part, that may be why:\n  something\n" in told
    told = farewell(verdict, transcripts, tmp_path, once=True)
    assert "Not all went well:\n  something\n" in told


async def test_who_looks_on_reads_some_of_the_faults_and_a_test_all(
    transcripts: Archive, tmp_path: Path
) -> None:
    """A question of somebody else's is one fault for each question after it."""
    verdict = Verdict(2, faults=[f"fault {number}" for number in range(12)])
    told = farewell(verdict, transcripts, tmp_path, once=False)
    assert "  fault 9\n  and 2 more, in the summary\n" in told
    assert "  fault 11\n" in farewell(verdict, transcripts, tmp_path, once=True)
