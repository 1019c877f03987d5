"""Which of the transcripts that are there are not as they should be."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from fosdembot.schedule.model import Talk
from fosdembot.settings import Settings
from fosdembot.talks.file_name import file_name

from . import model_file
from .folder import Folder
from .head import is_outdated
from .publishing_rules import publishing

_CHUNK = 1 << 20


def with_any(folder: Folder, names: Iterable[str], sought: Sequence[str]) -> list[str]:
    """Those of the transcripts `names` whose stored models name one of these events: as a message,
    an edit, a reaction, what is answered, or what asked a question; or have one of these words. In
    a thread.

    The models are searched as bytes: to read a thousand of them as JSON would take minutes.
    """
    wanted = [json.dumps(each, ensure_ascii=False)[1:-1].encode() for each in sought]
    return [name for name in names if _has_any(folder, name, wanted)]


def _has_any(folder: Folder, name: str, wanted: Sequence[bytes]) -> bool:
    longest = max(map(len, wanted), default=0)
    try:
        with folder.model(name).open("rb") as file:
            left = b""
            while chunk := file.read(_CHUNK):
                # What lies across two chunks is found as well.
                here = left + chunk
                if any(event in here for event in wanted):
                    return True
                left = here[-longest:]
    except FileNotFoundError:
        # It is being made for the first time, or was deleted.
        return False
    return False


def outdated(folder: Folder, talks: Iterable[Talk], settings: Settings) -> list[str]:
    """The talks (their guids) of which the schedule, or the settings, say something else than
    their transcripts; those whose transcripts cannot be read, too. In a thread."""
    found = []
    for talk in talks:
        # As for a room where everybody reads what was said before.
        privacy = publishing(settings, talk, None).privacy
        try:
            transcript = model_file.read(folder.model(file_name(talk.guid)))
        except model_file.BadModel:
            found.append(talk.guid)
            continue
        if is_outdated(transcript, talk, privacy):
            found.append(talk.guid)
    return found
