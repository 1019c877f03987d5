"""The transcripts of the demo: where they lie, stay and are served, and whether they are right."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fosdembot.transcripts.folder import Folder
from fosdembot.transcripts.verify import verify
from simulation.waiting import NotSeen, wait_for

from . import sample, sample_recording
from .acts import Act, Told
from .judge_transcripts import Found, judge_transcripts
from .site import site
from .verdict import Verdict

NAME = "demo-transcripts"
MADE_SECONDS = 30.0
"""In which the last transcript must be made, from when it is due: what was made just now is made
again after a quarter of a minute."""


class CannotWrite(Exception):
    """The message says what, and why."""


@dataclass(frozen=True, slots=True)
class Archive:
    folder: Folder
    url: str
    """Where a web server on this machine has them."""

    @property
    def settings(self) -> dict[str, Any]:
        """Sections of the bot's."""
        return {
            "transcripts": {
                "folder": str(self.folder.root),
                "public_url": self.url,
                "chat": "publish",
                "after_minutes": sample.TRANSCRIPTS_MINUTES,
            },
            "privacy": {"contact": sample.CONTACT},
        }

    def publish(self, schedule: Path, version: int = 1) -> None:
        """A version of the schedule."""
        sample.write_schedule(schedule, version, sample_recording.links(self.url))

    async def judge(
        self, told: Sequence[Told], acts: Iterable[Act], verdict: Verdict, seconds: float
    ) -> None:
        """Wait until all is made and right, but not longer, and add what is found."""
        acts = tuple(acts)
        found = Found()

        async def is_right() -> bool:
            nonlocal found
            found = await asyncio.to_thread(self._look, told, acts)
            return not found.faults

        try:
            await wait_for(is_right, seconds)
        except NotSeen:
            verdict.faults += found.faults
        verdict.transcripts, verdict.seconds = found.pages, found.seconds

    def _look(self, told: Sequence[Told], acts: Iterable[Act]) -> Found:
        found = judge_transcripts(self.folder.public, told, acts)
        # Before the first talk is over, there is not even a folder.
        if found.pages:
            found.faults += [str(finding) for finding in verify(self.folder)]
        return found


@asynccontextmanager
async def archive(folder: Path, temporary: Path) -> AsyncIterator[Archive]:
    """Transcripts in `folder`, which replace those of an earlier play, and a recording. Raises
    `CannotWrite`."""
    transcripts, recordings = Folder(folder), temporary / "recordings"
    try:
        for old in (transcripts.models, transcripts.public):
            if old.exists():
                shutil.rmtree(old)
        transcripts.make()
    except OSError as err:
        where = err.filename or folder
        raise CannotWrite(f"{where} cannot be written: {err.strerror}") from None
    recordings.mkdir()
    sample_recording.write(recordings)
    async with site(transcripts.public, recordings) as url:
        yield Archive(transcripts, url)
