"""What is stored fits the schema that is published, and what does not fit is refused by it too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from fosdembot.transcripts import model_file
from fosdembot.transcripts.schema import schema

from .rich import LINES, rich

CHECK = Draft202012Validator(json.loads(schema()))


@pytest.fixture
def stored(tmp_path: Path) -> Any:
    path = tmp_path / "x.json"
    model_file.write(path, rich(), LINES)
    return json.loads(path.read_text())


def test_what_is_stored_fits(stored: Any) -> None:
    Draft202012Validator.check_schema(json.loads(schema()))
    assert list(CHECK.iter_errors(stored)) == []


@pytest.mark.parametrize(
    ("key", "value"), [("version", 2), ("chat", [{"kind": "message"}]), ("unknown", 1)]
)
def test_what_is_none_does_not(stored: Any, key: str, value: Any) -> None:
    assert list(CHECK.iter_errors(stored | {key: value}))
