"""What moderators decide about talks: what the room is told, and what is then told of them.

It begins at 9:00, the first talks of `PROGRAMME` at 10:00: that is minute 60.
"""

from __future__ import annotations

import pytest

from fosdembot.chat.commands.talk import minutes_in
from simulation.conference import Planned
from tests.stage import (
    CLOUD,
    CONTROL,
    KERNEL,
    MODERATOR,
    ORGANISER,
    MakeStage,
    Stage,
    in_room,
    talks,
)

WRONG = " Wrong? !undo"


async def command(stage: Stage, body: str, minutes: float | None = None) -> str:
    """What a moderator is answered in the room, without the offer to undo it."""
    if minutes is not None:
        stage.clock.set(minutes)
    said = await stage.say(KERNEL, MODERATOR, body)
    [answer] = in_room(said, KERNEL)
    return answer.removesuffix(WRONG)


async def heard(stage: Stage, until: int) -> list[str]:
    return await stage.hear(KERNEL, until)


async def test_a_day_without_decisions(conference: Stage) -> None:
    assert await heard(conference, until=150) == [
        "09:50 heads_up 1 10:00",
        "09:55~heads_up 1 10:00",
        "09:59~heads_up 1 10:00",
        "10:00 now 1 10:25 10:20",
        "10:20 qa 1 10:25 10:25",
        "10:25 now 2 10:50 10:45",
        "10:45 qa 2 10:50 11:00",
        "11:00 now 3 11:25 11:20",
        "11:20 qa 3 11:25",
    ]


async def test_a_delay_before_the_start(conference: Stage) -> None:
    await heard(conference, until=52)
    assert await command(conference, "!talk delay 10") == (
        '"Tiny kernels" is 10 minutes late: 10:10 to 10:35. "Big kernels" starts at 10:35 now.'
    )
    told = await heard(conference, until=86)
    assert told == [
        "10:00 heads_up 1 10:10",
        "10:05~heads_up 1 10:10",
        "10:09~heads_up 1 10:10",
        "10:10 now 1 10:35 10:30",
    ], "nothing at the old times, once at the new ones"
    told = await heard(conference, until=150)
    assert [line for line in told if " now " in line] == [
        "10:35 now 2 11:00 10:55",
        "11:00 now 3 11:25 11:20",
    ], "the gap before the third talk takes the delay up"


async def test_an_overrun_talk_moves_the_others(conference: Stage) -> None:
    await heard(conference, until=80)
    assert await command(conference, "!talk delay 15", 84) == (
        '"Tiny kernels" is 15 minutes late: 10:15 to 10:40. '
        '"Big kernels" starts at 10:40 now. "Old kernels" starts at 11:05 now.'
    )
    told = [line for line in await heard(conference, until=150) if "now " in line]
    assert told == [
        "10:24~now 1 10:40 10:35",
        "10:40 now 2 11:05 11:00",
        "11:05 now 3 11:30 11:25",
    ]


async def test_more_talks_than_two_that_move_are_counted(make_stage: MakeStage) -> None:
    stage = await make_stage()
    await stage.publish(*talks(*(Planned(n, f"Talk {n}", 60 + 20 * n, 20) for n in range(6))))
    await stage.open(KERNEL, {MODERATOR: 50})
    await stage.news()
    assert await command(stage, "!talk delay 1") == (
        '"Talk 0" is 1 minute late: 10:01 to 10:21. "Talk 1" starts at 10:21 now. '
        '"Talk 2" starts at 10:41 now. And 3 more talks: !schedule.'
    )


@pytest.mark.parametrize("typed", ["10", "+10", "10 min", "10 minutes", "10min", "１０", "10\n"])
def test_minutes_as_people_type_them(typed: str) -> None:
    assert minutes_in(typed) == (10, "")


@pytest.mark.parametrize("typed", ["", "later", "-5", "ten", "5.5", "1000000", "x" * 60_000])
def test_no_number_of_minutes(typed: str) -> None:
    assert minutes_in(typed) is None


@pytest.mark.parametrize("typed", ["", "x" * 60_000])
async def test_who_types_no_minutes_is_told_how_to(conference: Stage, typed: str) -> None:
    answer = await command(conference, f"!talk delay {typed}")
    assert answer == "How many minutes late? Type !talk delay 10"


async def test_too_many_minutes(conference: Stage) -> None:
    answer = await command(conference, "!talk delay 721")
    assert answer == "Between 0 and 720 minutes, please: !talk delay 10"


