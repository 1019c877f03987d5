"""Who is forgotten is in no file of the folder any more, whatever was going on meanwhile."""

from __future__ import annotations

import os
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from click.testing import CliRunner

from fosdembot.cli import main
from fosdembot.transcripts import index, model_file, rendering
from fosdembot.transcripts.folder import Folder
from fosdembot.transcripts.forgetting import Hidden, Named, without
from fosdembot.transcripts.forgotten import Forgotten
from fosdembot.transcripts.model import Line, Merged, Message, Quote, Transcript
from fosdembot.transcripts.rewriting import forget, take_out
from fosdembot.transcripts.verify import verify

from .folders import folder_of
from .samples import answer, message, question, talk, transcript

MALLORY = "@mallory:example.org"


def bot(id_: str, text: str) -> Message:
    return message(id_, text, name="Host", by="@bot:example.org", is_bot=True)


PILL = '<a href="https://matrix.to/#/@mallory:example.org">Mallory</a>: no'
ASKED = transcript(
    [
        question(1, "Secret one?", asker="Mallory", by=MALLORY),
        question(
            2,
            answers=(answer("Secret two.", author="Mallory", by=MALLORY),),
            merged=(Merged(number=3, text="Secret three?", asker="Mallory", by=MALLORY),),
        ),
    ],
    talk=talk("asked"),
    messages=3,
)
TALKED = transcript([question(4)], talk=talk("talked"), messages=3)
OTHER = transcript([question(5)], talk=talk("other"), messages=1)
CHAT: tuple[Line, ...] = (
    message("m", "Secret four", name="Mallory", by=MALLORY),
    message("n", "Mallory: no", html=PILL),
    message("o", "Indeed", reply_to=Quote(id="$m", name="Mallory", by=MALLORY, text="Secret four")),
    bot("p", "1: Secret one?  Mallory"),
)


