"""What is wrong with a folder of transcripts is named, a line each, with what helps."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from fosdembot.cli import main
from fosdembot.transcripts import index, model_file
from fosdembot.transcripts.folder import Folder
from fosdembot.transcripts.model import Privacy
from fosdembot.transcripts.verify import verify

from .folders import folder_of
from .samples import SAMPLE_LINES, SAMPLE_QUESTIONS, talk, transcript

PAGE = (
    '<h1 id="question-12">12</h1><p id="question-14"></p><p id="question-15"></p>'
    '<a href="#question-12">x</a> <a href="questions.csv">x</a> <a href="../index.html#talks">x</a>'
    '<a href="https://example.org/#nowhere">x</a> <a href="mailto:x@example.org">x</a>'
)


def sums(place: Path) -> None:
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
        for path in sorted(place.iterdir())
        if path.name != "SHA256SUMS"
    ]
    (place / "SHA256SUMS").write_text("".join(lines))


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Two talks that are published, and one that is not."""
    private = transcript(talk=talk("private"), privacy=Privacy(contact="", chat="kept"))
    made = folder_of(
        tmp_path,
        *(transcript(SAMPLE_QUESTIONS, talk=talk(name)) for name in ("a", "b")),
        private,
        chat=SAMPLE_LINES,
    )
    for name in ("a", "b"):
        (made.talk(name) / "index.html").write_text(PAGE)
        (made.talk(name) / "questions.csv").write_text("number")
        sums(made.talk(name))
    index.write(made)
    return made


def found(folder: Folder) -> list[str]:
    findings = [str(finding) for finding in verify(folder)]
    assert not [finding for finding in findings if "\n" in finding]
    return findings


def test_all_is_well(folder: Folder) -> None:
    assert found(folder) == []


def test_a_folder_without_transcripts_is_well(tmp_path: Path) -> None:
    empty = Folder(tmp_path)
    empty.make()
    assert found(empty) == []


def changed(folder: Folder) -> None:
    (folder.talk("a") / "questions.csv").write_text("x")


def missing(folder: Folder) -> None:
    (folder.talk("b") / "questions.csv").unlink()
    (folder.talk("b") / "index.html").write_text(PAGE.replace("questions.csv", "index.html"))
    path = folder.talk("b") / "SHA256SUMS"
    old = path.read_text()
    sums(folder.talk("b"))
    path.write_text(path.read_text() + old.splitlines(keepends=True)[1])


def unlisted(folder: Folder) -> None:
    (folder.talk("a") / "page-2.html").write_text("x")


def no_sums(folder: Folder) -> None:
    (folder.talk("a") / "SHA256SUMS").unlink()


def bad_sums(folder: Folder) -> None:
    path = folder.talk("a") / "SHA256SUMS"
    path.write_text(path.read_text() + "0000  ../../models/a.json\n")


def linked(link: str) -> Callable[[Folder], None]:
    def damage(folder: Folder) -> None:
        (folder.talk("a") / "index.html").write_text(f'{PAGE}<a href="{link}">x</a>')
        sums(folder.talk("a"))

    return damage


def no_model(folder: Folder) -> None:
    folder.model("a").unlink()


def unpublished(folder: Folder) -> None:
    path = folder.model("a")
    hidden = model_file.read(path).model_copy(
        update={"privacy": Privacy(contact=" ", chat="published")}
    )
    model_file.write(path, hidden, ())


def no_page(folder: Folder) -> None:
    (folder.talk("a") / "index.html").unlink()


def newer_model(folder: Folder) -> None:
    folder.model("a").write_text('{"version":2}')


def cut_off(folder: Folder) -> None:
    path = folder.model("a")
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))


def other_name(folder: Folder) -> None:
    folder.model("private").rename(folder.model("other"))


def left_over(folder: Folder) -> None:
    (folder.models / ".tmp-x").touch()


def readable(folder: Folder) -> None:
    folder.models.chmod(0o755)


