"""One page lists all published transcripts and searches them, from a plain folder."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import html5lib
import pytest
from click.testing import CliRunner

from fosdembot.cli import main
from fosdembot.transcripts import index
from fosdembot.transcripts.folder import Folder
from fosdembot.transcripts.model import Merged, Privacy, Span, Spoken, Transcript

from .folders import folder_of
from .samples import SAMPLE_QUESTIONS, answer, at, question, talk, transcript

HOSTILE = "</script><script>alert(1)</script><!--\"'&\x00\x0c\u2028\u202e{{ 7 * 7 }}@room"


def on(guid: str, day: int = 0, **more: Any) -> Transcript:
    begin = at(0) + timedelta(days=day)
    span = Span(start=begin, end=begin + timedelta(minutes=30))
    given = {"title": guid.title(), "planned": span, "actual": span} | more
    return transcript(SAMPLE_QUESTIONS, talk=talk(guid, **given))


def page(folder: Folder) -> str:
    return (folder.public / "index.html").read_text()


def searched(folder: Folder) -> Any:
    found = re.search(
        r'<script type="application/json" id="data">(.*?)</script>', page(folder), re.DOTALL
    )
    assert found is not None
    return json.loads(found[1])


def written(root: Path, *transcripts: Transcript) -> Folder:
    folder = folder_of(root, *transcripts)
    assert index.write(folder).problems == []
    return folder


def test_talks_stand_by_day_track_room_and_time(tmp_path: Path) -> None:
    later = Span(start=at(60), end=at(90))
    folder = written(
        tmp_path,
        on("sunday", 1),
        on("other-track", track="Zoo"),
        on("later", actual=later),
        on("other-room", place="A.1"),
        on("first"),
        on("nowhere", track="", place=""),
    )
    text = re.sub(r"<style>.*?</style>|<nav.*?</nav>", "", page(folder), flags=re.DOTALL)
    order = re.findall(r"<h[23][^>]*>(.*?)</h|<a href=\"(.*?)/index.html\"", text)
    assert [heading or name for heading, name in order] == [
        "Sun 1 Feb 2026",
        "Kernel, A.1", "other-room",
        "Kernel, K.1.105", "first", "later",
        "Zoo, K.1.105", "other-track",
        "Other talks", "nowhere",
        "Mon 2 Feb 2026",
        "Kernel, K.1.105", "sunday",
    ]  # fmt: skip
    assert "3 questions, 2 answered" in text
    assert "10:00" in text, "in the conference's zone"


def test_only_what_is_published_and_there_is_listed(tmp_path: Path) -> None:
    private = on("private").model_copy(update={"privacy": Privacy(contact="", chat="kept")})
    folder = folder_of(tmp_path, on("public"), private, on("not-rendered"))
    (folder.talk("not-rendered") / "index.html").unlink()
    assert index.write(folder).listed == 1
    found = json.loads((folder.public / "search.json").read_text())
    assert [each["name"] for each in found["talks"]] == ["public"]
    for name in ("private", "not-rendered"):
        assert name not in page(folder)
        assert name not in (folder.public / "search.json").read_text()


def test_questions_and_answers_are_searched_and_no_names(tmp_path: Path) -> None:
    asked = question(
        5,
        "How small?",
        answers=(answer("4 KiB"),),
        merged=(Merged(number=6, text="How tiny?", asker="Mallory", by="@mallory:example.org"),),
        spoken=Spoken(second=3, score=90, quote="about four"),
    )
    unanswered = question(7, "Why?", spoken=Spoken(second=9, score=90, quote="because"))
    folder = written(tmp_path, transcript([asked, unanswered], talk=talk("tiny")))
    assert searched(folder)["questions"] == [
        [0, 5, "How small?", "How tiny?", "4 KiB"],  # what was written corrects what was heard
        [0, 7, "Why?", "because"],
    ]
    found = json.loads((folder.public / "search.json").read_text())
    assert found["questions"][0]["link"] == "tiny/index.html#question-5"
    assert found["questions"][0]["answers"] == ["4 KiB"]
    assert found["questions"][0]["answered"]
    for name in ("Lena", "lena", "Ada", "Mallory", "mallory"):
        assert name not in json.dumps(searched(folder)) + json.dumps(found)


def test_it_is_the_same_bytes_each_time(tmp_path: Path) -> None:
    folder = written(tmp_path, on("a"), on("b"))
    before = [(folder.public / name).read_bytes() for name in ("index.html", "search.json")]
    index.write(folder)
    assert before == [(folder.public / name).read_bytes() for name in ("index.html", "search.json")]


def test_hostile_words_stay_words(tmp_path: Path) -> None:
    hostile = transcript(
        [question(1, HOSTILE, answers=(answer(HOSTILE),))],
        conference=HOSTILE,
        talk=talk("x", title=HOSTILE, track=HOSTILE, place=HOSTILE),
        privacy=Privacy(contact=HOSTILE, chat="kept"),
        zone="../../etc/passwd",
    )
    folder = written(tmp_path, hostile)
    text = page(folder)
    assert text.count("</script>") == 2, "those of the page"
    assert "<script>alert" not in text
    assert "49" not in re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL).split("<script")[0]
    html5lib.HTMLParser(strict=True).parse(text)
    assert searched(folder)["questions"][0][2].startswith("</script><script>alert(1)")


def test_it_is_strict_html_also_where_there_is_nothing(tmp_path: Path) -> None:
    html5lib.HTMLParser(strict=True).parse(page(written(tmp_path / "a", on("a"), on("b", 1))))
    nothing = written(tmp_path / "b")
    html5lib.HTMLParser(strict=True).parse(page(nothing))
    assert "There is no transcript yet" in page(nothing)


def test_the_policy_lets_in_what_is_in_the_page_and_nothing_else(tmp_path: Path) -> None:
    text = page(written(tmp_path, on("a")))
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy is not None
    said = policy[1].replace("&#39;", "'")
    assert "default-src 'none'" in said
    assert "unsafe" not in said
    for kind, tag in (("style", "style"), ("script", "script")):
        body = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        assert len(body) == 1
        digest = base64.b64encode(hashlib.sha256(body[0].encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in said
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", text)


@pytest.mark.parametrize("indexed", [True, False])
def test_search_engines_stay_out_unless_all_may_be_listed(tmp_path: Path, indexed: bool) -> None:
    privacy = Privacy(contact="x@example.org", chat="kept", indexed=True)
    other = privacy.model_copy(update={"indexed": indexed})
    folder = written(
        tmp_path,
        on("a").model_copy(update={"privacy": privacy}),
        on("b").model_copy(update={"privacy": other}),
    )
    assert ('name="robots" content="noindex"' in page(folder)) is not indexed


def run(*arguments: str) -> Any:
    return CliRunner().invoke(main, ["transcript", *arguments])


def test_on_the_command_line_a_model_that_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, on("a"))
    folder.model("newer").write_text('{"version": 2}')
    result = run("index", str(tmp_path))
    assert result.exit_code == 0
    assert result.stdout == f"{tmp_path}/public/index.html: 1 talk\n"
    assert result.stderr == (
        "left out: newer.json was made by a newer fosdembot (model 2, known is 1): "
        "update fosdembot\n"
    )


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    result = run("index", str(tmp_path))
    assert result.exit_code == 1
    assert "is no folder of transcripts: name the one of the setting" in result.stderr


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, on("a"))
    (folder.public / "search.json").mkdir()
    result = run("index", str(tmp_path))
    assert result.exit_code == 1
    assert "cannot be written: " in result.stderr
    assert result.stderr.count("\n") == 1
