"""Two talks without a gap between them: nothing of the one leaks into the other."""

from __future__ import annotations

from tests.chat.audience import ADA, BOB, asked, chips, questions, votes
from tests.chat.floor import tap
from tests.committed import Said
from tests.stage import KERNEL, Stage


async def test_nothing_leaks_from_one_talk_into_the_next(floor: Stage) -> None:
    # "Tiny kernels" until 10:25, "Big kernels" from then on.
    await floor.tell()
    await floor.deliver()
    tiny, _ = await asked(floor, "How tiny?", ADA)
    await tap(floor, BOB, tiny, "👍")
    board = await _board(floor, 66)
    assert board.key.startswith("edit:now/")
    assert "How tiny?" in board.body
    await floor.deliver()

    before, _ = await asked(floor, "In the last second?", BOB, at=84.99)
    await floor.tell(85)
    await floor.deliver()
    after, said = await asked(floor, "How big?", BOB)
    # Typed while the first was on, and read by the bot only now.
    late, _ = await asked(floor, "Typed in time?", ADA, at=84.995)
    talks = {question.source: question.talk for question in await questions(floor)}
    assert talks == {tiny: "talk-1", before: "talk-1", after: "talk-2", late: "talk-1"}
    assert [q.number for q in await questions(floor)] == [1, 2, 3, 4]
    assert said == ""
    assert (await chips(floor))[after] == "Q3"

    # A late vote, by number or by a tap, is one for the talk before.
    await floor.say(KERNEL, "@carol:example.org", "!vote 1")
    await tap(floor, "@dan:example.org", tiny, "Q1")
    await floor.say(KERNEL, "@carol:example.org", "!vote 3")
    assert [await votes(floor, number) for number in (1, 2, 3, 4)] == [3, 0, 1, 0]

    board = await _board(floor, 86)
    assert '"Big kernels"' in board.body
    assert "3 (1 vote) How big?" in board.body
    for text in ("How tiny?", "In the last second?", "Typed in time?"):
        assert text not in board.body
    listed = await floor.say(KERNEL, ADA, "!questions")
    assert "How big?" in listed[0].body
    assert "tiny" not in listed[0].body

    # Between the second and the third a number means what it always meant.
    floor.clock.set(112)
    await floor.say(KERNEL, "@eve:example.org", "!vote 1")
    await floor.say(KERNEL, "@eve:example.org", "!vote 3")
    assert [await votes(floor, number) for number in (1, 3)] == [4, 2]


async def _board(stage: Stage, minutes: float) -> Said:
    """The pinned message as it is edited by then."""
    stage.clock.set(minutes)
    await stage.bot.boards.step()
    said = await stage.news()
    return next(s for s in said if s.key.startswith("edit:now/"))
