"""What may be done on the pages of a talk, and by whom: no link reaches beyond its own."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from fosdembot.conference.page_links import LinkKind
from fosdembot.db.question_tables import Answer, Question
from fosdembot.web import talk_screens
from simulation.conference import Planned

from .known import key_of, overlay_key
from .talk_desk import (
    OTHER,
    TALK,
    asked,
    by_cookie,
    do,
    listed,
    moderator,
    offered,
    said,
    speaker,
    states,
)
from .world import (
    ADA,
    BOT,
    CLOUD,
    HOST,
    KERNEL,
    MODERATOR,
    PROGRAMME,
    STRANGER,
    World,
    empty_database,
    world,
)

__all__ = ["empty_database", "world"]


# Nobody reaches beyond their talk.


@pytest.mark.parametrize("kind", [LinkKind.SPEAKER, LinkKind.MODERATOR])
async def test_a_link_does_nothing_to_the_questions_of_another_talk(
    world: World, kind: LinkKind
) -> None:
    one, two = await asked(world, "One?", "Two?")
    await said(world, await speaker(world), f"take {one}")
    key = await key_of(world.bot, world.database, OTHER, kind)
    own = (
        "take",
        "done",
        "skip",
        "star",
        "dismiss",
        "approve",
        "restore",
        "answer",
        "mute",
        "merge",
    )
    for word in own:
        form = {"text": "Hm.", "into": str(one)}
        assert (await do(world, key, f"{word} {two}", **form)).status == 403, word
    for word in ("next", "finish", "pass", "close", "moderate", "start", "end"):
        assert (await do(world, key, f"{word} {TALK}")).status == 403, word
    assert (await do(world, key, f"delay 5 {TALK}")).status == 403
    assert await said(world, key, f"undo {TALK}") == "There is nothing to take back."
    assert await states(world) == ["answering", "open"]
    for form_name in ("answer", "reason", "merge", "move", "mute"):
        page = await world.get(f"/talk?compose={form_name}+{two}", key=key)
        assert page.status == 404
        assert "Two?" not in page.text


async def test_a_moderators_link_decides_in_its_talk_and_nothing_about_the_room(
    world: World,
) -> None:
    one, two = await asked(world, "One?", "Two?")
    key = await moderator(world)
    assert await said(world, key, f"merge {two}", into=str(one)) == "2 counts for 1 now."
    assert await said(world, key, f"undo {TALK}") == "2 stands as before."
    assert await said(world, key, f"dismiss {two}") == "2 is dismissed."
    assert await said(world, key, f"restore {two}") == "2 is open again."
    assert await said(world, key, f"close {TALK}") == "No more questions are taken."
    assert await said(world, key, f"open {TALK}") == "Questions are taken again."
    words = "That concerns more than this talk: only moderators who are logged in may do it."
    for what in (f"moderate {TALK}", f"delay 5 {TALK}", f"end {TALK}", f"mute {two}"):
        answer = await do(world, key, what)
        assert (answer.status, answer.json) == (403, {"error": words}), what
    moved = await do(world, key, f"move {two}", to=OTHER)
    assert (moved.status, moved.json) == (403, {"error": words})
    shown = offered((await world.get("/talk", key=key)).text)
    assert not {what for what in shown if what.startswith(("moderate", "delay", "mute", "end"))}


async def test_what_was_dismissed_last_can_be_opened_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many there are: it is what somebody dismissed by mistake."""
    monkeypatch.setattr(talk_screens, "_DISMISSED", 2)
    one, two, three = await asked(world, "One?", "Two?", "Three?")
    key = await moderator(world)
    for question in (two, three, one):
        await said(world, key, f"dismiss {question}")
        await world.stepped.advance(1)
    page = (await world.get("/talk", key=key)).text
    assert listed(page) == [f"q{one}", f"q{three}"]
    assert f"restore {one}" in offered(page)


async def test_no_link_merges_into_another_talks_question(world: World) -> None:
    one, two = await asked(world, "One?", "Two?")
    async with world.database.write() as session:
        question = await session.get_one(Question, two)
        question.talk = OTHER
    answer = await do(world, await moderator(world), f"merge {one}", into=str(two))
    assert answer.status == 403
    assert await states(world) == ["open", "open"]


async def test_an_answer_goes_with_its_question_out_of_a_links_reach(world: World) -> None:
    [one] = await asked(world, "One?")
    key = await speaker(world)
    await said(world, key, f"answer {one}", text="Yes.")
    async with world.database.read() as session:
        id_ = await session.scalar(select(Answer.id))
    await said(world, key, f"reword {id_}", text="Well, yes.")
    async with world.database.write() as session:
        (await session.get_one(Question, one)).talk = OTHER
    for what in ("reword", "remove"):
        assert (await do(world, key, f"{what} {id_}", text="Buy this")).status == 403
    async with world.database.read() as session:
        assert await session.scalar(select(Answer.text)) == "Well, yes."


# Moderators who are logged in.


async def test_a_moderator_of_the_room_has_the_page_of_what_is_on(world: World) -> None:
    one, two = await asked(world, "One?", "Two?")
    who = await by_cookie(world, MODERATOR)
    page = (await world.get("/r/kernel/moderate", **who)).text
    assert "Tiny kernels" in page
    for what, words in (
        (f"moderate {TALK}", "A moderator sees each question first now."),
        (f"unmoderate {TALK}", "Questions are let in at once now."),
        (f"mute {one}", "Whoever asked 1 can neither ask nor vote here."),
        (f"unmute {one}", "Whoever asked 1 may ask and vote again."),
        (f"delay 5 {TALK}", "The times of the talk are changed."),
        (f"undo {TALK}", "What was decided about the talk is taken back."),
    ):
        answer = await world.post("/r/kernel/moderate", {"do": what}, **who)
        assert answer.json == {"said": words}
    moved = {"do": f"move {two}", "to": OTHER}
    answer = await world.post("/r/kernel/moderate", moved, **who)
    assert answer.json == {"said": "2 is for another talk now."}
    assert listed((await world.get("/r/kernel/moderate", **who)).text) == [f"q{one}"]
    assert listed((await world.get(f"/r/kernel/moderate?talk={OTHER}", **who)).text) == [f"q{two}"]


