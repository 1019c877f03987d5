"""How often the pinned message is edited, and what no limit holds back."""

from __future__ import annotations

import pytest

from fosdembot.db.question_tables import Question
from fosdembot.questions.states import Action, State
from tests.stage import CONTROL, KERNEL, ORGANISER, MakeStage, Stage

from .hall import (
    BRIDGE,
    SECOND,
    Audience,
    board,
    look,
    numbers,
    open_audience,
    open_hall,
    row,
    talk_begins,
)


async def test_at_most_every_thirty_seconds(audience: Audience) -> None:
    stage = audience.stage
    await audience.ask("How small?")
    assert await board(stage) != []
    await audience.ask("How big?")
    for seconds in (1, 10, 29):
        assert await look(stage, 61 + seconds * SECOND) == []
    await audience.ask("How old?")
    assert len(await board(stage, 61 + 30 * SECOND)) == 3
    assert await look(stage, 62) == []


async def test_the_message_itself_is_not_edited_sooner_either(hall: Stage) -> None:
    await hall.tell(60)
    await hall.deliver()
    await Audience(hall).ask("How small?")
    assert await look(hall, 60 + 29 * SECOND) == []
    assert len(await board(hall, 60 + 30 * SECOND)) == 1


async def test_what_is_undone_meanwhile_is_no_edit(audience: Audience) -> None:
    first, second = await audience.ask("How small?", "How big?")
    await board(audience.stage)
    await audience.vote(second)
    await look(audience.stage, 61 + 10 * SECOND)
    await audience.vote(first)
    assert await look(audience.stage, 62) == []


async def test_at_most_so_many_times_a_talk(make_stage: MakeStage) -> None:
    audience = await open_audience(make_stage, questions={"board_edits": 2})
    stage = audience.stage
    edited = []
    for minute in (61, 62, 63, 64):
        await audience.ask(f"Why {minute}?")
        edited.append(bool(await look(stage, minute)))
    assert edited == [True, True, False, False]
    await stage.hear(KERNEL, until=86)
    next_one = Audience(stage, "talk-2")
    await next_one.ask("And now?")
    assert len(await board(stage, 87)) == 1, "the next talk has edits of its own"


async def test_its_limits_survive_a_restart(make_stage: MakeStage) -> None:
    audience = await open_audience(make_stage, questions={"board_edits": 2})
    stage = audience.stage
    for minute, edited in ((61, True), (61.4, False), (61.5, True), (63, False)):
        await audience.ask(f"Why {minute}?")
        stage.clock.set(minute)
        await stage.restart()
        assert bool(await stage.tell()) == edited, minute
        await stage.deliver()


async def test_a_clock_that_is_set_back_lets_nobody_wait_until_it_is_as_late_again(
    audience: Audience,
) -> None:
    stage = audience.stage
    await audience.ask("How small?")
    assert len(await board(stage, 81)) == 1
    await audience.ask("How big?")
    assert await look(stage, 81 + 5 * SECOND) == [], "it is held"
    assert len(await board(stage, 71)) == 2
    await audience.ask("How old?")
    assert await look(stage, 71 + 5 * SECOND) == []
    assert len(await board(stage, 71 + 30 * SECOND)) == 3


async def test_a_change_that_a_crash_kept_from_being_shown(audience: Audience) -> None:
    await audience.ask("How small?")
    await audience.stage.restart()
    [edit] = await audience.stage.tell()
    assert "How small?" in edit.body


async def test_what_a_restart_finds_too_early_is_shown_later(audience: Audience) -> None:
    stage = audience.stage
    await audience.ask("How small?")
    await board(stage)
    await audience.ask("How big?")
    await stage.restart()
    assert await stage.tell(61.1) == []
    assert len(await board(stage, 61.5)) == 2


async def test_no_edits_where_there_are_none(make_stage: MakeStage) -> None:
    audience = await open_audience(make_stage, notices={"edits": "off"})
    stage = audience.stage
    questions = await audience.ask("How small?", "How big?", "How old?", "How new?")
    for question in questions:
        await audience.vote(question, question)
        assert await look(stage, 62 + question) == []
    [qa] = await stage.tell(80)
    assert [line for line in ("How new?", "How old?", "How big?") if line in qa.body] == [
        "How new?",
        "How old?",
        "How big?",
    ]
    assert "How small?" not in qa.body


async def test_nor_over_a_bridge_and_no_more_than_three_lines(make_stage: MakeStage) -> None:
    stage = await open_hall(make_stage)
    await stage.state(KERNEL, *BRIDGE)
    audience = Audience(stage)
    await audience.ask(*("What about this one, which is longer than others? " * 3,) * 1)
    await audience.ask(*(f"Why {n}?" for n in range(7)))
    said = []
    for minute in (60, 61, 70, 80):
        said += await stage.tell(minute) + await look(stage)
    assert {s.kind for s in said} == {"message"}
    assert all(s.body.count("\n") < 3 for s in said)


