"""What the hall reads on the beamer."""

from __future__ import annotations

from typing import Any

from fosdembot.questions.states import State
from fosdembot.questions.views import Part, QuestionsView, QuestionView
from fosdembot.web.stage_screen import LONGEST_TEXT, on_stage


def question(number: int, state: State = State.OPEN, **more: Any) -> QuestionView:
    usual: dict[str, Any] = {"text": f"Why {number}?", "asker": "Bob", "votes": 10 - number}
    return QuestionView(id=number, number=number, state=state, **(usual | more))


def waiting(*questions: QuestionView, closed: bool = False) -> QuestionsView:
    nothing: Part[QuestionView] = Part((), 0)
    return QuestionsView(closed, Part(questions, 0), nothing, nothing)


def numbers(listed: Any) -> list[int]:
    return [each.number for each in listed]


def test_what_is_answered_then_the_starred_ones_then_the_best() -> None:
    questions = waiting(
        question(4, State.ANSWERING),
        question(5, State.STARRED),
        *map(question, range(6, 11)),
    )
    shown = on_stage([questions], shows_top=True)
    assert shown.answering is not None
    assert (shown.answering.number, shown.answering.name) == (4, "Bob")
    assert (numbers(shown.starred), numbers(shown.top)) == ([5], [6, 7, 8])


def test_what_is_still_answered_from_the_talk_before_gives_way() -> None:
    still = question(3, State.ANSWERING)
    shown = on_stage([waiting(question(8))], shows_top=True, still=still)
    assert shown.answering is not None
    assert (shown.answering.number, [each.number for each in shown.top]) == (3, [8])
    taken = waiting(question(9, State.ANSWERING))
    shown = on_stage([taken], shows_top=True, still=still)
    assert shown.answering is not None
    assert shown.answering.number == 9


def test_what_nobody_has_read_first_is_not_shown_to_the_hall() -> None:
    shown = on_stage([waiting(question(5, State.STARRED), question(6))], shows_top=False)
    assert (numbers(shown.starred), shown.top) == ([5], ())


def test_names_only_of_what_is_taken() -> None:
    shown = on_stage([waiting(question(5, State.STARRED), question(6))], shows_top=True)
    assert "Bob" not in str(shown)


def test_what_was_skipped_is_not_among_the_best() -> None:
    shown = on_stage([waiting(question(6), question(7, skipped=True))], shows_top=True)
    assert numbers(shown.top) == [6]


def test_whether_questions_are_taken_is_said_of_all_talks() -> None:
    taken, closed = waiting(question(6)), waiting(question(7), closed=True)
    assert not on_stage([], shows_top=True).is_closed
    assert not on_stage([taken, closed], shows_top=True).is_closed
    assert on_stage([closed, closed], shows_top=True).is_closed


def test_votes_of_the_hall_stand_apart() -> None:
    shown = on_stage([waiting(question(9, hall_votes=7), question(8))], shows_top=True)
    assert [each.votes.plain for each in shown.top] == ["1 vote + 7 in the hall", "2 votes"]


def test_what_is_long_is_smaller_and_ends() -> None:
    lengths = []
    for size in (20, 100, 200, 400, 5000):
        shown = on_stage([waiting(question(1, State.ANSWERING, text="x" * size))], shows_top=False)
        assert shown.answering is not None
        assert len(shown.answering.text) <= LONGEST_TEXT
        lengths.append(shown.answering.length)
    assert lengths == ["short", "medium", "long", "very-long", "very-long"]