async def test_nobody_else_sees_the_moderators_page(world: World) -> None:
    await asked(world, "One?")
    for person in (ADA, STRANGER):
        who = await by_cookie(world, person)
        for path in ("/r/kernel/moderate", "/r/kernel/moderate/events"):
            assert (await world.get(path, **who)).status == 403
        answer = await world.post("/r/kernel/moderate", {"do": f"close {TALK}"}, **who)
        assert answer.status == 403
    nobody = await world.get("/r/kernel/moderate")
    assert nobody.status == 401
    assert 'href="/login?room=kernel">Log in</a>' in nobody.text
    key = await moderator(world)
    assert (await world.get("/r/kernel/moderate", key=key)).status == 401
    assert (await world.get("/r/nowhere/moderate", **who)).status == 404
    assert (await world.get("/r/kernel/moderate?talk=talk-999", **who)).status == 404


async def test_a_moderators_page_follows_its_talk_into_another_room(world: World) -> None:
    """Its stream is over with 403, at which an open page loads itself anew."""
    who = await by_cookie(world, HOST)
    path = f"/r/kernel/moderate/events?talk={OTHER}"
    async with world.watch(path, **who) as stream:
        await stream.sees("Big kernels")
        world.publish(
            PROGRAMME[0], Planned(2, "Big kernels", 85, 25, chat_room=CLOUD), *PROGRAMME[2:]
        )
        await world.stepped.rest()
    assert (await world.get(path, **who)).status == 403
    page = await world.get(f"/r/kernel/moderate?talk={OTHER}&view=aloud", **who)
    assert page.status == 302
    there = f"/r/cloud/moderate?talk={OTHER}&view=aloud"
    assert page.headers["Location"] == there
    assert "Big kernels" in (await world.get(f"/r/cloud/moderate?talk={OTHER}", **who)).text


async def test_a_click_that_another_site_makes_does_nothing(world: World) -> None:
    [one] = await asked(world, "One?")
    who = await by_cookie(world, MODERATOR)
    form, headers = {"do": f"dismiss {one}"}, {"Origin": "https://evil.example"}
    answer = await world.post("/r/kernel/moderate", form, headers=headers, **who)
    assert answer.status == 403
    assert await states(world) == ["open"]


async def test_where_several_talks_are_on_a_moderator_chooses_one(world: World) -> None:
    who = await by_cookie(world, MODERATOR)
    beside = Planned(20, "Beside", 60, 25, place="Loft", chat_room=KERNEL)
    async with world.watch("/r/kernel/moderate/events", **who) as stream:
        world.publish(*PROGRAMME, beside)
        await stream.sees("Several talks are on here. Choose one:")
        await stream.sees('href="?talk=talk-20"')
    page = (await world.get("/r/kernel/moderate?talk=talk-20", **who)).text
    assert "Beside" in page
    assert "next talk-20" in offered(page)


async def test_a_moderator_who_answers_in_writing_is_called_as_in_the_room(world: World) -> None:
    [one] = await asked(world, "How small?")
    # The bot learns names from what people say.
    await world.ask("Mine?", MODERATOR)
    who = await by_cookie(world, MODERATOR)
    form = {"do": f"answer {one}", "text": "4 kB"}
    assert (await world.post("/r/kernel/moderate", form, **who)).status == 200
    said = await world.running.heard(KERNEL, "4 kB")
    assert any("Moderator" in each and "4 kB" in each for each in said)


async def test_an_open_page_is_over_once_its_link_is_revoked(world: World) -> None:
    """Whoever keeps it open would read on what only those may read who run the talk."""
    await asked(world, "One?")
    key = await moderator(world)
    overlay = await overlay_key(world.bot, world.database, KERNEL)
    async with (
        world.stream("/talk/events", key=key) as talk,
        world.stream("/overlay/events", key=overlay) as shown,
    ):
        await talk.sees("One?")
        world.say(MODERATOR, "!talk page revoke")
        await talk.until(lambda it: it.is_over, "the end of the talk's page")
        world.say(MODERATOR, "!talk page revoke overlay")
        await shown.until(lambda it: it.is_over, "the end of the overlay")
    assert (await world.get("/talk/events", key=key)).status == 403


async def test_an_open_page_is_over_for_who_is_no_moderator_any_more(world: World) -> None:
    who = await by_cookie(world, MODERATOR)
    async with world.stream("/r/kernel/moderate/events", **who) as stream:
        await stream.until(lambda it: it.events)
        room = world.running.room(KERNEL)
        powers = room.state["m.room.power_levels", ""]
        room.add(powers["sender"], "m.room.power_levels", {"users": {BOT: 50}}, "")
        await stream.until(lambda it: it.is_over, "the end")


async def test_an_open_page_is_over_for_who_has_logged_out(world: World) -> None:
    who = await by_cookie(world, MODERATOR)
    async with world.stream("/r/kernel/moderate/events", **who) as stream:
        await stream.until(lambda it: it.events)
        assert (await world.post("/logout", {}, **who)).status == 303
        await stream.until(lambda it: it.is_over, "the end")