def rendered(folder: Folder) -> None:
    for name in folder.names():
        rendering.render(folder, name)
    index.write(folder)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Three talks; in the last one only the bot repeats what Mallory asked, and in the second one
    there is more."""
    made = folder_of(tmp_path, ASKED, TALKED, chat=CHAT)
    said = bot("r", "Before: Secret one?"), bot("s", "Mallory: it is answered.")
    folder_of(tmp_path, OTHER, chat=[message("q", "Hello"), *said])
    rendered(made)
    assert {"models/asked.json", "public/asked/index.html", "public/search.json"} <= set(
        with_(made, "secret")
    )
    return made


def with_(folder: Folder, *words: str) -> list[str]:
    """The files that have any of the words, whatever their case."""
    return [
        path.relative_to(folder.root).as_posix()
        for path in sorted(folder.root.rglob("*"))
        if path.is_file() and any(word in path.read_text().lower() for word in words)
    ]


def run(folder: Folder, *subjects: str) -> Any:
    return CliRunner().invoke(main, ["transcript", "forget", str(folder.root), *subjects])


def test_nothing_of_a_forgotten_person_is_anywhere(folder: Folder) -> None:
    crashed = folder.models / ".tmp-crashed"
    crashed.write_text("Secret four")
    os.utime(crashed, (0, 0))
    result = run(folder, MALLORY)
    assert result.output == "It was in 3 transcripts, and will be in no other.\n"
    assert result.exit_code == 0
    assert with_(folder, "mallory", "secret") == []
    assert verify(folder) == []
    left = model_file.read(folder.model("asked"))
    assert [asked.number for asked in left.questions] == [2]
    assert left.messages == 2, "one of three is gone"
    assert len(list(model_file.lines(folder.model("asked")))) == 2
    assert Forgotten.read(folder).hides(MALLORY)


def test_what_the_bot_is_writing_just_now_is_left_to_it(folder: Folder) -> None:
    being_written = folder.models / ".tmp-chat"
    being_written.touch()
    run(folder, MALLORY)
    assert being_written.exists()


def test_transcripts_that_have_nothing_of_it_stay_as_they_are(folder: Folder) -> None:
    """Neither written nor rendered again."""
    untouched = {path: path.stat().st_mtime_ns for path in folder.talk("other").iterdir()}
    untouched[folder.model("other")] = folder.model("other").stat().st_mtime_ns
    run(folder, "$m")
    assert untouched == {path: path.stat().st_mtime_ns for path in untouched}


def test_a_second_time_changes_nothing(folder: Folder) -> None:
    run(folder, MALLORY)
    before = {path: path.read_bytes() for path in folder.root.rglob("*") if path.is_file()}
    assert run(folder, MALLORY).output.startswith("It was in 0 transcripts")
    assert before == {path: path.read_bytes() for path in folder.root.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    "subject",
    [
        "$m",
        "https://matrix.to/#/!kernel:example.org/$m?via=example.org",
        "https://matrix.to/#/%21kernel%3Aexample.org/%24m",
        "https://app.element.io/#/room/!kernel:example.org/$m",
        "matrix:roomid/kernel:example.org/e/m?via=example.org",
    ],
)
def test_a_single_message(folder: Folder, subject: str) -> None:
    assert run(folder, subject).output.startswith("It was in 2 transcripts")
    assert with_(folder, "secret four", "$m") == []
    assert with_(folder, "secret one")


@pytest.mark.parametrize(
    "subject", ["https://matrix.to/#/@mallory:example.org", "matrix:u/mallory:example.org"]
)
def test_a_person_by_link(folder: Folder, subject: str) -> None:
    run(folder, subject)
    assert with_(folder, "mallory", "secret") == []


@pytest.fixture
def nameless(tmp_path: Path) -> Folder:
    """Nobody knows who asked one, and the bot repeats it, also in another talk."""
    asked = question(3, "Is my boss a crook?", asker="", by=None, event=None)
    one = transcript([asked, question(4)], talk=talk("asked"))
    made = folder_of(tmp_path, one, chat=[bot("p", "3: Is my boss a crook?")])
    folder_of(tmp_path, OTHER, chat=[bot("q", "Before: Is my boss a crook?"), message("r", "Hi")])
    rendered(made)
    return made


def test_a_question_that_was_asked_without_a_name(nameless: Folder) -> None:
    for times in (2, 0):
        result = run(nameless, "asked#3")
        assert result.output.startswith(f"It was in {times} transcripts")
        assert with_(nameless, "crook") == []
    assert [each.number for each in model_file.read(nameless.model("asked")).questions] == [4]


def test_with_a_question_goes_the_message_that_asked_it(folder: Folder) -> None:
    model = folder.model("asked")
    asked = [each.event for each in model_file.read(model).questions]
    model_file.write(model, model_file.read(model), [message(str(asked[0])[1:], "A Secret one?")])
    run(folder, "asked#1")
    assert list(model_file.lines(model)) == []


@pytest.mark.parametrize("subject", ["asked#9", "gone#3"])
def test_a_question_that_is_not_there_is_refused(nameless: Folder, subject: str) -> None:
    result = run(nameless, subject)
    assert result.exit_code == 1
    assert with_(nameless, "crook") != []


@pytest.mark.parametrize("subject", ["mallory", "#kernel:example.org", "$", "", "@mallory", "$a b"])
def test_what_is_neither_is_refused(folder: Folder, subject: str) -> None:
    result = run(folder, MALLORY, subject)
    assert result.exit_code == 1
    assert "is neither a user (@name:server) nor a message" in result.stderr
    assert "nothing was forgotten" in result.stderr
    assert not (folder.models / "forgotten").exists()


def test_what_was_broken_off_is_done_the_next_time(folder: Folder) -> None:
    """The model was written anew, and then the power went."""
    Forgotten.read(folder).add(MALLORY)
    names = Named(removed=frozenset({"Mallory"}))
    hidden = Hidden(Forgotten.read(folder).hides, texts=("Secret one?",), names=names)
    for name in folder.names():
        take_out(folder, name, hidden)
    assert with_(folder, "secret")
    run(folder, MALLORY)
    assert with_(folder, "mallory", "secret") == []


def test_a_model_that_cannot_be_read_is_named_and_the_rest_goes_on(folder: Folder) -> None:
    folder.model("asked").write_text('{"version": 2}')
    folder.model("other").unlink()
    result = run(folder, MALLORY)
    assert result.exit_code == 1
    asked, other = result.stderr.splitlines()
    assert asked == (
        "may still have it: asked.json was made by a newer fosdembot (model 2, known is 1): update "
        "fosdembot; public/asked stays as it is: remove it, or mend the model and forget again"
    )
    assert other.startswith("may still have it: public/other: everybody can read it, and there is")
    assert not [path for path in with_(folder, "secret") if "talked" in path]


def test_pages_that_cannot_be_written_are_named_and_the_rest_goes_on(folder: Folder) -> None:
    page = folder.talk("asked") / "index.html"
    page.unlink()
    page.mkdir()
    result = run(folder, MALLORY)
    assert result.exit_code == 1
    assert result.stderr.startswith("may still have it: asked: ")
    assert result.stderr.endswith("let the account that runs this write there, and forget again\n")
    assert result.stderr.count("\n") == 1
    assert {path.split("/")[1] for path in with_(folder, "secret")} <= {"asked"}
    page.rmdir()
    assert run(folder, MALLORY).exit_code == 0
    assert with_(folder, "mallory", "secret") == []


def test_where_the_list_cannot_be_read_nothing_is_said_to_be_forgotten(folder: Folder) -> None:
    (folder.models / "forgotten").write_text("x")
    result = run(folder, MALLORY)
    assert result.exit_code == 1
    assert "forgotten is damaged: take it from a backup" in result.stderr


def test_it_waits_for_the_bot_to_finish_a_transcript(folder: Folder) -> None:
    """Which may have asked who is forgotten before."""
    with folder.locked():
        thread = Thread(target=forget, args=(folder, [MALLORY]))
        thread.start()
        thread.join(0.3)
        assert thread.is_alive()
        model_file.write(folder.model("asked"), ASKED, CHAT)
        rendering.render(folder, "asked")
    thread.join()
    assert with_(folder, "mallory", "secret") == []


def test_nothing_comes_back_where_the_bot_writes_meanwhile(folder: Folder) -> None:
    """It makes transcripts anew from the room again and again, with the lock held."""
    broke: list[BaseException] = []

    def make(made: Transcript) -> None:
        with folder.locked():
            hidden = Hidden(removed=Forgotten.read(folder).hides)
            left, lines = without(made, CHAT, hidden)
            model_file.write(folder.model(made.name), left, lines)
            rendering.render(folder, made.name)
            index.write(folder)

    def write_again() -> None:
        try:
            for _ in range(5):
                make(ASKED)
                make(TALKED)
        except BaseException as err:
            broke.append(err)

    thread = Thread(target=write_again)
    thread.start()
    done = forget(folder, [MALLORY])
    thread.join()
    assert (broke, done.problems) == ([], [])
    assert with_(folder, "mallory", "secret") == []
    assert verify(folder) == []


def test_what_the_bot_makes_anew_at_once_is_looked_at_before(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As soon as it knows of it; then the models do not say any more what else is to go."""
    add = Forgotten.add

    def add_and_make(forgotten: Forgotten, *subjects: str) -> None:
        add(forgotten, *subjects)
        take_out(folder, "asked", Hidden(removed=Forgotten.read(folder).hides))

    monkeypatch.setattr(Forgotten, "add", add_and_make)
    run(folder, MALLORY)
    assert with_(folder, "mallory", "secret") == []


def test_what_people_wrote_is_counted_without_the_bot(folder: Folder) -> None:
    run(folder, "$p")
    kept = [line for line in model_file.lines(folder.model("talked")) if isinstance(line, Message)]
    assert [line.id for line in kept] == ["$m", "$n", "$o"]
    assert model_file.read(folder.model("talked")).messages == 3
