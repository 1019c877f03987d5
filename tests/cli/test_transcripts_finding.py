"""What `doctor` says of transcripts."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from fosdembot.cli.checks.findings import Finding
from fosdembot.cli.checks.transcripts import transcripts_finding
from tests.talks.programme import settings

URL = "https://talks.example.org"
CONTACT = {"contact": "privacy@example.org"}


def found(folder: Path | str, privacy: dict[str, Any] = CONTACT, url: str = URL) -> Finding:
    rules = {"folder": str(folder), "public_url": url}
    finding = transcripts_finding(settings(transcripts=rules, privacy=privacy))
    assert finding is not None
    return finding


def test_who_wants_none_hears_nothing() -> None:
    assert transcripts_finding(settings()) is None


def test_all_is_well(tmp_path: Path) -> None:
    finding = found(tmp_path / "not yet" / "there")
    assert (finding.well, finding.todo) == (True, ())
    assert URL in finding.text


def test_nobody_is_told_without_an_address(tmp_path: Path) -> None:
    finding = found(tmp_path, url="")
    assert finding.well is None
    assert "transcripts.public_url" in finding.text


def test_an_address_without_a_folder() -> None:
    finding = found("")
    assert finding.well is False
    assert "transcripts.folder" in finding.todo[0]


def test_nobody_to_write_to(tmp_path: Path) -> None:
    for contact in ({}, {"contact": " "}):
        finding = found(tmp_path, contact)
        assert finding.well is False
        assert "privacy.contact" in finding.todo[0]


def test_a_file_is_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        finding = found(folder)
        assert finding.well is False
        assert f"{tmp_path / 'file'} is no folder" in finding.todo[0]
    (tmp_path / "models").write_text("")
    assert found(tmp_path).well is False


def test_what_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Root, as whom tests may run, may write everywhere.
    monkeypatch.setattr(os, "access", lambda path, _mode: Path(path) != tmp_path)
    finding = found(tmp_path / "below")
    assert finding.well is False
    assert "is not yours to write in" in finding.todo[0]


def test_others_may_not_read_the_models(tmp_path: Path) -> None:
    models = tmp_path / "models"
    models.mkdir(mode=0o700)
    assert found(tmp_path).well is True
    models.chmod(0o755)
    finding = found(tmp_path)
    assert finding.well is False
    assert f"chmod 700 {models}" in finding.todo[0]


def test_a_folder_is_named_in_full() -> None:
    finding = found("transcripts")
    assert finding.well is False
    assert "write it in full" in finding.todo[0]
