"""`fosdembot transcript enrich`: one command for all recordings that are out."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from fosdembot.cli import main
from fosdembot.transcripts import model_file
from fosdembot.transcripts.folder import Folder
from fosdembot.transcripts.model import Link, Links, Transcript

from .folders import folder_of
from .samples import SAMPLE_LINES, START, question, talk, transcript

VTT = "WEBVTT\n\n01:50.000 --> 01:55.000\nHow small is kernel seven, please? Tinier than ever.\n"

SUBRIP = "no WebVTT, they are SubRip (.srt): give the .vtt file"


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        text = {"/a.vtt": VTT, "/srt.vtt": "1\n00:00:01,000 --> 00:00:02,000\nHi\n"}.get(self.path)
        self.send_response(404 if text is None else 200)
        self.end_headers()
        self.wfile.write((text or "").encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        serving = threading.Thread(target=server.serve_forever, daemon=True)
        serving.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        serving.join()


def of_talk(name: str, url: str = "") -> Transcript:
    asked = question(7, "How small is kernel seven?", taken_at=START + timedelta(seconds=100))
    links = Links(
        recordings=(Link(label="Recording", url="https://video.example.org/a.webm"),),
        subtitles=(Link(label="Subtitles", url=url),) if url else (),
    )
    return transcript([asked], talk=talk(name), links=links)


def enrich(folder: Folder, *more: str) -> Result:
    return CliRunner().invoke(main, ["transcript", "enrich", str(folder.root), *more])


def quotes(folder: Folder) -> list[str]:
    """The names of those whose page quotes the answer."""
    pages = ((name, folder.talk(name) / "index.html") for name in folder.names())
    return [name for name, page in pages if "Tinier than ever." in page.read_text()]


def test_what_is_linked_is_found_and_shown(site: str, tmp_path: Path) -> None:
    folder = folder_of(
        tmp_path, of_talk("linked", f"{site}/a.vtt"), of_talk("without"), chat=SAMPLE_LINES
    )
    result = enrich(folder)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == "1 transcript: 1 of 1 question found\n"
    assert quotes(folder) == ["linked"]
    assert "Question 7" in (folder.talk("linked") / "chapters.txt").read_text()
    assert "Tinier" in (folder.public / "search.json").read_text()
    assert list(model_file.lines(folder.model("linked"))) == list(SAMPLE_LINES)
    once = folder.model("linked").read_bytes()
    enrich(folder)
    assert folder.model("linked").read_bytes() == once


def test_what_is_broken_is_told_in_a_line_and_the_rest_goes_on(site: str, tmp_path: Path) -> None:
    folder = folder_of(
        tmp_path,
        of_talk("a-gone", f"{site}/gone.vtt"),
        of_talk("b-srt", f"{site}/srt.vtt"),
        of_talk("d-good", f"{site}/a.vtt"),
    )
    folder.model("c-broken").write_text("{")
    result = enrich(folder)
    assert result.exit_code == 0
    # The index leaves the broken one out as well, and says so itself.
    assert result.stderr.splitlines() == [
        "left out: a-gone: 127.0.0.1 answers 404 Not Found",
        f"left out: b-srt: the subtitles at 127.0.0.1: {SUBRIP}",
        "left out: c-broken: c-broken.json is no transcript: it is not JSON",
    ]
    assert result.stdout == "1 transcript: 1 of 1 question found\n"
    assert "Tinier" in (folder.talk("d-good") / "index.html").read_text()


def test_subtitles_can_be_given_as_files(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "folder", of_talk("a"), of_talk("b"), of_talk("c"))
    good, bad = tmp_path / "good=.vtt", tmp_path / "bad.vtt"
    good.write_text(VTT)
    bad.write_text("no")
    result = enrich(folder, "--subtitles", f"b={good}", "--subtitles", f"c={bad}")
    assert result.exit_code == 0
    assert result.stderr == (
        f"left out: c: {bad}: no WebVTT, it does not begin with WEBVTT: give the .vtt file\n"
    )
    assert quotes(folder) == ["b"]
    missing = enrich(folder, "--subtitles", f"b={tmp_path / 'none.vtt'}")
    assert missing.stderr == (
        f"left out: b: {tmp_path / 'none.vtt'} cannot be read: No such file or directory\n"
    )


@pytest.mark.parametrize("given", ["b", "b=", "x=file", "../b=file"])
def test_what_is_given_wrongly_ends_it_with_one_line(given: str, tmp_path: Path) -> None:
    result = enrich(folder_of(tmp_path, of_talk("b")), "--subtitles", given)
    assert result.exit_code == 1
    assert "--subtitles" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_who_was_forgotten_does_not_come_back_as_what_was_read_aloud(tmp_path: Path) -> None:
    """In the quote of the answer before."""
    first = question(7, "How small is kernel seven?", taken_at=START + timedelta(seconds=100))
    asked = "Why did Mallory embezzle the foundation's travel money?"
    then = question(8, asked, event="$8", taken_at=START + timedelta(seconds=200))
    folder = folder_of(tmp_path / "out", transcript([first, then], talk=talk("one")))
    vtt = tmp_path / "a.vtt"
    vtt.write_text(f"{VTT}\n03:30.000 --> 03:35.000\nNext: {asked}\n")
    CliRunner().invoke(main, ["transcript", "forget", str(folder.root), "$8"])
    enrich(folder, "--subtitles", f"one={vtt}")
    [left] = model_file.read(folder.model("one")).questions
    assert left.spoken is not None
    assert left.spoken.quote == "Tinier than ever."
    files = [path for path in folder.root.rglob("*") if path.is_file()]
    assert [path for path in files if "embezzle" in path.read_text()] == []
