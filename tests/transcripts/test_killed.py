"""A crash at any moment leaves each file as it was or as it is to be; the rest is done later."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random

from fosdembot.transcripts import index, model_file
from fosdembot.transcripts.folder import Folder
from fosdembot.transcripts.model import Line, Transcript
from fosdembot.transcripts.rendering import render
from fosdembot.transcripts.verify import verify
from fosdembot.transcripts.writing import TEMPORARY, sweep

from .samples import SAMPLE_QUESTIONS, message, question, transcript

KILLS = 20
OLD = transcript(SAMPLE_QUESTIONS, messages=1100)
NEW = transcript((*SAMPLE_QUESTIONS, question(20, "And now?")), messages=900)


def lines(count: int) -> list[Line]:
    return [message(str(number), f"Line {number} of {count}") for number in range(count)]


def write(folder: Folder, made: Transcript, chat: list[Line]) -> None:
    """As the bot does it."""
    with folder.locked():
        model_file.write(folder.model(made.name), made, chat)
        render(folder, made.name)
    with folder.locked():
        index.write(folder)


def files(folder: Folder) -> Mapping[str, bytes]:
    """All that is there for good."""
    found = {}
    for path in sorted(folder.root.rglob("*")):
        parts = path.relative_to(folder.root).parts
        if path.is_file() and not any(part.startswith(TEMPORARY) for part in parts):
            found["/".join(parts)] = path.read_bytes()
    return found


def killed_after(seconds: float, work: Callable[[], None]) -> None:
    """Do it in a process of its own, and kill that."""
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(0)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def test_killed_at_any_moment(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "out")
    folder.make()
    old, new = lines(1100), lines(900)
    began = time.monotonic()
    write(folder, NEW, new)
    lasts, after = time.monotonic() - began, files(folder)
    write(folder, OLD, old)
    before = files(folder)
    random = Random(7)
    seen = set()
    for _ in range(KILLS):
        write(folder, OLD, old)
        killed_after(random.uniform(0, lasts), lambda: write(folder, NEW, new))
        for name, content in files(folder).items():
            assert content in (before.get(name), after.get(name)), name
            seen.add(content == before.get(name))
        # Then it is made again, as at a start.
        sweep(folder.root)
        write(folder, NEW, new)
        assert files(folder) == after
    assert seen == {True, False}, "some kills came before a file was replaced, some after"
    assert verify(folder) == []
