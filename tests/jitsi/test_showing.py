"""Which question is shown next: a table, and what holds of all of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fosdembot.conference.meeting_lines import Shows
from fosdembot.jitsi.showing import Later, Show, Told, following
from fosdembot.questions.states import State
from fosdembot.questions.views import QuestionView
from fosdembot.texts import meetings as texts
from simulation.conference import START

EVERY = timedelta(seconds=60)
BEST, TAKEN, NONE = Shows.BEST, Shows.TAKEN, Shows.NONE


def view(id_: int, state: State = State.OPEN) -> QuestionView:
    return QuestionView(id_, id_, "How?", "Bob", 0, state)


def told(
    question: int | None, shows: Shows = BEST, *, waits: bool = True, readable: bool = True
) -> Told:
    return Told(1, START, shows, question, readable, waits and question is not None)


ONE, TWO = view(1), view(2)
ONE_TAKEN, TWO_TAKEN = view(1, State.ANSWERING), view(2, State.ANSWERING)


@pytest.mark.parametrize(
    ("top", "before", "seconds", "template"),
    [
        (None, None, 0, None),
        (None, told(1, waits=False), 0, texts.NO_MORE),
        (None, told(None, NONE), 0, None),
        (ONE, None, 0, texts.FIRST),
        (ONE, told(None, NONE), 0, texts.NEXT),
        (ONE, told(1), 99, None),
        (ONE, told(1, TAKEN), 99, None),
        (ONE, told(1, waits=False), 99, None),
        (ONE, told(1, readable=False), 59, "later"),
        (ONE, told(1, readable=False), 60, texts.AGAIN),
        (TWO, told(1, waits=False), 0, texts.NEXT),
        (TWO, told(1), 59, "later"),
        (TWO, told(1), -1, texts.NOW_FIRST),
        (TWO, told(1), 60, texts.NOW_FIRST),
        (TWO, told(1, TAKEN), 59, "later"),
        (ONE_TAKEN, None, 0, texts.TAKEN),
        (ONE_TAKEN, told(1), 0, texts.TAKEN),
        (ONE_TAKEN, told(1, TAKEN), 99, None),
        (ONE_TAKEN, told(1, TAKEN, readable=False), 59, "later"),
        (ONE_TAKEN, told(1, TAKEN, readable=False), 60, texts.AGAIN),
        (TWO_TAKEN, told(1), 0, texts.TAKEN),
        (TWO_TAKEN, told(1, TAKEN), 0, texts.TAKEN),
    ],
)
def test_what_follows(
    top: QuestionView | None, before: Told | None, seconds: int, template: str | None
) -> None:
    now = START + timedelta(seconds=seconds)
    match following(top, before, now, EVERY, is_open=True):
        case Show(template=found, question=question):
            assert found == template
            assert question == top
        case Later(at=at):
            assert template == "later"
            assert at == START + EVERY
        case None:
            assert template is None


def test_while_questions_are_not_shown_only_one_that_is_taken_is() -> None:
    now = START + EVERY
    assert following(ONE, None, now, EVERY, is_open=False) is None
    assert following(None, told(1, waits=False), now, EVERY, is_open=False) is None
    assert following(ONE_TAKEN, None, now, EVERY, is_open=False) == Show(
        texts.TAKEN, TAKEN, ONE_TAKEN
    )


TOLD = st.none() | st.builds(
    told,
    st.none() | st.integers(1, 2),
    st.sampled_from(Shows),
    waits=st.booleans(),
    readable=st.booleans(),
)
TOP = st.none() | st.builds(view, st.integers(1, 2), st.sampled_from([State.OPEN, State.ANSWERING]))


@given(TOP, TOLD, st.integers(0, 120), st.booleans())
def test_after_it_was_said_nothing_follows_until_something_changes(
    top: QuestionView | None, before: Told | None, seconds: int, is_open: bool
) -> None:
    now = START + timedelta(seconds=seconds)
    found = following(top, before, now, EVERY, is_open=is_open)
    if isinstance(found, Show):
        id_ = top.id if top is not None else None
        said = Told(2, now, found.shows, id_, waits=top is not None)
        assert following(top, said, now + 10 * EVERY, EVERY, is_open=is_open) is None
