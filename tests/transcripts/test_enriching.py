"""What subtitles add to a transcript."""

from __future__ import annotations

from datetime import timedelta

from fosdembot.transcripts.enriching import LONGEST_QUOTE, enrich
from fosdembot.transcripts.matching import Asked
from fosdembot.transcripts.model import Question, Spoken, Transcript, Unread
from fosdembot.transcripts.subtitles import Cue

from .samples import START, question, transcript
from .test_matching import BOARD, CLANG, FILLER, SIZE, spoken


def taken(number: int, text: str, second: float) -> Question:
    return question(number, text, taken_at=START + timedelta(seconds=second))


CUES = spoken(
    (105, f"Okay. {SIZE} Well,"),
    (110, "it depends. About a megabyte."),
    (150, f"Next: {CLANG}"),
    (156, "Not much."),
)
TALK = transcript([taken(1, SIZE, 95), taken(2, CLANG, 140)])


def spoken_of(found: Transcript) -> dict[int, Spoken | None]:
    return {each.number: each.spoken for each in found.questions}


def test_a_question_has_its_second_and_a_quote_up_to_the_next_one() -> None:
    found = enrich(TALK, CUES)
    one, two = spoken_of(found).values()
    assert one is not None
    assert two is not None
    assert one.quote == "Well, it depends. About a megabyte. Next:"
    assert two.quote == "Not much."
    assert (round(one.second), round(two.second)) == (105, 150)
    assert one.score is not None
    assert one.score > 90
    assert found.recording_offset is not None
    assert 9 < found.recording_offset < 12


def test_it_can_be_done_again() -> None:
    once = enrich(TALK, CUES)
    assert enrich(once, CUES) == once
    # What was found in another recording's subtitles does not stay.
    assert spoken_of(enrich(once, spoken((5, FILLER)))) == {1: None, 2: None}
    assert enrich(once, spoken((5, FILLER))).recording_offset is None


def test_all_else_stays_as_it_is() -> None:
    found = enrich(TALK, CUES)
    bare = [each.model_copy(update={"spoken": None}) for each in found.questions]
    assert tuple(bare) == TALK.questions
    assert found.model_copy(update={"questions": (), "recording_offset": None}) == (
        TALK.model_copy(update={"questions": ()})
    )
    assert Transcript.model_validate_json(found.model_dump_json()) == found


def test_a_question_that_was_not_read_is_placed_by_the_others_and_claims_nothing() -> None:
    more = [taken(3, BOARD, 143), taken(4, BOARD, 9000), question(5, "Why?")]
    found = enrich(TALK.model_copy(update={"questions": (*TALK.questions, *more)}), CUES)
    placed, after, never = list(spoken_of(found).values())[2:]
    assert placed is not None
    assert 152 < placed.second < 155
    assert (placed.score, placed.quote) == (None, None)
    assert after is None, "it was taken when the recording was over"
    assert never is None
    alone = enrich(transcript([taken(1, SIZE, 95), taken(3, BOARD, 140)]), CUES)
    assert spoken_of(alone)[3] is None, "one question does not show where the talk starts"


def test_before_the_recording_begins_nothing_is_placed() -> None:
    early = taken(3, BOARD, 1)
    earlier = [Cue(cue.start - 100, cue.end - 100, cue.text) for cue in CUES]
    found = enrich(transcript([early, *TALK.questions]), earlier)
    assert spoken_of(found)[3] is None
    assert spoken_of(found)[1] is not None


def test_a_quote_ends_where_a_question_is_read_that_is_not_shown() -> None:
    """Whoever asked it does not want it to be read here."""
    alone = transcript([taken(1, SIZE, 95)])
    [shown] = spoken_of(enrich(alone, CUES, [Asked(0, CLANG, 140)])).values()
    assert shown is not None
    assert shown.quote == "Well, it depends. About a megabyte. Next:"


def test_a_quote_ends_well_before_one_is_read_of_which_only_the_taking_is_known() -> None:
    """Its words are gone, or the host read it in others."""
    cues = [*CUES[:2], *spoken((180, "So it is."), (300, f"Next: {CLANG}"))]
    moment = START + timedelta(seconds=290)
    shorter = "Well, it depends. About a megabyte. So it is."
    for second, quote in ((290, shorter), (150, None)):
        moment = START + timedelta(seconds=second)
        alone = transcript([taken(1, SIZE, 95)], unread=(Unread(number=2, taken_at=moment),))
        [shown] = spoken_of(enrich(alone, cues)).values()
        assert shown is not None
        assert shown.quote == quote
    # What was taken before is no end.
    before = transcript([taken(1, SIZE, 95)])
    [shown] = spoken_of(enrich(before, cues, [Asked(0, BOARD, 20)])).values()
    assert shown is not None
    assert shown.quote is not None
    assert shown.quote.startswith(f"{shorter} Next: ")


def test_a_quote_is_bounded_and_ends_with_a_sentence() -> None:
    long = [Cue(120 + n, 121 + n, f"This is sentence {n} of the answer.") for n in range(100)]
    [found] = spoken_of(enrich(transcript([taken(1, SIZE, 95)]), [*CUES[:1], *long])).values()
    assert found is not None
    assert found.quote is not None
    assert 1000 < len(found.quote) <= LONGEST_QUOTE
    assert found.quote.endswith("of the answer.")
    endless = [Cue(120 + n, 121 + n, "and so on and on") for n in range(300)]
    [found] = spoken_of(enrich(transcript([taken(1, SIZE, 95)]), [*CUES[:1], *endless])).values()
    assert found is not None
    assert found.quote is not None
    assert len(found.quote) <= LONGEST_QUOTE
    assert found.quote.endswith(("and…", "so…", "on…"))


def test_what_is_left_of_the_question_is_not_its_answer() -> None:
    cues = spoken((100, "how small can the kernel get, without any file system, then? Small."))
    [found] = spoken_of(enrich(transcript([taken(1, SIZE, 95)]), cues)).values()
    assert found is not None
    assert found.quote == "Small."
    silent = enrich(transcript([taken(1, SIZE, 95)]), spoken((100, SIZE)))
    [found] = spoken_of(silent).values()
    assert found is not None
    assert found.quote is None