def damaged_list(folder: Folder) -> None:
    (folder.models / "forgotten").write_text("x")


def no_index(folder: Folder) -> None:
    (folder.public / "index.html").unlink()


def bad_index(folder: Folder) -> None:
    (folder.public / "search.json").write_text('{"talks": 5}')


def old_index(folder: Folder) -> None:
    path = folder.public / "search.json"
    kept = json.loads(path.read_text())
    kept["talks"][1]["name"] = "c"
    kept["questions"][0]["link"] = "a/index.html#question-99"
    path.write_text(json.dumps(kept))


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (changed, ["public/a/questions.csv: it is not as it was written; make its pages anew"]),
        (missing, ["public/b/questions.csv: SHA256SUMS lists it, and it is missing"]),
        (unlisted, ["public/a/page-2.html: SHA256SUMS does not list it; remove it"]),
        (no_sums, ["public/a/SHA256SUMS: it is missing"]),
        (bad_sums, ["public/a/SHA256SUMS: it is no list of sums"]),
        (linked("gone.html"), ["public/a/index.html: gone.html leads nowhere"]),
        (linked("#question-99"), ["public/a/index.html: #question-99 leads nowhere"]),
        (linked("../b/#x"), ["public/a/index.html: ../b/#x leads nowhere"]),
        (linked("../../models/a.json"), ["../../models/a.json leads out of what everybody"]),
        (linked("%2e%2e/%2e%2e/models/a.json"), ["leads out of what everybody may read"]),
        (linked("http://[x"), ["public/a/index.html: http://[x leads nowhere"]),
        (no_model, [
            "public/a: everybody can read it, and there is no transcript of it; remove it",
            "public/index.html: a is listed and is not there; make it anew: fosdembot transcript",
            "public/search.json: a is listed and is not there",
        ]),
        (unpublished, [
            "public/a: everybody can read it, and its transcript is not to be published; remove",
            "public/index.html: a is listed",
            "public/search.json: a is listed",
        ]),
        (no_page, [
            "public/a: its transcript is to be published, and there is no page",
            "public/index.html: a/index.html leads nowhere",
            "public/index.html: a is listed",
            "public/search.json: a is listed",
            *["public/search.json: a/index.html#question-1"] * 3,
        ]),
        (newer_model, ["models/a.json: a.json was made by a newer fosdembot (model 2"]),
        (cut_off, ["models/a.json: a.json ends in the middle: make it anew"]),
        (other_name, ["models/other.json: it is of another talk, whose file is called private"]),
        (left_over, ["models/.tmp-x: it was left by a crash"]),
        (readable, ["models: others can read it; run: chmod 700 "]),
        (damaged_list, ["models/forgotten: "]),
        (no_index, [
            "public/a/index.html: ../index.html#talks leads nowhere",
            "public/b/index.html: ../index.html#talks leads nowhere",
            "public/index.html: it is missing; make it anew: fosdembot transcript index",
        ]),
        (bad_index, ["public/search.json: it is not as we write it"]),
        (old_index, [
            "public/search.json: b is not listed",
            "public/search.json: c is listed and is not there",
            "public/search.json: a/index.html#question-99 leads nowhere",
        ]),
    ],
)  # fmt: skip
def test_what_is_wrong(folder: Folder, damage: Callable[[Folder], None], said: list[str]) -> None:
    damage(folder)
    findings = found(folder)
    assert len(findings) == len(said), findings
    for finding, expected in zip(findings, said, strict=True):
        assert expected in finding


def run(folder: Folder) -> Any:
    return CliRunner().invoke(main, ["transcript", "verify", str(folder.root)])


def test_on_the_command_line(folder: Folder) -> None:
    result = run(folder)
    assert (result.exit_code, result.output) == (0, "3 transcripts, and all is well\n")
    readable(folder)
    changed(folder)
    result = run(folder)
    assert result.exit_code == 1
    assert result.stdout.count("\n") == 2
