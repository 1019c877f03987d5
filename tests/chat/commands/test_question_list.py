"""How the questions to a talk are listed in one message: without a bot, without a database."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from fosdembot.chat.commands.question_list import QuestionList
from fosdembot.matrix.content import notice
from fosdembot.notifications.lists import Section, compose
from fosdembot.questions.states import State
from fosdembot.questions.views import Part, QuestionsView, QuestionView

HEADING = 'Questions for "Tiny kernels":'


def asked(number: int, text: str = "Why?", votes: int = 0, **more: Any) -> QuestionView:
    return QuestionView(number, number, text, "Bob", votes, more.pop("state", State.OPEN), **more)


def questions(
    waiting: Sequence[QuestionView] = (),
    answered: Sequence[QuestionView] = (),
    pending: Sequence[QuestionView] = (),
    *,
    listing: QuestionList | None = None,
    closed: bool = False,
) -> QuestionsView:
    """As the room view answers what is `wanted`."""
    wanted = (listing or QuestionList("!", "questions all")).wanted

    def part(of: Sequence[QuestionView], most: int | None) -> Part[QuestionView]:
        listed = tuple(of[: most or 0])
        return Part(listed, len(of) - len(listed) if most is not None else 0)

    return QuestionsView(
        closed,
        part(waiting, wanted.waiting),
        part(answered, wanted.answered),
        part(pending, wanted.pending),
    )


def lines(*sections: Section) -> list[str]:
    return [line for line in compose(sections).plain.split("\n") if line]


def listed(
    waiting: Sequence[QuestionView] = (),
    answered: Sequence[QuestionView] = (),
    pending: Sequence[QuestionView] = (),
    closed: bool = False,
    sees_pending: bool = False,
    **settings: Any,
) -> list[str]:
    listing = QuestionList("!", "questions all", pending=sees_pending, **settings)
    view = questions(waiting, answered, pending, listing=listing, closed=closed)
    return lines(listing.section("Tiny kernels", view))


def test_ten_and_how_to_see_the_others() -> None:
    many = [asked(number) for number in range(1, 13)]
    told = listed(many, [asked(20)])
    assert (len(told), told[-1]) == (12, "3 more: !questions all"), "those answered count as more"
    told = listed(many, [asked(20)], all=True)
    assert len(told) == 14
    assert told[-1] == "✓ 20 (0 votes) Why? – Bob"


def test_long_texts_are_cut() -> None:
    [_, line] = listed([asked(1, "x" * 400)])
    assert 140 <= len(line) < 180


@pytest.mark.parametrize("text", ['"' * 490, "🐧" * 400, "w" * 400])
def test_however_many_it_is_one_message_of_bounded_size(text: str) -> None:
    listing = QuestionList("!", "questions all", all=True)
    view = questions([asked(n, f"{text}{n}") for n in range(60)], listing=listing)
    said = compose([listing.section("Tiny kernels", view)])
    assert len(json.dumps(notice(said), ensure_ascii=False).encode()) < 30_000
    told = [line for line in said.plain.split("\n") if line]
    assert len(told) > 8
    assert told[-1] == f"{60 - (len(told) - 2)} more"


def test_talks_share_the_room_in_a_message() -> None:
    listing = QuestionList("!", "questions all", talks=2, all=True)
    view = questions([asked(n, "w" * 400) for n in range(60)], listing=listing)
    first, second = listing.section("Tiny", view), listing.section("Big", view)
    assert len(first.entries) == listing.most == 25
    assert 0 < len(second.entries) < 25
    assert lines(second)[-1] == f"{60 - len(second.entries)} more"


def test_fifty_at_the_most() -> None:
    told = listed([asked(number) for number in range(55)], all=True)
    assert (len(told), told[-1]) == (52, "5 more")


def test_those_answered_take_what_the_others_leave() -> None:
    told = listed([asked(n) for n in range(48)], [asked(n) for n in range(50, 55)], all=True)
    assert [line.startswith("✓") for line in told[1:-1]] == [False] * 48 + [True] * 2
    assert told[-1] == "3 more"


@pytest.mark.parametrize("all", [False, True])
def test_over_a_bridge_three_in_three_lines(all: bool) -> None:
    waiting = [asked(number, votes=9 - number) for number in range(1, 7)]
    told = listed(waiting, [asked(9)], all=all, bridged=True)
    assert told == [
        f"{HEADING} 1 (8 votes) Why? – Bob",
        "2 (7 votes) Why? – Bob",
        "3 (6 votes) Why? – Bob. 3 more",
    ]


def test_those_that_wait_for_a_moderator_come_first_where_they_are_wanted() -> None:
    pending = [asked(3, state=State.PENDING)]
    told = ["⏳ 3 (0 votes) Why? – Bob", "1 (0 votes) Why? – Bob"]
    assert listed([asked(1)], pending=pending, sees_pending=True)[1:] == told
    assert listed([asked(1)], pending=pending)[1:] == told[1:]


def test_nothing_is_open() -> None:
    none_waits = (
        'No question for "Tiny kernels" waits for an answer. '
        "2 questions answered: !questions all. Ask yours: !ask your question"
    )
    assert listed(answered=[asked(1), asked(2)]) == [none_waits]
    no_more = 'No question for "Tiny kernels" yet. No more questions are taken'
    assert listed(closed=True) == [no_more]
    assert listed(may_ask=False) == ['No question for "Tiny kernels" yet']
    assert listed([asked(1)], closed=True)[-1] == "No more questions are taken"


def test_the_marks_of_questions() -> None:
    waiting = [
        asked(1, state=State.ANSWERING),
        asked(2, state=State.STARRED),
        replace(asked(3), asker=""),
    ]
    assert [line.split(" (")[0] for line in listed(waiting)[1:]] == ["▶ now: 1", "★ next: 2", "3"]
    assert listed(waiting)[-1] == "3 (0 votes) Why?"