async def test_on_time_again(conference: Stage) -> None:
    await command(conference, "!talk delay 10")
    assert await command(conference, "!talk delay 0") == (
        '"Tiny kernels" is on as planned: 10:00 to 10:25. "Big kernels" starts at 10:25 now.'
    )
    assert await command(conference, "!talk delay 0") == "That is so already."


async def test_a_delay_by_id(conference: Stage) -> None:
    answer = await command(conference, "!talk delay 10 min #3")
    assert answer == '"Old kernels" is 10 minutes late: 11:10 to 11:35.'


async def test_a_start_is_told_once_more_only_if_it_says_something_else(conference: Stage) -> None:
    await heard(conference, until=60)
    assert await command(conference, "!talk start", 63) == (
        '"Tiny kernels" has started. It ends at 10:25.'
    )
    assert await command(conference, "!talk start", 64) == "That is so already."
    assert await heard(conference, until=84) == ["10:20 qa 1 10:25 10:25"]


async def test_the_talk_whose_start_is_nearest_has_started(conference: Stage) -> None:
    answer = await command(conference, "!talk start", 73)
    assert answer.startswith('"Big kernels" has started.')


async def test_a_speaker_who_comes_after_all(conference: Stage) -> None:
    await heard(conference, until=60)
    await command(conference, "!talk noshow", 65)
    assert await command(conference, "!talk start", 70) == (
        '"Tiny kernels" has started. It ends at 10:25.'
    )
    assert await heard(conference, until=79) == [], "the room knows that it is on"
    assert await heard(conference, until=80) == ["10:20 qa 1 10:25 10:25"]


async def test_a_start_before_its_time(conference: Stage) -> None:
    await heard(conference, until=54)
    await command(conference, "!talk start", 56)
    told = await heard(conference, until=65)
    assert told == ["09:56 now 1 10:25 10:20"]


async def test_the_end(conference: Stage) -> None:
    await heard(conference, until=70)
    assert await command(conference, "!talk end", 75) == (
        '"Tiny kernels" is over. Next, at 10:25: "Big kernels".'
    )
    told = await heard(conference, until=84)
    assert told == ["10:15~now 1 10:25"], "no Q&A of what is over, and what comes next"
    assert (await heard(conference, until=85))[0].startswith("10:25 now 2")


async def test_the_end_of_what_has_not_begun(conference: Stage) -> None:
    answer = await command(conference, "!talk end")
    assert answer == '"Tiny kernels" has not started. To take it off: !talk cancel 1'
    assert "is cancelled" in await command(conference, "!talk cancel 1")


@pytest.mark.parametrize("action", ["cancel", "noshow"])
async def test_what_does_not_take_place_is_not_announced(conference: Stage, action: str) -> None:
    await heard(conference, until=40)
    answer = await command(conference, f"!talk {action}")
    assert answer.endswith('Next, at 10:25: "Big kernels".')
    assert ("the speaker is not here" in answer) is (action == "noshow")
    told = await heard(conference, until=100)
    assert not any("_up 1" in line or " now 1" in line for line in told)
    assert "10:25 now 2 10:50 10:45" in told


@pytest.mark.parametrize(("action", "first"), [("cancel", 65), ("noshow", 65), ("end", 84.75)])
async def test_a_second_moderator_a_moment_later_takes_off_no_other_talk(
    conference: Stage, action: str, first: float
) -> None:
    await command(conference, f"!talk {action}", first)
    assert await command(conference, f"!talk {action}", first + 0.5) == (
        f'That is so already of "Tiny kernels". For another talk: !talk {action} ID'
    )
    assert '"Big kernels"' in await command(conference, f"!talk {action} 2", first + 0.6)


async def test_a_minute_later_the_next_talk_is_meant(conference: Stage) -> None:
    await command(conference, "!talk cancel", 65)
    assert '"Big kernels" is cancelled' in await command(conference, "!talk cancel", 66)


async def test_who_took_off_a_later_talk_may_take_off_this_one_as_well(conference: Stage) -> None:
    await command(conference, "!talk cancel 2", 65)
    assert '"Tiny kernels" is cancelled' in await command(conference, "!talk cancel", 65.2)


async def test_what_was_undone_is_no_second_time(conference: Stage) -> None:
    for typed in ("!talk cancel", "!undo", "!talk cancel"):
        answer = await command(conference, typed, 65)
    assert '"Tiny kernels" is cancelled' in answer


