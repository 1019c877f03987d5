"""Which places in subtitles are taken for the reading of a question, and which are not."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fosdembot.transcripts.matching import MOST_QUESTIONS, THRESHOLD, Asked, Matches, match
from fosdembot.transcripts.subtitles import Cue
from fosdembot.transcripts.words import sound, words

SIZE = "How small can the kernel get without any file system?"
CLANG = "Does it matter whether one builds everything with clang?"
BOARD = "Which board would you recommend to a beginner?"
FILLER = "and then we measured the memory again which took a while to be honest"


def spoken(*said: tuple[float, str]) -> list[Cue]:
    return [Cue(at, at + 5, text) for at, text in said]


def seconds(found: Matches) -> dict[int, int]:
    return {number: round(place.second) for number, place in found.places.items()}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Two hundred and fifty, of them", ["250", "of", "them"]),
        ("ninety-six percent and nine", ["96", "percent", "and", "9"]),
        ("one, two, three", ["1", "2", "3"]),
        ("a million and one; two thousand five hundred", ["a", "1000001", "2500"]),
        ("twenty two and a half", ["22", "and", "a", "half"]),
        ("a hundred and", ["a", "100", "and"]),
        ("ARM64 can't um LOCK_TIMEOUT", ["arm", "64", "can", "t", "lock", "timeout"]),
        ("Größe, café, ﬁle", ["groesse", "cafe", "file"]),
        ("…!", []),
    ],
)
def test_words_are_made_equal(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_words_that_sound_alike_are_the_same() -> None:
    assert sound("kernel") == sound("colonel")
    assert sound("optimise") == sound("optimize")
    assert sound("edits") != sound("reactions")


def test_a_question_is_found_as_a_machine_heard_it() -> None:
    heard = "next how small can the colonel get with out any file systems"
    found = match([Asked(1, SIZE, 100)], spoken((20, FILLER), (110, heard), (120, FILLER)))
    assert seconds(found) == {1: 110}
    [place] = found.places.values()
    assert THRESHOLD <= place.score <= 100
    assert 113 < place.end <= 115
    assert found.offset is None, "one question may be wrong"


def test_two_questions_tell_where_the_talk_starts() -> None:
    cues = spoken((1010, SIZE), (1110, CLANG), (1200, FILLER))
    found = match([Asked(1, SIZE, 100), Asked(2, CLANG, 190), Asked(3, BOARD, 300)], cues)
    assert seconds(found) == {1: 1010, 2: 1110}
    assert found.offset == pytest.approx(915)


def test_what_the_speaker_says_in_the_talk_is_not_the_question_being_read() -> None:
    cues = spoken((60, SIZE), (1010, CLANG), (1080, BOARD))
    asked = [Asked(1, SIZE, 1020), Asked(2, CLANG, 1000), Asked(3, BOARD, 1070)]
    assert seconds(match(asked, cues)) == {2: 1010, 3: 1080}
    assert match([Asked(1, SIZE, 1020)], cues).places == {}


def test_the_reading_counts_and_not_its_repetition() -> None:
    cues = spoken((100, SIZE), (112, f"so {SIZE}"), (300, FILLER))
    assert seconds(match([Asked(1, SIZE, 90)], cues)) == {1: 100}


def test_a_place_belongs_to_one_question() -> None:
    """The one that is read; also where the other resembles it."""
    other = "How small can the kernel get with any file system?"
    cues = spoken((100, SIZE), (200, CLANG))
    found = match([Asked(1, other, 92), Asked(2, SIZE, 95), Asked(3, CLANG, 195)], cues)
    assert set(found.places) in ({2, 3}, {1, 3})
    assert len({place.second for place in found.places.values()}) == 2


def test_one_that_differs_in_a_telling_word_is_another_question() -> None:
    cues = spoken((100, "does the bridge support message reactions"), (200, SIZE))
    asked = [Asked(1, "Does the bridge support message edits?", 95), Asked(2, SIZE, 195)]
    assert seconds(match(asked, cues)) == {2: 200}


def test_places_follow_the_order_of_taking() -> None:
    """The second time that a question is heard is not before one that was taken later."""
    cues = spoken((100, SIZE), (230, CLANG), (240, BOARD), (330, CLANG))
    asked = [Asked(1, SIZE, 100), Asked(2, BOARD, 240), Asked(3, CLANG, 305)]
    assert seconds(match(asked, cues)) == {1: 100, 2: 240, 3: 330}


def test_two_that_were_taken_together_may_be_read_the_other_way_round() -> None:
    cues = spoken((100, SIZE), (130, CLANG), (200, BOARD))
    asked = [Asked(1, CLANG, 90), Asked(2, SIZE, 92), Asked(3, BOARD, 195)]
    assert seconds(match(asked, cues)) == {1: 130, 2: 100, 3: 200}


def test_a_question_that_says_little_needs_others_that_show_where() -> None:
    cues = spoken((40, "does it boot yes it does"), (100, SIZE), (130, "does it boot"))
    boots = Asked(2, "Does it boot?", 125)
    assert match([boots], cues).places == {}
    assert seconds(match([Asked(1, SIZE, 95), boots], cues)) == {1: 100, 2: 130}
    far = Asked(2, "Does it boot?", 300)
    assert seconds(match([Asked(1, SIZE, 95), far], cues)) == {1: 100}


def test_one_that_nobody_took_is_found_among_the_others() -> None:
    cues = spoken((100, SIZE), (150, BOARD), (200, CLANG))
    asked = [Asked(1, SIZE, 95), Asked(2, CLANG, 195), Asked(3, BOARD, None)]
    assert seconds(match(asked, cues)) == {1: 100, 2: 200, 3: 150}
    in_the_talk = spoken((50, BOARD), (100, SIZE), (200, CLANG))
    assert seconds(match(asked, in_the_talk)) == {1: 100, 2: 200}
    twice = spoken((100, SIZE), (150, BOARD), (200, CLANG), (400, BOARD))
    assert seconds(match(asked, twice)) == {1: 100, 2: 200}


def test_nothing_to_find_is_nothing_found() -> None:
    assert match([], spoken((1, SIZE))) == Matches({}, None)
    assert match([Asked(1, SIZE, 1)], []) == Matches({}, None)
    assert (
        match([Asked(1, "???", 1), Asked(2, "is it so", 2)], spoken((1, "is it so"))).places == {}
    )


def test_a_hostile_file_takes_no_long_time() -> None:
    """The question again and again, and far too many questions."""
    cues = [Cue(n, n + 1, f"{SIZE} x{n} " * 4) for n in range(600)]
    asked = [Asked(n, f"{SIZE} x{n}", float(n)) for n in range(MOST_QUESTIONS + 50)]
    found = match(asked[:: MOST_QUESTIONS // 10], cues)
    assert len(found.places) <= len(asked)


@given(
    st.dictionaries(st.integers(0, 90), st.sampled_from([SIZE, CLANG, BOARD, FILLER]), max_size=6),
    st.lists(
        st.tuples(st.sampled_from([SIZE, CLANG, BOARD]), st.none() | st.floats(0, 900)), max_size=5
    ),
)
def test_places_are_in_order_apart_and_good(
    said: dict[int, str], questions: list[tuple[str, float | None]]
) -> None:
    cues = spoken(*((10 * at, text) for at, text in sorted(said.items())))
    asked = [Asked(n, text, taken) for n, (text, taken) in enumerate(questions)]
    found = match(asked, cues)
    assert found == match(asked, cues)
    placed = sorted((place.second, number) for number, place in found.places.items())
    assert len({second for second, _ in placed}) == len(placed)
    assert all(place.score >= THRESHOLD for place in found.places.values())
    taken = [asked[number].taken for _, number in placed if asked[number].taken is not None]
    assert all(one <= other + 60 for one, other in pairwise(taken) if one and other)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("Can the openbridge livepatch its puppets?", "can the open bridge live patch its puppets"),
        ("Can the open-bridge live-patch its puppets?", "can the openbridge livepatch its puppets"),
        ("Can the OpenBridge livepatch its puppets?", "can the oven bridge life patch its puppets"),
    ],
)
def test_what_is_written_in_one_word_may_be_heard_as_two(typed: str, read: str) -> None:
    [place] = match([Asked(1, typed, 95)], spoken((100, read))).places.values()
    assert place.score > 85
