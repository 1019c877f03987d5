"""Transcripts: whether they can be written, and may be published."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from fosdembot.cli.checks.findings import Finding
from fosdembot.settings import Settings
from fosdembot.transcripts.folder import Folder


def transcripts_finding(settings: Settings) -> Finding | None:
    """None where the settings want none."""
    rules = settings.transcripts
    if not rules.folder.strip():
        if not rules.public_url:
            return None
        remedy = "transcripts.public_url is set: set transcripts.folder, too, or neither"
        return Finding("transcripts", "none: there is no folder for them", False, (remedy,))
    root = Path(rules.folder)
    todo = tuple(_wrong(root, settings))
    if todo:
        return Finding("transcripts", f"{root}: they cannot be published so", False, todo)
    if not rules.public_url:
        text = f"{root}; nobody is told of them: transcripts.public_url is not set"
        return Finding("transcripts", text, None)
    return Finding("transcripts", f"{root}, {rules.public_url}")


def _wrong(root: Path, settings: Settings) -> Iterator[str]:
    """What to put right, one line each."""
    if not root.is_absolute():
        yield f"transcripts.folder: write it in full, for example {Path.cwd() / root}"
        return
    folder = Folder(root)
    for path in (folder.root, folder.models, folder.public):
        if (why := _cannot_write(path)) is not None:
            yield why
            break
    if _others_may_read(folder.models):
        yield f"others can read what is not published: chmod 700 {folder.models}"
    if not settings.privacy.contact.strip():
        yield "nothing is published: set privacy.contact, whom people write to"


def _cannot_write(path: Path) -> str | None:
    """Why nothing can be put there. What is not there yet is made in the folder above it."""
    there = next(each for each in (path, *path.parents) if each.exists())
    if not there.is_dir():
        return f"{there} is no folder: name another as transcripts.folder"
    if not os.access(there, os.W_OK | os.X_OK):
        return f"{there} is not yours to write in: let the bot's user own it"
    return None


def _others_may_read(models: Path) -> bool:
    return models.is_dir() and bool(stat.S_IMODE(models.stat().st_mode) & 0o077)