async def test_what_is_cancelled_comes_back_as_it_says(conference: Stage) -> None:
    await command(conference, "!talk cancel")
    answer = await command(conference, "!talk delay 5 1")
    assert answer == '"Tiny kernels" is cancelled. To bring it back: !talk reset 1'
    answer = await command(conference, "!talk reset 1")
    assert answer == '"Tiny kernels" is on as planned: 10:00 to 10:25.'
    assert any(" now " in line for line in await heard(conference, until=60))


async def test_another_talk_is_on_now(conference: Stage) -> None:
    await heard(conference, until=60)
    answer = await command(conference, "!talk now", 62)
    assert answer == (
        'Which talk is on now? Type !talk now ID: 1 "Tiny kernels", 2 "Big kernels", '
        '3 "Old kernels"'
    )
    answer = await command(conference, "!talk now 3")
    assert answer == '"Old kernels" is on now, until 10:27. "Big kernels" starts at 10:27 now.'
    told = await heard(conference, until=150)
    assert told[:2] == ["10:02~now 1", "10:02 now 3 10:27 10:22"]
    assert sum(" now " in line for line in told) == 2, "it is not told again at its old time"


async def test_undo_takes_back_one_after_the_other(conference: Stage) -> None:
    await heard(conference, until=40)
    await command(conference, "!talk delay 10")
    await command(conference, "!talk delay 20")
    await command(conference, "!talk cancel 3")
    assert await command(conference, "!undo") == (
        'Taken back. "Old kernels" is 10 minutes late: 11:10 to 11:35.'
    )
    assert await command(conference, "!undo") == (
        'Taken back. "Tiny kernels" is 10 minutes late: 10:10 to 10:35. '
        '"Big kernels" starts at 10:35 now. "Old kernels" starts at 11:00 now.'
    )
    assert await command(conference, "!undo") == (
        'Taken back. "Tiny kernels" is on as planned: 10:00 to 10:25. '
        '"Big kernels" starts at 10:25 now.'
    )
    assert await command(conference, "!undo") == "Nothing to take back here."
    told = [line for line in await heard(conference, until=150) if " now " in line]
    assert [line[:5] for line in told] == ["10:00", "10:25", "11:00"]


async def test_several_talks_at_once_are_told_apart(make_stage: MakeStage) -> None:
    stage = await make_stage()
    await stage.publish(
        *talks(
            Planned(101, "Here", 60, 25, place="Attic"),
            Planned(102, "There", 60, 25, place="Hall"),
            Planned(103, "Later", 85, 25, place="Attic"),
        )
    )
    await stage.open(KERNEL, {MODERATOR: 50})
    await stage.news()
    which = 'Which talk? Add its ID, like !talk delay 10 101: 101 "Here", 102 "There"'
    assert await command(stage, "!talk delay 10") == which
    assert await command(stage, "!talk delay 10 101") == (
        '"Here" is 10 minutes late: 10:10 to 10:35. "Later" starts at 10:35 now.'
    )
    assert "like !talk cancel 102:" in await command(stage, "!talk cancel", 71)
    assert "There" in await command(stage, "!talk cancel 102")


async def test_no_such_talk(conference: Stage) -> None:
    answer = await command(conference, "!talk cancel 99")
    assert answer == (
        'No talk of this room has that ID. These are here: 1 "Tiny kernels", 2 "Big kernels", '
        '3 "Old kernels"'
    )
    assert (await command(conference, "!talk cancel 11")).startswith("No talk of this room")


async def test_after_the_last_talk(conference: Stage) -> None:
    conference.clock.set(200)
    assert await command(conference, "!talk delay 10") == (
        "No talk is on here, and none is to come. For one that is over: !talk now ID"
    )
    assert await command(conference, "!talk now") == (
        'Which talk is on now? Type !talk now ID: 3 "Old kernels"'
    )
    assert await command(conference, "!talk delay 200 3") == (
        '"Old kernels" is over. If it is on after all: !talk now 3'
    )
    assert (await command(conference, "!talk now 3")).startswith('"Old kernels" is on now, until')


