"""`fosdembot transcript render`: from models to pages, without a homeserver or a database."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from fosdembot.cli import main
from fosdembot.transcripts import model_file
from fosdembot.transcripts.model import Privacy
from tests.transcripts.samples import SAMPLE_LINES, talk, transcript


@pytest.fixture
def models(tmp_path: Path) -> list[Path]:
    paths = []
    for guid in ("big", "tiny"):
        path = tmp_path / f"{guid}.json"
        model_file.write(path, transcript(talk=talk(guid)), SAMPLE_LINES)
        paths.append(path)
    return paths


def run(*args: str | Path) -> tuple[int, list[str]]:
    """Its status, and what it says."""
    result = CliRunner().invoke(main, ["transcript", "render", *map(str, args)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return result.exit_code, result.output.splitlines()


def test_each_model_becomes_a_folder(models: list[Path], tmp_path: Path) -> None:
    assert run(*models, "--to", tmp_path / "new" / "out") == (0, [])
    for name in ("big", "tiny"):
        files = {path.name for path in (tmp_path / "new" / "out" / name).iterdir()}
        assert {"index.html", "transcript.txt", "questions.csv", "SHA256SUMS"} <= files


def test_what_is_bad_has_a_line_and_the_rest_goes_on(models: list[Path], tmp_path: Path) -> None:
    newer, secret = tmp_path / "newer.json", tmp_path / "secret.json"
    newer.write_text('{"version": 2}')
    model_file.write(
        secret, transcript(talk=talk("s"), privacy=Privacy(contact="", chat="none")), ()
    )
    gone = tmp_path / "gone.json"
    status, said = run(newer, secret, gone, *models, "--to", tmp_path / "out")
    assert status == 1
    assert said == [
        (
            "left out: newer.json was made by a newer fosdembot (model 2, known is 1):"
            " update fosdembot"
        ),
        "left out: secret.json says not whom to write to: set privacy.contact, and make it anew",
        f"left out: {gone} cannot be read: No such file or directory",
    ]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["big", "tiny"]


def test_a_folder_that_cannot_be_written(models: list[Path], tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "tiny").write_text("in the way")
    status, said = run(*models, "--to", tmp_path / "out")
    assert status == 1
    assert len(said) == 1
    assert said[0].startswith("left out: tiny.json: ")
    assert "cannot be written" in said[0]
    assert (tmp_path / "out" / "big" / "index.html").exists()
    assert (tmp_path / "out" / "tiny").read_text() == "in the way"
