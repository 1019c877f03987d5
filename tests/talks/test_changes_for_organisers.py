"""What organisers are told of a changed schedule, and rooms are not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from fosdembot.schedule.identity import Recognised
from fosdembot.schedule.model import MediaLink
from fosdembot.talks.changes import ids_changed, many_ids_changed

from .programme import talk
from .test_changes import A, B, digested, schedule, told


@pytest.mark.parametrize(
    ("change", "counted", "line"),
    [
        ({"track": "Cloud"}, "in another track", "is now in the track Cloud (not Kernel)"),
        (
            {"recording_optout": True},
            "with another word on recording",
            "is not to be recorded any more",
        ),
        ({"kind": "lecture"}, "of another kind", "is now of the kind lecture (not workshop)"),
        ({"language": "de"}, "in another language", "is now in the language de (not en)"),
        ({"hallway": "#hall:x"}, "with another hallway", "has the hallway #hall:x now"),
        (
            {"meeting": "https://meet.example.org/a"},
            "with another meeting",
            "has another meeting for its speaker now",
        ),
    ],
)
def test_organisers_hear_also_what_rooms_need_not_know(
    change: dict[str, Any], counted: str, line: str
) -> None:
    old = replace(A, kind="workshop", language="en")
    new = replace(old, **change)
    assert told([old, B], [new, B]) == {}
    text = digested([old, B], [new, B])
    assert text is not None
    assert text.plain == (
        f"The schedule has changed: 1 {counted}. Told at once: 0 rooms.\n"
        f'Sat 31 Jan 10:00, Hall 1: "Tiny kernels" {line}'
    )
    back = digested([new, B], [old, B])
    assert back is not None
    assert back.plain.startswith(f"The schedule has changed: 1 {counted}.")


def test_kind_and_language_that_are_only_filled_in_are_no_news() -> None:
    assert digested([A], [replace(A, kind="lecture", language="en")]) is None


def test_a_recording_that_appears_is_no_change_of_the_schedule() -> None:
    recorded = replace(A, recordings=(MediaLink("Recording", "https://example.org/a.webm"),))
    assert told([A], [recorded]) == {}
    assert digested([A], [recorded]) is None


def recognised(by: dict[str, int], lost: int, talks: int = 10) -> Recognised:
    return Recognised(schedule(*(talk(str(n), "10:00") for n in range(talks))), by, lost)


@pytest.mark.parametrize(
    ("by", "lost", "said"),
    [
        ({}, 0, None),
        ({}, 5, None),
        ({"title and place": 183}, 183, "183 of 183 talks recognised by title and place"),
        ({"title and place": 1}, 1, "1 of 1 talk recognised by title and place"),
        (
            {"title and start": 2, "title and place": 1000},
            1079,
            "1,000 of 1,079 talks recognised by title and place, 2 by title and start",
        ),
    ],
)
def test_who_was_recognised_under_other_ids(
    by: dict[str, int], lost: int, said: str | None
) -> None:
    text = ids_changed(recognised(by, lost))
    assert (text and text.plain) == (said and f"ids changed; {said}")


def test_a_few_new_ids_are_nobody_s_business() -> None:
    assert not many_ids_changed(recognised({"title and place": 2}, 2))
    assert many_ids_changed(recognised({"title and place": 2, "title and start": 1}, 3))
    assert not many_ids_changed(recognised({}, 0, talks=0))