@pytest.mark.parametrize("action", ["delay 10", "end"])
async def test_tomorrow_s_talk_is_not_meant_unless_it_is_named(
    make_stage: MakeStage, action: str
) -> None:
    stage = await make_stage()
    tomorrow = Planned(2, "Big kernels", 24 * 60, 25)
    await stage.publish(*talks(Planned(1, "Tiny kernels", 60, 25), tomorrow))
    for alias in (KERNEL, CONTROL):
        await stage.open(alias, {MODERATOR: 50})
    await stage.news()
    stage.clock.set(90)
    which = f'Which talk? Add its ID, like !talk {action} 2: 2 "Big kernels"'
    assert await command(stage, f"!talk {action}") == which
    said = await stage.say(CONTROL, ORGANISER, f"!talk {action}")
    assert in_room(said, CONTROL) == [which]
    said = await stage.say(CONTROL, ORGANISER, f"!talk kern {action}")
    assert in_room(said, CONTROL) == [which.replace("!talk", "!talk kern")]
    if action != "end":
        assert '"Big kernels"' in await command(stage, f"!talk {action} 2")


async def test_what_would_be_over(conference: Stage) -> None:
    await command(conference, "!talk delay 30")
    answer = await command(conference, "!talk delay 5 1", 100)
    assert answer == 'With that, "Tiny kernels" would be over already. To end it: !talk end 1'
    assert '"Tiny kernels" is over.' in await command(conference, "!talk end 1")


async def test_a_talk_that_vanished_cannot_be_brought_back_by_hand(conference: Stage) -> None:
    await conference.publish(*talks(Planned(1, "Tiny kernels", 60, 25)))
    await conference.news()
    for body in ("!talk reset 2", "!talk now 2", "!talk delay 5 2"):
        assert (await command(conference, body)).startswith(
            '"Big kernels" is not in the published schedule any more'
        )
    assert await command(conference, "!talk reset") == "That is so already."


async def test_from_the_control_room_the_answer_says_how_to_go_on_there(conference: Stage) -> None:
    for body, expected in {
        "!talk delay 10": "Which room? Add a part of its name, like !talk kernel delay 10",
        "!talk page revoke 1": "Which room? Add a part of its name, like "
        "!talk kernel page revoke 1",
        "!talk kernal delay 10": 'No room or track is called "kernal". The room comes first, like '
        "!talk kernel",
        "!talk": "Which room? Add a part of its name, like !talk kernel",
        "!undo": "Which room? Add a part of its name, like !undo kernel",
        "!talk kernel delay": "How many minutes late? Type !talk kernel delay 10",
        "!talk kern stop": "!talk kern alone tells what is on.",
        "!talk l delay 10": 'More than one room fits "l": kernel, cloud. Type more of its name.',
        "!talk kernel end": "To take it off: !talk kernel cancel 1",
        "!talk Cloud delay 5": "Wrong? !undo Cloud",
        "!talk #kernel:example.org delay 5": "Wrong? !undo #kernel:example.org",
        "!talk kernel start x": "No talk of this room has that ID.",
        "!talk attic": "Nothing is on right now.",
    }.items():
        said = await conference.say(CONTROL, ORGANISER, body)
        [answer] = in_room(said, CONTROL)
        assert expected in answer


async def test_a_room_hears_when_another_room_moves_its_talks(make_stage: MakeStage) -> None:
    """One hall, a chat room for each talk."""
    stage = await make_stage()
    await stage.publish(
        Planned(1, "First", 60, 25, chat_room=KERNEL),
        Planned(2, "Second", 85, 25, chat_room=CLOUD),
        Planned(3, "Third", 110, 25, chat_room=KERNEL),
    )
    await stage.open(KERNEL, {MODERATOR: 50})
    await stage.open(CLOUD)
    await stage.news()
    said = await stage.say(KERNEL, MODERATOR, "!talk delay 10")
    assert in_room(said, KERNEL) == [
        '"First" is 10 minutes late: 10:10 to 10:35. "Third" starts at 11:00 now. Wrong? !undo'
    ]
    assert in_room(said, CLOUD) == ['"Second" starts at 10:35 now.']
    said = await stage.say(KERNEL, MODERATOR, "!undo")
    assert in_room(said, CLOUD) == ['"Second" starts at 10:25 now.']


async def test_what_was_said_while_the_bot_was_away_counts_from_when_it_was_said(
    conference: Stage,
) -> None:
    conference.clock.set(80)
    said = await conference.say(KERNEL, MODERATOR, "!talk end", at=70)
    assert in_room(said, KERNEL) == [
        '"Tiny kernels" is over. Next, at 10:25: "Big kernels". Wrong? !undo'
    ]
