"""Organisers and speakers read how many took part and what became of the questions."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

import html5lib
from click.testing import CliRunner

from fosdembot.cli import main
from fosdembot.transcripts import report
from fosdembot.transcripts.charts import bar
from fosdembot.transcripts.csv_cells import cell
from fosdembot.transcripts.figures import by_track, drew_most, of_talk
from fosdembot.transcripts.model import People, Privacy, Transcript

from .folders import folder_of
from .samples import answer, at, question, talk, transcript

QUESTIONS = (
    question(1, asked_at=at(1), taken_at=at(21), state="answered", votes=5),
    question(2, asked_at=at(18), taken_at=at(25), state="answered", votes=2,
             answers=(answer("So"),)),
    question(3, asked_at=at(-2), taken_at=at(24), state="answering", votes=0),
    question(4, state="answered", votes=1, answers=(answer("Later"),)),
    question(5, state="starred", votes=0),
    question(6, "No?", votes=0),
)  # fmt: skip


def held(guid: str, wrote: int = 0, asked: int = 0, voted: int = 0, **more: Any) -> Transcript:
    return transcript(
        more.pop("questions", ()),
        talk=talk(guid, title=guid.title(), **more),
        people=People(wrote=wrote, asked=asked, voted=voted),
        messages=10,
    )


def test_what_became_of_the_questions() -> None:
    counts = of_talk("x", held("x", questions=QUESTIONS)).counts.asked
    assert (counts.questions, counts.answered) == (6, 4)
    assert (counts.in_room, counts.in_writing) == (3, 2), "one both ways"
    assert counts.votes == 8
    assert counts.wait == 20, "of 7, 20 and 26 minutes"
    assert of_talk("x", held("x")).counts.asked.wait is None


def test_tracks_are_sums_and_the_one_that_drew_most_is_first() -> None:
    talks = [
        of_talk("a", held("a", wrote=5, voted=9, questions=QUESTIONS)),
        of_talk("b", held("b", wrote=5, track="Zoo")),
        of_talk("c", held("c", asked=2, questions=QUESTIONS[:1])),
    ]
    tracks = by_track(talks)
    assert [(track.track, track.talks, track.counts.took_part) for track in tracks] == [
        ("Kernel", 2, 11),
        ("Zoo", 1, 5),
    ]
    assert tracks[0].counts.people == People(wrote=5, asked=2, voted=9)
    assert tracks[0].counts.asked.wait == 20, "of 7, 20, 20 and 26"
    assert [figures.name for figures in drew_most(talks)] == ["a", "b", "c"]


def test_a_bar_is_as_long_as_its_number() -> None:
    assert 'width="25"' in bar(5, 20)
    assert 'width="100"' in bar(30, 20)
    assert 'width="0"' in bar(0, 0)


def test_no_spreadsheet_computes_what_somebody_wrote() -> None:
    for text in ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "＝1", "\n=1", "\x00=1"):
        made = cell(text)
        assert isinstance(made, str)
        assert made.startswith("'"), text
    assert cell("1 = 1") == "1 = 1"
    assert cell(-1) == -1
    assert cell("") == ""


def rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_tables_for_spreadsheets(tmp_path: Path) -> None:
    first = held("a", wrote=5, asked=3, voted=9, questions=QUESTIONS, track="=cmd()")
    folder = folder_of(tmp_path / "in", first, held("b"))
    assert report.write(folder, tmp_path / "out") == []
    talks = rows(tmp_path / "out/talks.csv")
    assert dict(zip(*talks[:2], strict=True)) == {
        "Talk": "A", "Track": "'=cmd()", "Room": "K.1.105", "Start": "2026-02-01T10:00+01:00",
        "Took part": "9", "Wrote": "5", "Asked": "3", "Voted": "9", "Messages": "10",
        "Questions": "6", "Answered": "4", "Answered in the room": "3",
        "Answered in writing": "2", "Votes": "8", "Median wait in minutes": "20.0",
    }  # fmt: skip
    assert talks[2][-1] == ""
    assert [row[:3] for row in rows(tmp_path / "out/tracks.csv")[1:]] == [
        ["'=cmd()", "1", "9"],
        ["Kernel", "1", "0"],
    ]


def test_pages_are_strict_html_without_script_and_the_same_each_time(tmp_path: Path) -> None:
    hostile = "</style><script>alert(1)</script>\"'&\x00\x0c\u202e"
    folder = folder_of(
        tmp_path / "in",
        held("a", wrote=5, questions=QUESTIONS, persons=(hostile,)),
        held("index", voted=2, track=hostile, place=hostile, questions=[question(9, hostile)]),
        held("unpublished").model_copy(update={"privacy": Privacy(contact="", chat="kept")}),
        transcript(talk=talk("empty", title=hostile), conference=hostile, zone="No/Where"),
    )
    report.write(folder, tmp_path / "one")
    report.write(folder, tmp_path / "two")
    pages = sorted((tmp_path / "one").glob("*.html"))
    assert [path.name for path in pages] == [
        "a.html", "empty.html", "index.html", "talk-index.html", "unpublished.html",
    ]  # fmt: skip
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()
    for path in pages:
        text = path.read_text()
        html5lib.HTMLParser(strict=True).parse(text)
        assert "<script" not in text
        assert "script-src" not in text
        assert "default-src &#39;none&#39;" in text
        assert ' style="' not in text
        assert "noindex" in text
    for link in re.findall(r'href="([^"]*)"', (tmp_path / "one/index.html").read_text()):
        assert (tmp_path / "one" / link).is_file()
    assert "counted by talk" in (tmp_path / "one/index.html").read_text()


def test_the_speaker_reads_what_was_asked_when_and_of_nobody_who_asked(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "in", held("a", questions=QUESTIONS))
    report.write(folder, tmp_path / "out")
    text = (tmp_path / "out/a.html").read_text()
    for said in ("How small is kernel 1?", "in the room and in writing", "not answered", "26.0"):
        assert said in text
    steps = re.findall(r'<th scope="row">(.*?)</th><td class="n">(\d+)</td>', text)
    assert dict(steps) == {
        "before the talk": "1", "minutes 1 to 5": "1", "minutes 6 to 10": "3",
        "minutes 11 to 15": "0", "minutes 16 to 20": "1", "minutes 21 to 25": "0",
        "minutes 26 to 30": "0", "after the talk": "0",
    }  # fmt: skip
    for path in (tmp_path / "out").iterdir():
        assert "Lena" not in path.read_text()
        assert "@" not in path.read_text().replace("@media", "")


def run(*arguments: object) -> Any:
    return CliRunner().invoke(main, ["transcript", "report", *map(str, arguments)])


def test_on_the_command_line(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "in", held("a"))
    folder.model("broken").write_text("{")
    result = run(folder.root, "--to", tmp_path / "out")
    assert result.exit_code == 0
    assert result.stdout == f"{tmp_path}/out/index.html\n"
    assert result.stderr == "left out: broken.json is no transcript: it is not JSON\n"


def test_it_is_not_put_where_everybody_reads_it(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, held("a"))
    result = run(folder.root, "--to", folder.public / "report")
    assert result.exit_code == 1
    assert "choose a folder outside" in result.stderr
    assert not (folder.public / "report").exists()


def test_a_target_that_cannot_be_written(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "in", held("a"))
    (tmp_path / "file").touch()
    result = run(folder.root, "--to", tmp_path / "file/out")
    assert result.exit_code == 1
    assert f"{tmp_path}/file/out cannot be written: Not a directory" in result.stderr
