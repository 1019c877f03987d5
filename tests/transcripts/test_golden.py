"""The golden set: most questions are found where they were read aloud, and none elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from fosdembot.transcripts.matching import match

from .golden_set import NEAR, GoldenTalk, figures, talks

TALKS = talks()
each_talk = pytest.mark.parametrize("talk", TALKS, ids=[talk.name for talk in TALKS])


def test_the_set_is_large_enough_to_say_something() -> None:
    asked = sum(len(talk.asked) for talk in TALKS)
    held_out = sum(len(talk.asked) for talk in TALKS if talk.held_out)
    never = sum(at is None for talk in TALKS for at in talk.read_at.values())
    assert asked >= 40
    assert 3 * held_out >= asked
    assert never >= 12


@pytest.mark.parametrize("held_out", [False, True])
def test_nine_of_ten_are_right(held_out: bool) -> None:
    some = [talk for talk in TALKS if talk.held_out is held_out]
    right = sum(len(talk.right(match(talk.asked, talk.cues))) for talk in some)
    assert right >= 0.9 * sum(len(talk.asked) for talk in some)


@each_talk
def test_none_is_claimed_where_it_was_not_read(talk: GoldenTalk) -> None:
    found = match(talk.asked, talk.cues)
    assert talk.wrong(found) == []
    # Hosts take a question a little before they read it.
    assert found.offset is not None
    assert abs(found.offset - talk.offset) <= NEAR


@each_talk
def test_nor_when_others_are_missing_that_were_read(talk: GoldenTalk) -> None:
    """One that resembles what was read may be the only one that the bot knows of."""
    for left_out in talk.asked:
        rest = [asked for asked in talk.asked if asked is not left_out]
        assert talk.wrong(match(rest, talk.cues)) == []
        assert talk.wrong(match([left_out], talk.cues)) == []
    never = [asked for asked in talk.asked if talk.read_at[asked.number] is None]
    assert match(never, talk.cues).places == {}


@each_talk
def test_nor_in_another_talk(talk: GoldenTalk) -> None:
    for other in TALKS:
        if other is not talk:
            assert match(talk.asked, other.cues).places == {}


def test_the_documented_figures_are_measured() -> None:
    docs = Path(__file__).parents[2] / "docs" / "transcripts.md"
    assert figures() in docs.read_text()
