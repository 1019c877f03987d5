"""The demo's judge notices whatever transcripts say wrongly."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from datetime import UTC, timedelta
from pathlib import Path

import pytest

from fosdembot.transcripts import index, model_file
from fosdembot.transcripts.folder import Folder
from fosdembot.transcripts.model import (
    Answer,
    Link,
    Links,
    Merged,
    Message,
    Privacy,
    Question,
    Span,
    Spoken,
    TalkInfo,
    Transcript,
)
from fosdembot.transcripts.rendering import render
from simulation.conference import Planned
from simulation.demo import sample, sample_recording, tally
from simulation.demo.acts import Decide, Write
from simulation.demo.judge_transcripts import NEAR, Found, judge_transcripts
from simulation.demo.sample import moment

NOT_SHOWN = ("merged", "dismissed", "withdrawn")
ON = {
    talk.id: item
    for talk in sample.talks()
    for item in sample.TOLD
    if item.kind == "now" and f'"{talk.title[:20]}' in item.words
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is right."""
    folder = Folder(tmp_path_factory.mktemp("transcripts"))
    folder.make()
    for talk in sample.talks(3):
        transcript = _transcript(talk)
        chat = _message("$4", "Hello"), _message("$5", "Soup!")
        model_file.write(folder.model(transcript.name), transcript, chat)
        render(folder, transcript.name)
    index.write(folder)
    return folder.public


@pytest.fixture
def public(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "public"))


def _transcript(talk: Planned) -> Transcript:
    standing = tally.tally(sample.SCRIPT)
    asked = tally.of_talk(ON[talk.id], standing, sample.TOLD)
    start = moment("00:00") + timedelta(minutes=talk.at)
    span = Span(start=start, end=start + timedelta(minutes=talk.minutes))
    return Transcript(
        conference="Harbour Days 2026",
        talk=TalkInfo(guid=f"talk-{talk.id}", title=talk.title, planned=span, actual=span),
        window=span,
        links=Links(recordings=(Link(label="Recording", url="http://127.0.0.1:1/teacup.wav"),)),
        privacy=Privacy(contact=sample.CONTACT, chat="published"),
        questions=tuple(_question(q, talk.id) for q in asked if q.state not in NOT_SHOWN),
    )


def _question(question: tally.Question, talk: int) -> Question:
    ask = question.ask
    number = ask.number
    at = moment(ask.at)
    answers = (
        Answer(text=act.text, author=act.who, at=at)
        for act in sample.SCRIPT
        if isinstance(act, Write) and (act.room, act.number) == (ask.room, number)
    )
    taken = any(
        isinstance(act, Decide) and (act.room, act.number) == (ask.room, number)
        for act in sample.SCRIPT
        if getattr(act, "state", "") == "answering"
    )
    spoken = None
    if talk == sample_recording.TALK and number in sample_recording.READ_ALOUD:
        second = sample_recording.second(sample_recording.READ_ALOUD[number])
        quote = f"Well, {sample_recording.ANSWERS[number]}."
        spoken = Spoken(second=second + 2, score=90, quote=quote)
    return Question.model_validate(
        {
            "number": number,
            "text": question.text,
            "asker": "" if ask.nameless else ask.who,
            "votes": question.votes,
            "state": question.state,
            "asked_at": at,
            "taken_at": at if taken else None,
            "answers": tuple(answers),
            "merged": tuple(
                Merged(number=part.ask.number, text=part.text, asker=part.ask.who)
                for part in question.parts
                if part is not question
            ),
            "spoken": spoken,
        }
    )


def _message(id_: str, text: str) -> Message:
    at = moment("11:00").astimezone(UTC)
    return Message(id=id_, at=at, name="lena", by="@lena:x", type="text", text=text)


def judged(public: Path) -> Found:
    return judge_transcripts(public, sample.TOLD, sample.SCRIPT)


def spoil(place: Path, was: str, becomes: str) -> None:
    content = place.read_text(encoding="utf-8")
    assert was in content
    place.write_text(content.replace(was, becomes), encoding="utf-8")


def test_all_is_well(public: Path) -> None:
    found = judged(public)
    assert found.faults == []
    assert sorted(found.pages) == [f"talk-{number}/index.html" for number in range(1, 9)]
    assert found.seconds == {"1": 1028.0, "2": 1286.0}


def test_a_transcript_that_is_missing(public: Path) -> None:
    shutil.rmtree(public / "talk-6")
    found = judged(public)
    assert found.faults == ["talk 6 has no transcript"]
    assert len(found.pages) == 7


