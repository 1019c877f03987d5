"""Where somebody stands who is not to be named is found, however it is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fosdembot.transcripts import model_file
from fosdembot.transcripts.folder import Folder
from fosdembot.transcripts.left_out import naming
from fosdembot.transcripts.model import Merged, Quote

from .samples import answer, message, question, transcript

EVE = "@eve:example.org"
HREF = '<a href="{}">Eve</a>'


def found(tmp_path: Path, *lines: Any, **more: Any) -> bool:
    folder = Folder(tmp_path)
    folder.make()
    model_file.write(folder.model("here"), transcript(more.get("questions", ())), lines)
    model_file.write(folder.model("elsewhere"), transcript([question(1)]), [message("a", "Hi")])
    names = naming(folder, ["elsewhere", "here", "gone"], {EVE, "@max:example.org"}, False)
    assert set(names) <= {"here"}
    return names == ["here"]


@pytest.mark.parametrize(
    "line",
    [
        message("b", "Hello", by=EVE),
        message("b", "Ask @eve:example.org."),
        message("b", 'Is "@eve:example.org" here?'),
        message("b", "(@eve:example.org)"),
        message("b", "Hi", html=HREF.format("https://matrix.to/#/@eve:example.org")),
        message(
            "b", "Hi", html=HREF.format("https://matrix.to/#/@eve:example.org?via=example.org")
        ),
        message("b", "Hi", html=HREF.format("https://matrix.to/#/%40eve%3Aexample.org")),
        message("b", "Hi", html=HREF.format("https://matrix.to/#/%40eve:example.org/x")),
        message("b", "Hi", reply_to=Quote(id="$x", name="Eve", text="Hello", by=EVE)),
    ],
)
def test_in_the_chat(tmp_path: Path, line: Any) -> None:
    assert found(tmp_path, line)


@pytest.mark.parametrize(
    "asked",
    [
        question(2, by=EVE),
        question(2, answers=(answer("Yes", by=EVE),)),
        question(2, merged=(Merged(number=3, text="Why?", by=EVE),)),
    ],
)
def test_in_questions_and_answers(tmp_path: Path, asked: Any) -> None:
    assert found(tmp_path, questions=[asked])


@pytest.mark.parametrize(
    "text",
    ["Hello", "eve@example.org", "@eve", "@eve:example.org.uk", "@neve:example.org", "%40" * 100],
)
def test_others_are_others(tmp_path: Path, text: str) -> None:
    assert not found(tmp_path, message("b", text, by="@steve:example.org"))
