"""Folders of transcripts to test with."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from fosdembot.transcripts import model_file
from fosdembot.transcripts.folder import Folder
from fosdembot.transcripts.model import Line, Transcript


def folder_of(root: Path, *transcripts: Transcript, chat: Iterable[Line] = ()) -> Folder:
    """With their models, each with the same chat, and a page for each that is published."""
    folder = Folder(root)
    folder.make()
    for transcript in transcripts:
        model_file.write(folder.model(transcript.name), transcript, chat)
        if transcript.privacy.contact:
            folder.talk(transcript.name).mkdir(exist_ok=True)
            (folder.talk(transcript.name) / "index.html").write_text("a page")
    return folder


@contextmanager
def kept_files(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nobody may remove a page: what its mode says does not hold for root."""
    unlink = os.unlink

    def refuse(path: Any, **where: Any) -> None:
        if str(path).endswith(".html"):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        unlink(path, **where)

    with monkeypatch.context() as patched:
        patched.setattr(os, "unlink", refuse)
        yield
