"""All public files of one talk, from its stored model. The same model is the same bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO

from . import chapters, html, model_file, plain, questions_csv
from .facts import Facts
from .folder import Folder
from .model import Line, Transcript
from .writing import remove_all, replacing_all

SUMS = "SHA256SUMS"


class NoContact(Exception):
    """A transcript is not published: it does not say whom people write to."""


def render(folder: Folder, name: str) -> None:
    """Write the public files of a talk; what was there and is no more goes. Without a contact
    nothing is published. Raises `BadModel` and `OSError`, and then leaves what was there."""
    try:
        _render(folder.model(name), model_file.read(folder.model(name)), folder.talk(name))
    except NoContact:
        remove_all(folder.talk(name))


def render_file(model: Path, target: Path) -> None:
    """The same of any model, into a folder of the talk in `target`. Raises `NoContact`, `BadModel`
    and `OSError`."""
    transcript = model_file.read(model)
    _render(model, transcript, target / transcript.name)


def _render(model: Path, transcript: Transcript, target: Path) -> None:
    if not transcript.privacy.contact.strip():
        raise NoContact
    with replacing_all(target) as folder:
        _write(folder, transcript, model_file.lines(model))


def _write(folder: Path, transcript: Transcript, lines: Iterable[Line]) -> None:
    facts = Facts(transcript)
    with _new(folder / "transcript.txt") as text:
        text.writelines(plain.head(facts))
        shown = _also(text, lines, plain.Chat(facts)) if facts.shows_chat else ()
        html.write(folder, transcript, shown)
    with _new(folder / "questions.csv") as table:
        questions_csv.write(table, facts)
    for name, content in chapters.files(transcript).items():
        with _new(folder / name) as file:
            file.write(content)
    sums = [f"{_digest(path)}  {path.name}\n" for path in sorted(folder.iterdir())]
    (folder / SUMS).write_text("".join(sums), encoding="utf-8")


def _also(text: TextIO, lines: Iterable[Line], chat: plain.Chat) -> Iterator[Line]:
    """The lines, each of which is written to the text as well: they are read once."""
    for line in lines:
        text.writelines(chat.line(line))
        yield line


def _new(path: Path) -> TextIO:
    return path.open("w", encoding="utf-8", newline="\n")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
