"""All public files of a talk: whole or as before, and the same bytes each time."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from weakref import WeakSet

import pytest

from fosdembot.transcripts import html, model_file, rendering
from fosdembot.transcripts.folder import Folder
from fosdembot.transcripts.model import Line, Privacy
from fosdembot.transcripts.model_file import BadModel
from fosdembot.transcripts.writing import sweep

from . import rich
from .folders import kept_files
from .samples import message

NAME = "tiny-kernels"


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    made = Folder(tmp_path)
    made.make()
    model_file.write(made.model(NAME), rich.rich(), rich.LINES)
    return made


def contents(folder: Folder) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.talk(NAME).iterdir()}


def test_the_same_model_is_the_same_bytes_with_their_sums(folder: Folder) -> None:
    rendering.render(folder, NAME)
    before = contents(folder)
    assert sorted(before) == [
        *("SHA256SUMS", "chapters.json", "chapters.txt", "chapters.vtt", "index.html"),
        *("questions.csv", "transcript.txt"),
    ]
    subprocess.run(
        ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"],
        cwd=folder.talk(NAME),
        check=True,
    )
    rendering.render(folder, NAME)
    assert contents(folder) == before
    assert len(before["SHA256SUMS"].splitlines()) == len(before) - 1


def test_others_may_read_the_files_and_nothing_else_is_left(folder: Folder) -> None:
    rendering.render(folder, NAME)
    assert all(path.stat().st_mode & 0o444 == 0o444 for path in folder.talk(NAME).iterdir())
    assert [path.name for path in folder.public.iterdir()] == [NAME]


def test_files_of_an_earlier_time_go(folder: Folder) -> None:
    rendering.render(folder, NAME)
    (folder.talk(NAME) / "page-2.html").write_text("removed since then")
    rendering.render(folder, NAME)
    assert "page-2.html" not in contents(folder)


def test_without_a_contact_nothing_is_published_and_what_was_is_gone(folder: Folder) -> None:
    rendering.render(folder, NAME)
    privacy = Privacy(contact=" ", chat="published")
    model_file.write(folder.model(NAME), rich.rich(privacy=privacy), rich.LINES)
    rendering.render(folder, NAME)
    assert list(folder.public.iterdir()) == []


def test_pages_that_cannot_be_removed_are_told(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else everybody goes on reading them, and nobody knows."""
    rendering.render(folder, NAME)
    privacy = Privacy(contact="", chat="published")
    model_file.write(folder.model(NAME), rich.rich(privacy=privacy), rich.LINES)
    with kept_files(monkeypatch):
        with pytest.raises(PermissionError) as caught:
            rendering.render(folder, NAME)
        assert caught.value.filename == str(folder.talk(NAME))
        with pytest.raises(PermissionError):
            folder.remove(NAME)
        assert folder.names() == [NAME]
    folder.remove(NAME)
    assert (folder.names(), list(folder.published())) == ([], [])
    folder.remove(NAME)


def test_a_chat_that_is_not_published_is_in_no_file(folder: Folder) -> None:
    privacy = Privacy(contact="privacy@example.org", chat="kept")
    model_file.write(folder.model(NAME), rich.rich(privacy=privacy), rich.LINES)
    rendering.render(folder, NAME)
    assert not any(b"second row" in content for content in contents(folder).values())


def test_a_model_that_breaks_off_leaves_what_was_there(folder: Folder) -> None:
    rendering.render(folder, NAME)
    before = contents(folder)
    model = folder.model(NAME)
    lines = model.read_text().replace("second row", "third row").splitlines(keepends=True)
    model.write_text("".join(lines[:-1]))
    with pytest.raises(BadModel):
        rendering.render(folder, NAME)
    assert contents(folder) == before
    assert [path.name for path in folder.public.iterdir()] == [NAME]


def test_a_folder_that_a_crash_left_is_no_transcript_and_is_swept(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder.public / ".tmp-x").mkdir()
    (folder.public / ".tmp-x" / "index.html").write_text("half")
    assert list(folder.published()) == []
    with kept_files(monkeypatch), pytest.raises(PermissionError):
        sweep(folder.root)
    sweep(folder.root)
    assert list(folder.public.iterdir()) == []


def test_lines_are_let_go_once_they_are_written(tmp_path: Path) -> None:
    alive: WeakSet[Line] = WeakSet()
    most = 0

    def lines() -> Iterator[Line]:
        nonlocal most
        for number in range(300):
            line = message(f"m{number}", "x")
            alive.add(line)
            most = max(most, len(alive))
            yield line

    html.write(tmp_path, rich.rich(), lines(), length=100)
    assert most < 10
