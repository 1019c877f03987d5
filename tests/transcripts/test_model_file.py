"""The stored model is read as it was written, bounded, and never half of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fosdembot.transcripts import model_file
from fosdembot.transcripts.model import Gap
from fosdembot.transcripts.model_file import BadModel

from .samples import SAMPLE_LINES, SAMPLE_QUESTIONS, at, transcript

LINES = (*SAMPLE_LINES, Gap(after=at(3), why="a part cannot be read"))


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.json"
    model_file.write(path, transcript(SAMPLE_QUESTIONS), LINES)
    return path


def test_what_was_written_is_read(stored: Path) -> None:
    assert model_file.read(stored) == transcript(SAMPLE_QUESTIONS)
    assert tuple(model_file.lines(stored)) == LINES


def test_it_is_json_and_the_same_bytes_each_time(stored: Path) -> None:
    before = stored.read_bytes()
    document = json.loads(before)
    assert [line["kind"] for line in document["chat"]] == ["message", "message", "gap"]
    model_file.write(stored, model_file.read(stored), list(model_file.lines(stored)))
    assert stored.read_bytes() == before


def test_a_document_that_another_program_laid_out_is_read(stored: Path) -> None:
    stored.write_text(json.dumps(json.loads(stored.read_text()), indent=2))
    assert model_file.read(stored) == transcript(SAMPLE_QUESTIONS)
    assert tuple(model_file.lines(stored)) == LINES


def test_without_chat(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    model_file.write(path, transcript(), ())
    assert list(model_file.lines(path)) == []
    assert json.loads(path.read_text())["chat"] == []


def test_a_crash_while_writing_leaves_the_old_one(stored: Path) -> None:
    before = stored.read_bytes()

    def breaks_off() -> object:
        yield SAMPLE_LINES[0]
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        model_file.write(stored, transcript(), breaks_off())  # type: ignore[arg-type]
    assert stored.read_bytes() == before
    assert [path.name for path in stored.parent.iterdir()] == ["tiny.json"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is not JSON"),
        ("[]", "no transcript"),
        ("{}", "conference: Field required"),
        ('{"version": 2}', "made by a newer fosdembot (model 2, known is 1): update fosdembot"),
        ("[" * 100_000, "is not JSON"),
        ('{"version": 1, "chat": 5}', "no transcript"),
    ],
)
def test_what_is_no_transcript_is_said_in_one_line(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(content)
    with pytest.raises(BadModel) as err:
        model_file.read(path)
    assert said in str(err.value)
    assert "x.json" in str(err.value)
    assert "\n" not in str(err.value)


def test_a_file_that_ends_in_the_middle(stored: Path) -> None:
    lines = stored.read_text().splitlines(keepends=True)
    stored.write_text("".join(lines[:-1]))
    with pytest.raises(BadModel, match="ends in the middle"):
        list(model_file.lines(stored))


def test_a_message_that_is_none(stored: Path) -> None:
    lines = stored.read_text().splitlines(keepends=True)
    lines[2] = '{"kind":"message"},\n'
    stored.write_text("".join(lines))
    with pytest.raises(BadModel, match=r"tiny\.json, line 3: .*Field required"):
        list(model_file.lines(stored))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadModel, match="cannot be read: No such file"):
        model_file.read(tmp_path / "x.json")
