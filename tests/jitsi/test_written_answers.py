"""Written answers that are given in a meeting."""

from __future__ import annotations

from sqlalchemy import select

from fosdembot.db.question_tables import Answer
from fosdembot.questions.states import Action
from tests.chat.floor import redact
from tests.stage import KERNEL, MODERATOR, STRANGER, in_room

from .hall import QA, Hall
from .stand_in import LEO, MIRA

NEXT = "Next: 2 (0 votes): How big? – Bob"


async def written(hall: Hall) -> list[tuple[str, str]]:
    async with hall.stage.database.read() as session:
        return [(a.author_name, a.text) for a in await session.scalars(select(Answer))]


async def test_an_answer_is_kept_posted_and_closes_the_question(qa: Hall) -> None:
    await qa.hears("!next")
    await qa.stage.news()
    assert await qa.hears("!answer Two kilobytes.\nNo less.") == [
        f"Your answer to 1 is in the talk room. {NEXT}"
    ]
    assert await written(qa) == [("Mira", "Two kilobytes.\nNo less.")]
    assert await qa.state(1) == "answered"
    [posted] = [s for s in in_room(await qa.stage.news(), KERNEL) if "Two kilobytes" in s]
    assert "Mira" in posted


async def test_who_asked_without_a_name_is_told_in_their_direct_chat(hall: Hall) -> None:
    asker = "@shy:example.org"
    chat = await hall.stage.open_direct(asker)
    hall.at(QA)
    await hall.ask("Who pays?", name="", direct=asker)
    [shown] = await hall.look()
    assert shown.endswith("First: 1 (0 votes): Who pays?")
    await hall.hears("You do.", reply_to=hall.meeting.id_of("Who pays?"))
    [told] = in_room(await hall.stage.news(), chat)
    assert "You do." in told


async def test_an_answer_is_to_the_one_on_show_where_none_is_taken(qa: Hall) -> None:
    await qa.hears("!answer Tiny.")
    assert await qa.states(1, 2) == ["answered", "open"]
    assert await qa.hears("!answer") == ["What is the answer? Type !answer and your answer."]


async def test_an_answer_is_to_what_is_still_answered_as_the_next_talk_begins(qa: Hall) -> None:
    await qa.ask("Bigger?", talk=2)
    await qa.hears("!next")
    qa.at(85.5)
    await qa.look()
    assert await qa.hears("!answer Tiny.") == ["Your answer to 1 is in the talk room."]
    assert await qa.states(1, 4) == ["answered", "open for talk-2"]


async def test_a_reply_to_a_question_answers_that_one(qa: Hall) -> None:
    first = qa.meeting.id_of("First: 1")
    await qa.act(1, Action.SKIP)
    await qa.look()
    assert await qa.hears("Two kilobytes.", reply_to=first) == [
        f"Your answer to 1 is in the talk room. {NEXT}"
    ]
    assert await written(qa) == [("Mira", "Two kilobytes.")]
    assert await qa.states(1, 2) == ["answered", "open"]


async def test_a_command_in_reply_is_a_command(qa: Hall) -> None:
    first = qa.meeting.id_of("First: 1")
    await qa.hears("!skip", reply_to=first)
    await qa.hears("!no idea", reply_to=first)
    assert await written(qa) == []
    assert await qa.state(1) == "skipped"


async def test_a_reply_after_the_talk_is_kept_as_well(qa: Hall) -> None:
    first = qa.meeting.id_of("First: 1")
    qa.at(100)
    await qa.look()
    assert await qa.hears("Two kilobytes.", reply_to=first) == [
        "Your answer to 1 is in the talk room."
    ]


async def test_a_reply_to_what_was_dismissed_is_not_kept(qa: Hall) -> None:
    first = qa.meeting.id_of("First: 1")
    await qa.act(1, Action.DISMISS)
    await qa.look()
    assert await qa.hears("Two.", reply_to=first) == ["1 is dismissed already."]
    assert await written(qa) == []


async def test_what_a_moderator_deletes_in_the_room_is_no_answer_any_more(qa: Hall) -> None:
    """Who typed it in the meeting cannot take it back there."""
    await qa.hears("Skip that idiot", reply_to=qa.meeting.id_of("First: 1"))
    await qa.stage.deliver()
    [posted] = [each for each in await qa.stage.outbox(KERNEL) if "idiot" in each.body]
    await redact(qa.stage, STRANGER, f"$sent{posted.key}")
    assert await written(qa) == [("Mira", "Skip that idiot")]
    await redact(qa.stage, MODERATOR, f"$sent{posted.key}")
    assert await written(qa) == [("Mira", "")]
    assert await qa.state(1) == "open", "it waits for another answer"


async def test_replies_of_others_and_to_others_are_no_answers(qa: Hall) -> None:
    first = qa.meeting.id_of("First: 1")
    assert await qa.hears("I know!", LEO, reply_to=first) == []
    assert await qa.hears("Nice", MIRA, reply_to="something else") == []
    qa.at(83)
    await qa.look()
    assert await qa.hears("Oh", reply_to=qa.meeting.id_of("2 minutes left")) == []
    assert await written(qa) == []
