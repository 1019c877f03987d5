"""What goes from a transcript when the conference is long over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from fosdembot.transcripts import model_file
from fosdembot.transcripts.model import Gap, Line, Merged, Question, Quote, Transcript
from fosdembot.transcripts.retention import as_before, expired, may_have_ids, without_ids
from tests.talks.programme import settings

from .samples import START, answer, message, question, transcript

DAY = timedelta(days=1)
PILL = 'Hi <a href="https://matrix.to/#/@ada:example.org">Ada <b>L.</b></a>, see <a href="{}">x</a>'


@pytest.mark.parametrize(
    ("keep_days", "after", "is_expired"),
    [
        (0, 10_000 * DAY, False),
        (30, 30 * DAY - timedelta(seconds=1), False),
        (30, 30 * DAY, True),
        (1, DAY, True),
        (1, timedelta(0), False),
    ],
)
def test_when_a_transcript_is_deleted(keep_days: int, after: timedelta, is_expired: bool) -> None:
    given = settings(transcripts={"keep_days": keep_days})
    assert expired(given, START, START + after) is is_expired


def test_names_stay_and_ids_go(tmp_path: Path) -> None:
    merged = Merged(number=4, text="Why?", asker="Carl", by="@carl:example.org", event="$4")
    before = transcript([question(3, answers=(answer("Because."),), merged=(merged,))])
    chat: list[Line] = [
        message("a", "Hello", html="<b>Hello</b>", reply_to=Quote(id="$z", by="@bob:example.org")),
        Gap(after=None, why="It is gone."),
        message("b", "Hi Ada", html=PILL.format("https://matrix.to/#/%23kernel:example.org")),
        message("c", "Hi Ada", html='<a rel="nofollow" href="matrix:u/ada:example.org">Ada</a>'),
        message("d", "Hi", html='<a href="https://matrix.to/#/%40ada%3Aexample.org">Ada</a>'),
    ]
    head, lines = without_ids(before, chat)
    after = list(lines)
    model_file.write(tmp_path / "x.json", head, after)
    text = (tmp_path / "x.json").read_text()
    assert not [name for name in ("@lena", "@carl", "@bob", "ada:", "ada%3A") if name in text]
    # Nothing else is changed.
    [asked] = head.questions
    assert (asked.asker, asked.answers[0].author, asked.merged[0].asker) == ("Lena", "Ada", "Carl")
    assert [getattr(line, "name", None) for line in after] == ["Bob", None, "Bob", "Bob", "Bob"]
    assert [getattr(line, "html", None) for line in after] == [
        "<b>Hello</b>",
        None,
        'Hi Ada <b>L.</b>, see <a href="https://matrix.to/#/%23kernel:example.org">x</a>',
        "Ada",
        "Ada",
    ]
    again, lines = without_ids(head, after)
    assert (again, list(lines)) == (head, after)


def test_the_chat_is_read_as_it_is_asked_for() -> None:
    def chat() -> Iterator[Line]:
        yield message("a", "Hello")
        raise AssertionError("nobody has asked for more")

    _, lines = without_ids(transcript(), chat())
    assert next(lines).kind == "message"


def test_what_has_ids_is_seen_without_reading_it(tmp_path: Path) -> None:
    """Also where somebody typed what looks like one."""
    path = tmp_path / "x.json"
    typed = message("a", 'see {"by":"@ada:example.org"}', name='"by":"')
    before = transcript([question(3, text='"by": "me"?')])
    model_file.write(path, before, [typed])
    assert [may_have_ids(line) for line in path.read_text().splitlines()] == [True, True, False]
    model_file.write(path, *without_ids(before, [typed]))
    assert not may_have_ids(path.read_text())
    pill = message("b", "Ada", by=None, html=PILL.format("x"))
    assert may_have_ids(pill.model_dump_json())


def forgotten(*questions: Question) -> Transcript:
    """As it is made anew once nobody knows who asked and answered."""
    head, _ = without_ids(transcript(questions), ())
    return head


def test_what_was_taken_out_does_not_come_back_when_it_is_forgotten_whose_it_was() -> None:
    merged = tuple(
        Merged(number=number, text="Why?", asker=f"Carl {number}", event=f"${number}")
        for number in (4, 5)
    )
    answers = (answer("Yes."), answer("No.", event="$no"))
    now = forgotten(question(1), question(2), question(3, answers=answers, merged=merged))
    gone, nameless = now.questions[0], now.questions[1].model_copy(update={"asker": ""})
    rest = now.questions[2].model_copy(
        update={
            "answers": (answers[0].model_copy(update={"author": "an attendee"}),),
            "merged": merged[:1],
        }
    )
    after = as_before(now, transcript([nameless, rest]))
    assert [each.number for each in after.questions] == [2, 3]
    assert gone.number not in {each.number for each in after.questions}
    assert [each.asker for each in after.questions] == ["", "Lena"]
    [left] = after.questions[1].answers
    assert (left.text, left.author) == ("Yes.", "an attendee")
    assert [each.number for each in after.questions[1].merged] == [4]
    assert as_before(after, after) == after
    assert as_before(now, None) == now, "where there was none"


def test_what_was_redacted_since_then_is_gone_all_the_same() -> None:
    now = forgotten(question(2, "What it said before an edit was redacted"))
    after = as_before(now, transcript([question(1), question(2, "What the edit said")]))
    assert [each.text for each in after.questions] == ["What it said before an edit was redacted"]


def test_a_question_that_took_the_place_of_one_that_was_taken_out_stays() -> None:
    merged = Merged(number=4, text="Why?", asker="Carl", event="$4")
    promoted = question(4, "Why?", by=None)
    after = as_before(forgotten(question(3, merged=(merged,))), transcript([promoted]))
    assert after.questions == (promoted,)


def test_as_long_as_it_is_known_who_asked_nothing_is_compared() -> None:
    now = transcript([question(1), question(2)])
    assert as_before(now, transcript()) == now