async def test_nothing_is_edited_while_notices_are_paused(audience: Audience) -> None:
    stage = audience.stage
    await stage.open(CONTROL)
    await stage.say(CONTROL, ORGANISER, "!conf pause all")
    await audience.ask("How small?")
    assert await look(stage, 62) == []
    await stage.say(CONTROL, ORGANISER, "!conf resume all")
    assert len(await board(stage, 63)) == 1


async def test_without_any_edits_it_says_how_many_there_are(make_stage: MakeStage) -> None:
    stage = await open_hall(make_stage, questions={"board_edits": 0})
    audience = Audience(stage)
    await audience.ask("How small?")
    [now] = await stage.tell(60)
    assert now.body.split("\n")[2:] == ["1 question: !questions"]
    await audience.ask("How big?")
    assert await look(stage, 62) == []


# What nobody may read any more.


@pytest.fixture
async def used_up(make_stage: MakeStage) -> Audience:
    """The board shows questions 1 to 5, and may not be edited any more."""
    return Audience(await make_stage(prepared=edits_are_used_up, questions={"board_edits": 1}))


async def edits_are_used_up(stage: Stage) -> None:
    await talk_begins(stage)
    await Audience(stage).ask(*(f"Why {n}?" for n in range(1, 6)))
    assert len(await board(stage)) == 5


async def stand(audience: Audience, question: int, state: State) -> None:
    """Without a command; the boards are told."""
    async with audience.stage.database.write() as session:
        (await session.get_one(Question, question)).state = state
    audience.stage.bot.boards.changed([audience.talk])


@pytest.mark.parametrize("state", [State.DISMISSED, State.WITHDRAWN, State.PENDING])
async def test_it_goes_though_the_edits_are_used_up(used_up: Audience, state: State) -> None:
    stage = used_up.stage
    await stand(used_up, 2, state)
    assert numbers(await board(stage, 62)) == ["1", "3", "4", "5"]
    assert (await row(stage)).edits == 2


@pytest.mark.parametrize("action", [Action.DONE, Action.STAR])
async def test_no_other_change_is_shown_then(used_up: Audience, action: Action) -> None:
    await used_up.act(2, action)
    assert await look(used_up.stage, 62) == []


async def test_nor_before_its_time_is_it_held_back(audience: Audience) -> None:
    stage = audience.stage
    first, _ = await audience.ask("How ugly?", "How big?")
    await board(stage)
    await audience.ask("How old?")
    assert await look(stage, 61 + 4 * SECOND) == [], "that has to wait"
    await audience.act(first, Action.DISMISS)
    assert await look(stage, 61 + 6 * SECOND) == [], "until it has settled"
    lines = await board(stage, 61 + 7 * SECOND)
    assert lines == ["2 (0 votes) How big? – Bob", "1 more: !questions"]
    assert await look(stage, 61 + 36 * SECOND) == []
    assert numbers(await board(stage, 61 + 37 * SECOND)) == ["2", "3"]


async def test_nor_by_a_pause(audience: Audience) -> None:
    stage = audience.stage
    first, _ = await audience.ask("How ugly?", "How big?")
    await board(stage)
    await stage.open(CONTROL)
    await stage.say(CONTROL, ORGANISER, "!conf pause all")
    await audience.ask("How old?")
    assert await look(stage, 62) == []
    await audience.act(first, Action.DISMISS)
    assert numbers(await board(stage, 63)) == ["2", "1"], "and how many more there are"


async def test_nor_by_a_restart(used_up: Audience) -> None:
    stage = used_up.stage
    await used_up.act(2, Action.DISMISS)
    await stage.restart()
    [edit] = await stage.tell()
    assert "Why 2?" not in edit.body


async def test_of_what_is_left_the_best_comes_first(used_up: Audience) -> None:
    stage = used_up.stage
    for question in await used_up.ask(*(f"How {n}?" for n in range(6, 12))):
        await used_up.vote(question, 3)
    await used_up.vote(4)
    await used_up.act(1, Action.DISMISS)
    lines = await board(stage, 62)
    assert numbers(lines) == ["4", "2", "3", "5", "6"]
    assert lines[-1] == "6 more: !questions"


async def test_who_dismisses_and_restores_does_not_edit_without_end(used_up: Audience) -> None:
    stage, edited = used_up.stage, 0
    for minute in range(62, 72, 2):
        await used_up.act(2, Action.DISMISS)
        edited += len(await look(stage, minute))
        await used_up.act(2, Action.RESTORE)
        edited += len(await look(stage, minute + 1))
    assert edited == 1, "and it does not come back"


@pytest.mark.parametrize("how", ["withdraw", "redact"])
async def test_nor_who_asks_and_takes_back(used_up: Audience, how: str) -> None:
    """One takes the place of the other, without end, if something comes in its place."""
    stage, edited = used_up.stage, 0
    await used_up.ask(*(f"And {n}?" for n in range(8)))
    for question in range(1, 10):
        if how == "withdraw":
            await used_up.act(question, Action.WITHDRAW)
        else:
            await used_up.redact(question)
            edited += len([s for s in await stage.news() if "now/" in s.key])
        edited += len(await look(stage, 62 + question / 2))
    assert edited == 5
    assert (await row(stage)).edits == 6
