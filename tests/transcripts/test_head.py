"""What a transcript says of its talk, and when that is not true any more."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from fosdembot.schedule.model import MediaLink, Talk
from fosdembot.talks.slots import Slot
from fosdembot.transcripts.head import Place, head, is_outdated, with_what_is_known
from fosdembot.transcripts.model import People, Privacy, Spoken, Transcript
from fosdembot.transcripts.window import Window

from .samples import at, question

PRIVACY = Privacy(contact="privacy@example.org", chat="kept")
VIDEO = MediaLink("Video recording", "https://video.example.org/tiny.webm")
SUBTITLES = MediaLink("Subtitles", "https://video.example.org/tiny.vtt")
TALK = Talk(
    "tiny",
    "17",
    "Tiny\nkernels \u202e",
    at(0),
    timedelta(minutes=30),
    room="K.1.105",
    persons=("Ada L.",),
    subtitles=(SUBTITLES,),
)
PEOPLE = People(wrote=5, asked=2, voted=9)


def made(talk: Talk = TALK, people: People = PEOPLE, **more: object) -> Transcript:
    place = Place("Test Conf", ZoneInfo("Europe/Brussels"), "#kernel:example.org", "!kernel")
    slot = Slot(talk, at(2), at(34))
    found = head(slot, place, Window(at(-8), at(49)), PRIVACY, [question(1)], people)
    return found.model_copy(update=more)


def test_it_has_what_the_schedule_says_and_what_really_was() -> None:
    transcript = made()
    talk = transcript.talk
    assert (talk.title, talk.persons, talk.place) == ("Tiny kernels", ("Ada L.",), "K.1.105")
    assert (talk.planned.start, talk.actual.start, talk.actual.end) == (at(0), at(2), at(34))
    assert transcript.zone == "Europe/Brussels"
    assert transcript.window.start == at(-8)
    assert [link.url for link in transcript.links.subtitles] == [SUBTITLES.url]


def test_that_a_talk_was_moved_by_a_moderator_does_not_outdate_it() -> None:
    assert not is_outdated(made(), TALK, PRIVACY)


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Small kernels"},
        {"persons": ("Ada L.", "Grace H.")},
        {"start": at(5)},
        {"recordings": (VIDEO,)},
        {"recording_optout": True},
    ],
)
def test_what_the_schedule_says_now_outdates_it(change: dict[str, object]) -> None:
    assert is_outdated(made(), replace(TALK, **change), PRIVACY)  # type: ignore[arg-type]


def test_another_rule_of_what_is_published_outdates_it() -> None:
    assert is_outdated(made(), TALK, PRIVACY.model_copy(update={"chat": "published"}))


def test_what_nobody_can_find_out_any_more_is_kept() -> None:
    spoken = Spoken(second=1300, score=90, quote="It is four kilobytes.")
    old = made(
        questions=(question(1, spoken=spoken),),
        recording_offset=12.5,
        people=People(wrote=5, asked=2, voted=9),
    )
    new = made(people=People(wrote=6))
    kept = with_what_is_known(new, old)
    assert kept.people == People(wrote=6, asked=2, voted=9)
    assert kept.questions[0].spoken == spoken
    assert kept.recording_offset == 12.5
    assert with_what_is_known(new, None) == new


def test_where_a_question_is_said_is_forgotten_with_its_words_or_recording() -> None:
    spoken = Spoken(second=1300, score=90)
    old = made(questions=(question(1, "Another?", spoken=spoken),))
    assert with_what_is_known(made(), old).questions[0].spoken is None
    old = made(questions=(question(1, spoken=spoken),), recording_offset=5.0)
    new = made(replace(TALK, subtitles=(replace(SUBTITLES, url="https://x.example.org/y.vtt"),)))
    assert with_what_is_known(new, old).questions[0].spoken is None
    assert with_what_is_known(new, old).recording_offset is None