@pytest.mark.parametrize("name", ["index.html", "search.json"])
def test_one_that_is_not_listed(public: Path, name: str) -> None:
    spoil(public / name, "talk-6", "talk-")
    assert judged(public).faults == [f"{name} does not know talk 6"]


def test_of_talks_that_are_not_over_there_is_none(public: Path) -> None:
    for folder in public.iterdir():
        if folder.is_dir():
            shutil.rmtree(folder)
    early = [item for item in sample.TOLD if item.at is None or item.at < "10:00"]
    assert judge_transcripts(public, early, []) == Found()


def _wrong_rows() -> Iterator[tuple[str, str, str]]:
    yield "words", "Does it boot from a wet saucer?", "Does it boot?"
    yield "votes", "wet saucer?,tomas,2,", "wet saucer?,tomas,3,"
    yield "asker", "wet saucer?,tomas,", "wet saucer?,ravi,"
    yield "asker", "Who pays for tea?,an attendee,", "Who pays for tea?,noa,"
    yield "answers", "it costs less than coffee", "no comment"
    yield "parts", "5. Could it boot", "6. Could it boot"
    yield "state", "bytes?,lena,3,Answered in the talk", "bytes?,lena,3,Not answered yet"
    yield "state", "board?,emil,2,Answered in writing", "board?,emil,2,Answered in the talk"
    yield "state", "boards?,lena,0,Not answered yet", "boards?,lena,0,Answered in the talk"


@pytest.mark.parametrize(("what", "was", "becomes"), list(_wrong_rows()))
def test_a_question_that_is_not_what_it_was(
    public: Path, what: str, was: str, becomes: str
) -> None:
    table = public / "talk-1" / "questions.csv"
    spoil(table, was, becomes)
    if what == "parts":
        spoil(table, ",5,", ",6,")
    [fault] = judged(public).faults
    assert f" has other {what}: " in fault


def test_a_question_that_is_missing_or_too_many(public: Path) -> None:
    table = public / "talk-5" / "questions.csv"
    spoil(table, "\n2,", "\n4,")
    assert judged(public).faults == ["transcript of talk 5: has questions [1, 4], not [1, 2]"]


def test_a_question_without_a_place_on_its_page(public: Path) -> None:
    spoil(public / "talk-5" / "index.html", 'id="question-2"', 'id="question-3"')
    [fault] = judged(public).faults
    assert "question 2 has other place on its page" in fault


def test_what_was_deleted_is_nowhere(public: Path) -> None:
    spoil(public / "talk-5" / "transcript.txt", "Soup!", sample.APOLOGY)
    assert judged(public).faults == [f"talk-5/transcript.txt has: {sample.APOLOGY}"]


def test_what_a_question_said_before_it_was_edited_is_nowhere(public: Path) -> None:
    spoil(public / "talk-1" / "index.html", "Soup!", "How many cups fit on one tray?")
    assert judged(public).faults == ["talk-1/index.html has: How many cups fit on one tray?"]


@pytest.mark.parametrize("name", ["talk-5/index.html", "talk-5/transcript.txt", "search.json"])
def test_what_nobody_took_up_is_nowhere(public: Path, name: str) -> None:
    spoil(public / name, "Do you review your own code?", "When is lunch?")
    assert judged(public).faults == [f"{name} has: When is lunch?"]


def test_a_second_that_is_not_near_the_cue(public: Path) -> None:
    table = public / "talk-1" / "questions.csv"
    spoil(table, ",1028.0,", f",{1026 + NEAR + 1},")
    assert judged(public).faults == ["transcript of talk 1: question 1 was not read at 1037.0 s"]


def test_a_second_that_was_not_found(public: Path) -> None:
    spoil(public / "talk-1" / "questions.csv", ",1286.0,", ",,")
    assert judged(public).faults == [
        "transcript of talk 1: question 2 was not found in the recording"
    ]


def test_a_second_that_is_made_up(public: Path) -> None:
    table = public / "talk-5" / "questions.csv"
    with table.open(encoding="utf-8-sig", newline="") as file:
        columns, *rows = csv.reader(file)
    rows[0][columns.index("Second of the recording")] = "12.5"
    with table.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([columns, *rows])
    assert judged(public).faults == ["transcript of talk 5: question 1 was never read aloud"]


def test_another_answer_than_was_heard(public: Path) -> None:
    table = public / "talk-1" / "questions.csv"
    spoil(table, sample_recording.ANSWERS[2], "the milk conducts")
    assert judged(public).faults == [
        "transcript of talk 1: question 2 was answered with other words"
    ]


def test_a_chapter_that_is_missing(public: Path) -> None:
    (public / "talk-1" / "chapters.vtt").unlink()
    assert judged(public).faults == ["transcript of talk 1: the recording has 0 chapters"]
