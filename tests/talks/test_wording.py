"""What notices say of questions: on the board, at the Q&A, over a bridge."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fosdembot.schedule.model import Talk
from fosdembot.settings import Settings
from fosdembot.talks.messages import Message, tell
from fosdembot.talks.notices import Kind, plan
from fosdembot.talks.question_summary import (
    LONGEST_QUESTION,
    NO_QUESTIONS,
    Entry,
    QuestionSummary,
    entry_line,
)
from fosdembot.talks.slots import build_slots
from fosdembot.talks.wording import MOST_LINES

from .programme import BRUSSELS, ROOM, at, notices, programmes, talk

BOARD = (
    Entry(12, 17, "How small can it get?", "Bob"),
    Entry(14, 9, "Why C?", "Eve"),
    Entry(3, 1, "Does it run on ARM?", ""),
    Entry(1012, 1, "Tell us about the tests", "Ada"),
    Entry(15, 0, "And now?", "Kim"),
)
FIVE = QuestionSummary(BOARD, open=5)
ASK = "Ask: !ask your question. Vote: 👍 on a question, or !vote 12"


def told(
    talks: Sequence[Talk],
    clock: str,
    asked: dict[str, QuestionSummary],
    *,
    bridged: bool = False,
    rules: Settings | None = None,
    before: tuple[Kind, ...] = (),
) -> Message:
    """The one message that is told; of the kinds `before` all was told earlier."""
    rules = rules or Settings()
    planned = plan(build_slots(talks, {}, rules), rules, ROOM, bridged, BRUSSELS)
    earlier = {notice.key: "x" for notice in planned if notice.kind in before}
    (message,) = tell(planned, earlier, at(clock), BRUSSELS, "!", asked, bridged)
    return message


def now(asked: QuestionSummary, minutes: int = 25, *, bridged: bool = False) -> str:
    talks = [talk("a", "10:00", minutes)]
    return told(talks, "10:00", {"a": asked}, bridged=bridged).text.plain


def qa(asked: QuestionSummary, *, bridged: bool = False, following: bool = True) -> str:
    talks = [talk("a", "10:00"), talk("b", "10:30")][: 2 if following else 1]
    message = told(talks, "10:20", {"a": asked}, bridged=bridged, before=(Kind.NOW,))
    return message.text.plain


# The board.


def test_the_board() -> None:
    message = told([talk("a", "10:00")], "10:00", {"a": replace(FIVE, open=9)})
    assert message.text.plain == (
        'Now, until 10:25: "Talk a"\n'
        f"{ASK}. Q&A at 10:20\n\n"
        "12 (17 votes) How small can it get? – Bob\n\n"
        "14 (9 votes) Why C? – Eve\n\n"
        "3 (1 vote) Does it run on ARM?\n\n"
        "1012 (1 vote) Tell us about the tests – Ada\n\n"
        "15 (0 votes) And now? – Kim\n\n"
        "4 more: !questions"
    )
    assert message.text.html.startswith("<strong>Now, until 10:25:</strong>")
    assert (
        "10:20<ul><li><strong>12</strong> (17 votes) How small can it get? – Bob</li><li>"
    ) in message.text.html
    assert message.text.html.endswith("</li></ul>4 more: <code>!questions</code>")
    assert message.questions == (12, 14, 3, 1012, 15)


def test_where_all_are_seen_there_are_no_more() -> None:
    assert now(FIVE).endswith("15 (0 votes) And now? – Kim")
    assert now(NO_QUESTIONS) == f'Now, until 10:25: "Talk a"\n{ASK}. Q&A at 10:20'


def test_five_at_the_most() -> None:
    six = QuestionSummary((*BOARD, Entry(16, 0, "Sixth?", "Max")), open=6)
    assert now(six).split("\n\n")[-2:] == ["15 (0 votes) And now? – Kim", "1 more: !questions"]


def test_what_is_on_or_next_is_marked_in_words_too() -> None:
    marked = (replace(BOARD[0], mark="answering"), replace(BOARD[1], mark="starred"))
    assert [entry_line(entry).plain for entry in marked] == [
        "▶ now: 12 (17 votes) How small can it get? – Bob",
        "★ next: 14 (9 votes) Why C? – Eve",
    ]


def test_a_talk_without_questions_at_its_end_takes_them_too() -> None:
    assert now(NO_QUESTIONS, 10) == f'Now, until 10:10: "Talk a"\n{ASK}'


def test_a_talk_that_takes_no_more() -> None:
    assert now(QuestionSummary(BOARD[:1], 1, closed=True)) == (
        'Now, until 10:25: "Talk a"\n'
        "No more questions for this talk. Q&A at 10:20\n\n"
        "12 (17 votes) How small can it get? – Bob"
    )


def test_what_became_of_the_questions_before() -> None:
    lines = now(replace(FIVE, open=6, before=("Tiny kernels", 3))).split("\n")
    assert lines[-2:] == [
        "1 more: !questions",
        'Before: "Tiny kernels", 3 questions went to the speaker for a written answer.',
    ]
    assert now(QuestionSummary(before=("", 1))).endswith(
        'Before: "Untitled talk", 1 question went to the speaker for a written answer.'
    )


@given(st.integers(0, 9), st.integers(0, 30), st.booleans(), st.booleans(), st.booleans())
def test_the_first_line_is_the_same_whatever_is_asked(
    shown: int, votes: int, closed: bool, before: bool, bridged: bool
) -> None:
    """It is what clients show of the pinned message, and they do not follow edits."""
    entries = tuple(Entry(n + 1, votes, "Why?", "Bob") for n in range(shown))
    asked = QuestionSummary(entries, shown + votes, closed, ("Other", 2) if before else None)
    lines = [line for line in now(asked, bridged=bridged).split("\n") if line]
    assert lines[0] == 'Now, until 10:25: "Talk a"'
    assert len(lines) <= (3 if bridged else MOST_LINES)


# Several talks in one message.


def hall(name: str, start: str = "10:00", minutes: int = 25) -> Talk:
    return talk(name, start, minutes, room=f"Hall {name}")


def test_two_talks_have_two_questions_each() -> None:
    asked = {
        "a": QuestionSummary(BOARD[:3], 3),
        "b": QuestionSummary((Entry(2, 4, "Who?", "Max"),), 1),
    }
    message = told([hall("a"), hall("b")], "10:00", asked)
    assert message.text.plain == (
        'Now in Hall a, until 10:25: "Talk a"\n\n'
        "12 (17 votes) How small can it get? – Bob\n\n"
        "14 (9 votes) Why C? – Eve\n\n"
        'Now in Hall b, until 10:25: "Talk b"\n\n'
        "2 (4 votes) Who? – Max\n\n"
        f"{ASK}\n"
        "1 more: !questions"
    )
    assert message.questions == (12, 14, 2)


def test_one_that_begins_while_another_has_its_questions() -> None:
    asked = {
        "a": QuestionSummary(BOARD[:3], 3),
        "b": QuestionSummary((Entry(2, 4, "Who?", "Max"),), 1),
    }
    slots = build_slots([hall("a"), hall("b", "10:20")], {}, Settings())
    planned = plan(slots, Settings(), ROOM, False, BRUSSELS)
    earlier = {notice.key: "x" for notice in planned if notice.due < at("10:20")}
    (message,) = tell(planned, earlier, at("10:20"), BRUSSELS, "!", asked)
    assert message.text.plain == (
        'Now in Hall b, until 10:45: "Talk b"\n\n'
        "2 (4 votes) Who? – Max\n\n"
        'Q&A in Hall a until 10:25: "Talk a". Next: 12 (17 votes) "How small can it get?". '
        f"2 more: !questions\n{ASK}"
    )
    assert message.questions == (2, 12)


def test_closed_for_one_and_for_all() -> None:
    halls = [hall("a"), hall("b")]
    closed = QuestionSummary(closed=True)
    assert ASK in told(halls, "10:00", {"a": closed}).text.plain
    text = told(halls, "10:00", {"a": closed, "b": closed}).text.plain
    assert text.endswith('"Talk b"\nNo more questions for these talks')


@pytest.mark.parametrize(("halls", "lines"), [(1, 9), (2, 10), (3, 11), (4, 6), (12, 13)])
def test_however_many_there_are_it_stays_short(halls: int, lines: int) -> None:
    names = [f"{n:02}" for n in range(halls)]
    asked = {name: replace(FIVE, open=9, before=("Before", 3)) for name in names}
    message = told([hall(name) for name in names], "10:00", asked)
    said = [line for line in message.text.plain.split("\n") if line]
    assert len(said) == lines
    assert ("more: !questions" in message.text.plain) is (halls <= 3)
    if halls > 3:
        assert said[-1] == f"{9 * halls} questions: !questions"
        assert message.questions == ()
    else:
        assert sum("Before: " in line for line in said) == halls


# The Q&A.


def test_the_questions_part_begins() -> None:
    assert qa(FIVE) == (
        'Q&A until 10:25. Next: 12 (17 votes) "How small can it get?". 4 more: !questions\n'
        'Then, at 10:30: "Talk b"'
    )
    assert qa(FIVE, following=False).split("\n")[1:] == ["No more talks here today"]
    message = told([talk("a", "10:00")], "10:20", {"a": FIVE}, before=(Kind.NOW,))
    assert message.questions == (12,)


@pytest.mark.parametrize("bridged", [True, False])
@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (NO_QUESTIONS, "Q&A until 10:25. No question is waiting: !ask yours"),
        (QuestionSummary(closed=True), "Q&A until 10:25"),
        (
            QuestionSummary(BOARD[:1], 1),
            'Q&A until 10:25. Next: 12 (17 votes) "How small can it get?"',
        ),
        (
            QuestionSummary((replace(BOARD[0], mark="answering"),), 1),
            'Q&A until 10:25. Now: 12 (17 votes) "How small can it get?"',
        ),
        (
            QuestionSummary((replace(BOARD[3], mark="starred"),), 1),
            'Q&A until 10:25. Next: 1012 (1 vote) "Tell us about the tests"',
        ),
    ],
)
def test_few_questions(asked: QuestionSummary, said: str, bridged: bool) -> None:
    assert qa(asked, bridged=bridged) == f'{said}\nThen, at 10:30: "Talk b"'


def test_two_halls_with_questions_at_once() -> None:
    asked = {"a": FIVE, "b": NO_QUESTIONS}
    message = told([hall("a"), hall("b")], "10:20", asked, before=(Kind.NOW,))
    assert message.text.plain == (
        'Q&A in Hall a until 10:25: "Talk a". Next: 12 (17 votes) "How small can it get?". '
        "4 more: !questions\n"
        'Q&A in Hall b until 10:25: "Talk b". No question is waiting: !ask yours'
    )
    assert message.questions == (12,)


def test_a_crowd_of_halls_names_no_question() -> None:
    halls = [hall(f"{n}") for n in range(5)]
    rules = notices(level="full")
    asked = {f"{n}": FIVE for n in range(5)}
    message = told(halls, "10:20", asked, before=(Kind.NOW,), rules=rules)
    assert message.text.plain.count("5 questions: !questions") == 5
    assert message.questions == ()


# Over a bridge.


def test_a_bridged_room_hears_the_best_once() -> None:
    assert now(replace(FIVE, before=("Tiny kernels", 3)), bridged=True) == (
        'Now, until 10:25: "Talk a"\n'
        "Ask: !ask your question. Vote: !vote 12. Q&A at 10:20\n"
        'Before: "Tiny kernels", 3 questions went to the speaker for a written answer.'
    )
    assert qa(FIVE, bridged=True) == (
        'Q&A until 10:25. Next: 12 (17 votes) "How small can it get?". 4 more: !questions\n'
        "14 (9 votes) Why C? – Eve\n"
        "3 (1 vote) Does it run on ARM?"
    )
    assert qa(QuestionSummary(BOARD[:2], 2), bridged=True) == (
        'Q&A until 10:25. Next: 12 (17 votes) "How small can it get?". 1 more: !questions\n'
        "14 (9 votes) Why C? – Eve\n"
        'Then, at 10:30: "Talk b"'
    )


texts = st.text(max_size=300) | st.sampled_from(
    [
        "@room",
        "<script>alert(1)</script>",
        "\u202eevil\u202c",
        "a\nb\r\nc\u2028d",
        "{p}{question}",
        "[x](https://example.org) **b**",
        "https://matrix.to/#/@bob:example.org",
        "\u0301" * 999,
        "x" * 60_000,
        "\x00\x07\u200b",
        "🏴‍☠️" * 200,
        "",
    ]
)
entries = st.builds(
    Entry,
    number=st.integers(1, 10**6),
    votes=st.integers(0, 10**6),
    text=texts,
    asker=texts,
    mark=st.sampled_from(["", "answering", "starred"]),
)
boards = st.builds(
    QuestionSummary,
    entries=st.lists(entries, max_size=6).map(tuple),
    open=st.integers(0, 2000),
    closed=st.booleans(),
    before=st.none() | st.tuples(texts, st.integers(1, 200)),
)


@given(st.lists(boards, min_size=1, max_size=5), st.sampled_from(["10:00", "10:20"]), st.booleans())
def test_hostile_questions_stay_questions(
    asked: list[QuestionSummary], clock: str, bridged: bool
) -> None:
    names = [str(n) for n in range(len(asked))]
    before = (Kind.NOW,) if clock == "10:20" else ()
    message = told(
        [hall(name) for name in names],
        clock,
        dict(zip(names, asked, strict=True)),
        bridged=bridged,
        before=before,
        rules=notices(level="full"),
    )
    plain, html = message.text.plain, message.text.html
    assert "@room" not in plain.lower()
    assert "<script" not in html
    assert "<a" not in html
    assert not set(plain) & set("\u202e\u0000\u0007\r\u2028")
    lines = [line for line in plain.split("\n") if line]
    assert len(lines) == len(re.split("<br>|<ul><li>|</li><li>|</li></ul>(?=.)", html)) <= 12
    assert len(plain) < 11 * (LONGEST_QUESTION + 150)
    if bridged and len(asked) == 1:
        assert plain.count("\n") < 3


@given(entries)
def test_a_line_is_one_line_and_bounded(entry: Entry) -> None:
    line = entry_line(entry).plain
    assert "\n" not in line
    assert len(line) <= LONGEST_QUESTION + 110
    assert f"{entry.number} ({entry.votes:,} vote" in line


def test_a_long_question_is_cut() -> None:
    line = entry_line(Entry(12, 17, "word " * 100, "Bob")).plain
    assert line.startswith("12 (17 votes) word word")
    assert line.endswith("word… – Bob")


@given(programmes(places=2), st.integers(0, 24 * 60), st.booleans())
def test_what_is_asked_changes_no_time_and_no_key(
    talks: list[Talk], minutes: int, bridged: bool
) -> None:
    rules = Settings()
    planned = plan(build_slots(talks, {}, rules), rules, ROOM, bridged, BRUSSELS)
    moment = at("08:00") + timedelta(minutes=minutes)
    asked = {talk.guid: replace(FIVE, before=("Other", 3)) for talk in talks}
    quiet = tell(planned, {}, moment, BRUSSELS, "!", {}, bridged)
    loud = tell(planned, {}, moment, BRUSSELS, "!", asked, bridged)
    assert [
        replace(message, text=quiet[n].text, questions=()) for n, message in enumerate(loud)
    ] == quiet
