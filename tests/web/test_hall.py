"""Guests in the hall: by the code on the stage to a question on the board."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from sqlalchemy import select

from fosdembot.conference import page_sessions
from fosdembot.db.page_tables import PageSession
from fosdembot.db.question_tables import Question
from fosdembot.texts import hall as hall_texts
from fosdembot.texts import page_hall as texts
from fosdembot.texts import page_room as room_texts
from fosdembot.web.hall import MOST_FROM_ADDRESS
from simulation.pages import Answer
from simulation.waiting import wait_for

from .known import cookie_of
from .known import guest as guest_cookie
from .world import (
    ADA,
    BOB,
    CLOUD,
    EVE,
    HOST,
    HOSTS,
    KERNEL,
    MODERATOR,
    World,
    empty_database,
    stepped_world,
    world,
)

__all__ = ["empty_database", "world"]


@pytest.fixture
async def hall(tmp_path: Path, empty_database: Path) -> AsyncIterator[World]:
    """Guests may ask and vote."""
    async with stepped_world(tmp_path, empty_database, pages={"guests": "ask_and_vote"}) as made:
        yield made


def code_of(world: World, alias: str = KERNEL) -> str:
    codes = world.bot.hall_codes
    return codes.code(alias)


def cookie(answer: Answer) -> dict[str, str]:
    """What the browser was given."""
    name, _, value = answer.headers["Set-Cookie"].partition(";")[0].partition("=")
    return {name: value}


async def come_in(world: World, alias: str = KERNEL) -> dict[str, str]:
    """Somebody scans the code, and presses the button."""
    path = f"/g/{code_of(world, alias)}"
    page = await world.get(path)
    assert page.status == 200
    assert texts.COME_IN in page.text
    answer = await world.post(path, as_json=False)
    assert answer.status == 303
    assert answer.headers["Location"] == "/in?room=kernel", "where it is seen whether it is kept"
    return cookie(answer)


async def test_the_room_page_says_how_guests_come_in(hall: World) -> None:
    assert room_texts.IN_THE_HALL in (await hall.get("/r/kernel")).text
    hall.say(MODERATOR, "!qa guests off")
    async with hall.watch():

        async def is_gone() -> bool:
            return room_texts.IN_THE_HALL not in (await hall.get("/r/kernel")).text

        await wait_for(is_gone, what="the page without the hint")


async def test_only_the_button_lets_somebody_in(hall: World) -> None:
    """What looks at addresses before people do takes no place."""
    await hall.get(f"/g/{code_of(hall)}")
    async with hall.database.read() as session:
        assert (await session.scalars(select(PageSession))).all() == []
    await come_in(hall)
    async with hall.database.read() as session:
        [guest] = await session.scalars(select(PageSession))
    assert re.fullmatch(r"guest:\S{20,}", guest.person)
    assert (guest.talk, guest.name) == ("talk-1", "")


async def test_a_guest_is_one_however_often_they_scan(hall: World) -> None:
    guest = await come_in(hall)
    for method in ("GET", "POST"):
        path, headers = f"/g/{code_of(hall)}", {"Origin": hall.origin}
        again = await hall.request(method, path, cookie=guest, headers=headers)
        assert (again.status, again.headers["Location"]) == (303, "/r/kernel")
        assert "Set-Cookie" not in again.headers


async def test_who_is_logged_in_stays_who_they_are(hall: World) -> None:
    name, _, token = (await cookie_of(hall.bot, hall.database, ADA)).partition("=")
    answer = await hall.post(f"/g/{code_of(hall)}", as_json=False, cookie={name: token})
    assert answer.status == 303
    assert "Set-Cookie" not in answer.headers


async def test_a_code_is_too_old_after_two_steps_and_says_what_to_do(hall: World) -> None:
    path = f"/g/{code_of(hall)}"
    await hall.stepped.advance(5 * 60)
    assert (await hall.get(path)).status == 200, "who scanned it a moment ago"
    await hall.stepped.advance(5 * 60)
    for answer in (await hall.get(path), await hall.post(path, as_json=False)):
        assert answer.status == 410
        assert texts.TOO_OLD in answer.text
        assert "Set-Cookie" not in answer.headers


async def test_what_is_no_code_is_refused_in_the_same_words(hall: World) -> None:
    for code in ("BCDFGH", "%F0%9F%99%82", "x" * 1500, "<b>"):
        answer = await hall.get(f"/g/{code}")
        assert answer.status == 410, code
        assert texts.TOO_OLD in answer.text, code


async def test_another_site_lets_nobody_in(hall: World) -> None:
    headers = {"Origin": "https://evil.example"}
    answer = await hall.post(f"/g/{code_of(hall)}", as_json=False, headers=headers)
    assert answer.status == 403
    assert "Set-Cookie" not in answer.headers


async def test_where_no_guests_are_wanted_the_code_opens_nothing(world: World) -> None:
    answer = await world.get(f"/g/{code_of(world)}")
    assert answer.status == 403
    assert hall_texts.NO_GUESTS in answer.text


async def test_where_no_talk_is_on_nobody_comes_in(tmp_path: Path, empty_database: Path) -> None:
    settings = {"guests": "ask"}
    async with stepped_world(tmp_path, empty_database, at=65, pages=settings) as made:
        made.stepped.ahead += timedelta(hours=14)
        answer = await made.get(f"/g/{code_of(made)}")
        assert answer.status == 409
        assert texts.NO_TALK in answer.text


async def test_nobody_guesses_for_long(
    tmp_path: Path, empty_database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MOST_FROM_ADDRESS >= 2 * 1000, "a lecture hall comes in behind one address"
    monkeypatch.setattr("fosdembot.web.hall.MOST_FROM_ADDRESS", 5)
    async with stepped_world(tmp_path, empty_database, pages={"guests": "ask"}) as made:
        statuses = [(await made.get("/g/BCDFGH")).status for _ in range(5)]
        assert statuses == [410] * 5
        assert (await made.get(f"/g/{code_of(made)}")).status == 429
        assert (await made.post(f"/g/{code_of(made)}")).status == 429
        await made.stepped.advance(60)
        assert (await made.get(f"/g/{code_of(made)}")).status == 200


async def test_who_moderates_decides_by_room(world: World) -> None:
    world.say(MODERATOR, "!qa guests ask")

    async def is_open() -> bool:
        return (await world.get(f"/g/{code_of(world)}")).status == 200

    await wait_for(is_open, what="guests in KERNEL")
    assert (await world.get(f"/g/{code_of(world, CLOUD)}")).status == 403


# What they do then.


async def act(world: World, deed: str, who: dict[str, str], **form: str) -> Answer:
    return await world.post(f"/r/kernel/{deed}", form, cookie=who)


async def test_from_the_hall_to_the_board(hall: World) -> None:
    """Asked, read by a moderator, let in, on the board without a name, voted for."""
    guest, other = await come_in(hall), await come_in(hall)
    asked = await act(hall, "ask", guest, text="Is this <b>on</b>?", talk="talk-2")
    assert asked.status == 200
    assert "1" in asked.json["said"]
    await hall.running.heard(HOSTS, "from the hall")
    assert "Is this &lt;b&gt;on&lt;/b&gt;?" not in (await hall.get("/r/kernel")).text
    mine = await hall.get("/r/kernel/mine", cookie=guest)
    assert "Is this &lt;b&gt;on&lt;/b&gt;?" in mine.json["parts"]["you"]
    assert "Is this" not in (await hall.get("/r/kernel/mine", cookie=other)).text
    async with hall.watch() as stream:
        hall.say(HOST, "kernel approve 1", HOSTS)
        await stream.sees("Is this &lt;b&gt;on&lt;/b&gt;?")
        assert "guest" not in stream.shown
        await hall.running.heard(KERNEL, "Is this <b>on</b>?")
        await act(hall, "vote", other, question="1")
        await stream.sees("0 + 1 in the hall")
        hall.say(BOB, "!vote 1")
        await stream.sees("1 + 1 in the hall")
        voted = await hall.get("/r/kernel/mine", cookie=other)
        assert voted.json["pressed"] == ["q1"]
        await act(hall, "unvote", other, question="1")
        await stream.until(lambda page: "in the hall" not in page.shown)
    async with hall.database.read() as session:
        question = (await session.scalars(select(Question))).one()
        assert (question.talk, question.asker_name) == ("talk-1", ""), "the talk they came for"


async def test_a_guest_takes_their_question_back(hall: World) -> None:
    guest, other = await come_in(hall), await come_in(hall)
    await act(hall, "ask", guest, text="Is this on?")
    assert (await act(hall, "withdraw", other, question="1")).status == 404, "nobody may know of it"
    assert (await act(hall, "withdraw", guest, question="1")).status == 200


async def test_a_guest_of_another_room_does_nothing_here(hall: World) -> None:
    await hall.ask("How small?")
    name, _, token = (await guest_cookie(hall.bot, hall.database, "talk-11")).partition("=")
    for deed, form in (("ask", {"text": "Why?"}), ("vote", {"question": "1"})):
        answer = await act(hall, deed, {name: token}, **form)
        assert (answer.status, answer.json["error"]) == (403, hall_texts.OTHER_TALK)
    assert await hall.votes(1) == 0


async def test_a_guest_of_an_earlier_talk_is_told_how_to_take_part_in_this_one(
    hall: World,
) -> None:
    """No form stands there that would be refused, or ask in a talk that is over."""
    guest = await come_in(hall)
    await act(hall, "ask", guest, text="Why?")
    you = (await hall.get("/r/kernel/mine", cookie=guest)).json["parts"]["you"]
    assert ('id="ask"' in you, 'id="vote"' in you, "You came in" in you) == (True, True, False)
    await hall.stepped.advance(30 * 60)
    you = (await hall.get("/r/kernel/mine", cookie=guest)).json["parts"]["you"]
    assert "You came in for Tiny kernels." in you
    assert ('id="ask"' in you, 'id="vote"' in you) == (False, False)
    assert "Why?" in you, "what became of theirs"


async def test_in_a_full_hall_those_stay_who_take_part(
    hall: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_sessions, "MOST_GUESTS", 2)
    await hall.ask("How small?")
    voter, idle = await come_in(hall), await come_in(hall)
    assert (await act(hall, "vote", voter, question="1")).status == 200
    asker = await come_in(hall)
    assert (await act(hall, "vote", idle, question="1")).status == 401
    assert (await act(hall, "ask", asker, text="Why?")).status == 200
    assert (await hall.post(f"/g/{code_of(hall)}", as_json=False)).status == 503
    for each in (voter, asker):
        assert 'id="ask"' in (await hall.get("/r/kernel/mine", cookie=each)).json["parts"]["you"]


async def test_a_guest_is_offered_what_they_may_do_on_the_board_of_their_talk(
    hall: World,
) -> None:
    guest = await come_in(hall)
    own, other = "/r/kernel/mine?talk=talk-1", "/r/kernel/mine?talk=talk-2"
    you = (await hall.get(own, cookie=guest)).json["parts"]["you"]
    assert 'Your question is for "Tiny kernels".' in unescape(you)
    await act(hall, "ask", guest, text="Why?")
    await hall.ask("How small?")
    for minutes in (0, 30):
        await hall.stepped.advance(minutes * 60)
        you = (await hall.get(own, cookie=guest)).json["parts"]["you"]
        assert ('id="ask"' in you, 'id="vote"' in you, "You came in" in you) == (True, True, False)
        you = (await hall.get(other, cookie=guest)).json["parts"]["you"]
        assert ('id="ask"' in you, 'id="vote"' in you) == (False, False), "it would be refused"
        assert "You came in for Tiny kernels." in you
    assert (await act(hall, "vote", guest, question="2")).status == 200, "for an hour"


async def test_what_a_guest_is_refused_is_said(hall: World) -> None:
    guest = await come_in(hall)
    long = await act(hall, "ask", guest, text="x" * 201)
    assert long.json["error"].startswith("That has 201 characters.")
    for text in ("Why?", "How?"):
        assert (await act(hall, "ask", guest, text=text)).status == 200
    third = await act(hall, "ask", guest, text="When?")
    assert third.status == 403
    assert third.json["error"]


async def test_where_guests_only_ask_there_is_no_way_to_vote(
    tmp_path: Path, empty_database: Path
) -> None:
    async with stepped_world(tmp_path, empty_database, pages={"guests": "ask"}) as made:
        await made.ask("How small?")
        guest = await come_in(made)
        page = await made.get("/r/kernel", cookie=guest)
        assert 'id="ask"' in page.text
        assert 'id="vote"' not in page.text
        answer = await act(made, "vote", guest, question="1")
        assert answer.json["error"] == hall_texts.ONLY_ASK
        made.say(MODERATOR, "!qa guests off")

        async def is_closed() -> bool:
            return (await act(made, "ask", guest, text="Why?")).status == 403

        await wait_for(is_closed, what="no guests")


async def test_where_no_more_questions_are_taken_nobody_in_the_hall_is_asked_for_some(
    hall: World,
) -> None:
    entry, stage = f"/g/{code_of(hall)}", "/r/kernel?view=stage"
    assert "You can ask without an account" in (await hall.get(entry)).text
    assert texts.SCAN_GUEST_VOTE in (await hall.get(stage)).text
    hall.say(MODERATOR, "!qa close")

    async def is_closed() -> bool:
        return texts.SCAN_GUEST_CLOSED in (await hall.get(stage)).text

    await wait_for(is_closed, what="no more questions")
    assert texts.SCAN_GUEST_VOTE not in (await hall.get(stage)).text
    page = (await hall.get(entry)).text
    assert texts.CLOSED in page
    assert "You can ask" not in page


async def test_500_guests_vote_and_all_are_counted(hall: World) -> None:
    """How fast that is: `bench/guests.py`."""
    await hall.ask("How small?")
    [name] = await come_in(hall)
    expires = hall.clock.now() + timedelta(hours=1)
    async with hall.database.write() as session:
        start = hall.bot.page_sessions.start_guest
        tokens = [await start(session, "talk-1", expires) for _ in range(500)]
    cookies = [{name: token} for token in tokens if token is not None]
    votes = [act(hall, "vote", each, question="1") for each in cookies]
    statuses = [answer.status for answer in await asyncio.gather(*votes)]
    assert statuses == [200] * 500
    again = [act(hall, "vote", each, question="1") for each in cookies[:50]]
    await asyncio.gather(*again)
    async with hall.database.read() as session:
        question = (await session.scalars(select(Question))).one()
        assert (question.hall_votes, question.votes) == (500, 0)


# The stage.


async def test_the_stage_shows_the_code_and_lets_nobody_press_anything(hall: World) -> None:
    page = await hall.get("/r/kernel?view=stage")
    assert page.status == 200
    address = f"/g/{code_of(hall)}<"
    assert f"{hall.url.partition('://')[2]}<" in page.text
    assert address in page.text
    assert "<svg" in page.text
    assert not re.search("<(button|input|a) ", page.text)
    async with hall.watch("/r/kernel/events?view=stage") as stream:
        await stream.sees(address)
        await hall.stepped.advance(5 * 60)
        await stream.sees(f"/g/{code_of(hall)}")
        assert address not in stream.shown


async def test_without_guests_the_stage_leads_to_the_room_page(world: World) -> None:
    page = await world.get("/r/kernel?view=stage")
    assert ">/r/kernel<" in page.text
    assert "/g/" not in page.text
    async with world.watch("/r/kernel/events?view=stage") as stream:
        await stream.sees("/r/kernel<")
        world.say(MODERATOR, "!qa guests ask")
        await stream.sees(f"/g/{code_of(world)}")


async def test_names_and_unread_questions_are_not_for_the_hall(world: World) -> None:
    await world.ask("How small?", EVE)
    await world.ask("How odd?", EVE)
    async with world.watch("/r/kernel/events?view=stage") as stream:
        world.say(MODERATOR, "!star 1")
        await stream.sees("How small?")
        assert "How odd?" not in stream.shown, "no moderator has read it"
        assert "Eve" not in stream.shown, "nobody knows yet whether it will be taken"
        world.say(MODERATOR, "!take 1")
        await stream.sees("Being answered")
        assert "Eve" in stream.shown
        assert stream.said[-1] == "Being answered: 1. How small?"
        world.say(MODERATOR, "!qa moderated")
        await stream.sees("How odd?")


async def test_who_guesses_a_code_keeps_nobody_from_writing(hall: World) -> None:
    async with hall.database.no_writing(), asyncio.timeout(5):
        assert (await hall.post("/g/BBBBBB", {})).status == 410
