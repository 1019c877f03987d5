"""The page of a talk room by HTTP: what it shows, and to whom."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from fosdembot.db.question_tables import Question
from fosdembot.db.transcript_tables import TranscriptRow
from fosdembot.web.live import KEPT
from fosdembot.web.room_reading import RoomReading
from fosdembot.web.rooms_index import RoomsIndex
from simulation.conference import START, Planned
from simulation.waiting import wait_for

from .known import key_of, logged_in, overlay_key
from .world import (
    ADA,
    BOB,
    EVE,
    HOST,
    HOSTS,
    KERNEL,
    MODERATOR,
    PROGRAMME,
    SPEAKER,
    World,
    empty_database,
    stepped_world,
    world,
)

__all__ = ["empty_database", "world"]
SECRET = "Is this between us?"


async def page(world: World, path: str = "/r/kernel", person: str = "") -> str:
    headers = await logged_in(world.bot, world.database, person) if person else {}
    answer = await world.get(path, headers=headers)
    assert answer.status == 200, answer.text
    return answer.text


async def until_shown(world: World, words: str, path: str = "/r/kernel") -> str:
    async def is_shown() -> str | None:
        text = await page(world, path)
        return text if words in text else None

    found = await wait_for(is_shown, what=f"{words!r} on {path}")
    assert found is not None
    return found


# What is on.


async def test_it_says_what_is_on_what_is_next_and_the_next_moment(world: World) -> None:
    text = await page(world)
    for words in ("Tiny kernels", "until 10:25", "Q&amp;A begins at 10:20", "Next", "Big kernels"):
        assert words in text, words
    async with world.watch() as stream:
        await stream.until(lambda it: it.parts, "the first event")
        [told] = [event.data["in"] for event in stream.events if event.data]
        assert told == pytest.approx({"until": 900, "warns_at": 840}, abs=2)


async def test_a_day_goes_by(world: World) -> None:
    """Each moment is drawn though nothing happens."""
    async with world.watch() as stream:
        for minutes, words in (
            (0, "Q&amp;A begins at 10:20"),
            (15, "Q&amp;A now, until 10:25"),
            (20, "On now, until 10:50"),
            (240, "nothing comes today"),
        ):
            world.stepped.ahead = timedelta(minutes=minutes)
            await stream.sees(words, 70)


async def test_the_audience_is_told_by_its_own_time(tmp_path: Path, empty_database: Path) -> None:
    notices = {"stream_delay_seconds": 120}
    async with stepped_world(tmp_path, empty_database, notices=notices) as delayed:
        assert "Q&amp;A begins at 10:22" in await page(delayed)


async def test_a_talk_that_is_cancelled_and_a_break_are_named(world: World) -> None:
    world.publish(*PROGRAMME[1:], Planned(9, "Lunch", 60, 25, chat_room=KERNEL))
    text = await until_shown(world, "Break, until 10:25")
    assert "Cancelled: Tiny kernels" in text
    assert "Big kernels" in text


async def test_several_talks_at_once_each_have_their_questions(world: World) -> None:
    also = Planned(4, "Other kernels", 60, 50, place="Attic", chat_room=KERNEL)
    world.publish(*PROGRAMME, also)
    await until_shown(world, "Other kernels")
    headers = await logged_in(world.bot, world.database, BOB)
    unclear = await world.post("/r/kernel/ask", {"text": "How?"}, headers=headers)
    assert "More than one talk" in unclear.json["error"]
    for talk in ("talk-4", "talk-1"):
        form = {"text": f"How for {talk}?", "talk": talk}
        assert (await world.post("/r/kernel/ask", form, headers=headers)).status == 200
    text = await page(world)
    first, second = text.index("How for talk-"), text.rindex("How for talk-")
    assert text.rindex("<h3", 0, first) < first < text.rindex("<h3", 0, second) < second
    assert 'name="talk" required' in await page(world, person=BOB)
    assert 'name="talk" required' not in text


async def test_there_is_no_page_of_what_is_not_there(world: World) -> None:
    for path in ("/r/nowhere", "/r/kernel/t/nothing", "/r/nowhere/mine", "/r/nowhere/events"):
        assert (await world.get(path)).status == 404, path


# Questions.


async def test_questions_stand_in_their_order_with_votes_states_and_answers(world: World) -> None:
    asked = [await world.ask(f"Question {word}?") for word in ("one", "two", "three", "four")]
    world.react(BOB, asked[2][1])
    world.say(SPEAKER, "!star 2")
    world.say(SPEAKER, "!take 4")
    text = await until_shown(world, "being answered")
    places = [text.index(f"Question {word}?") for word in ("four", "two", "three", "one")]
    assert places == sorted(places)
    assert "taken next" in text
    assert 'data-votes="1"' in text
    world.say(SPEAKER, "!done 4")
    world.say(SPEAKER, "!skip 3")
    text = await until_shown(world, "skipped")
    assert "Answered: 1 question" in text
    assert text.index("Question one?") < text.index("Question three?") < text.index("Answered: 1")


async def test_other_orders_are_one_link_away_and_live(world: World) -> None:
    _, event = await world.ask("Old?")
    world.react(BOB, event)
    await world.ask("New?")
    text = await until_shown(world, 'data-votes="1"', "/r/kernel?order=newest")
    assert text.index("New?") < text.index("Old?")
    assert 'events?order=newest"' in text
    async with world.watch("/r/kernel/events?order=newest") as stream:
        await stream.sees("New?")
        await world.ask("Newest?")
        await stream.sees("Newest?")
        assert "Newest?" in stream.items[stream.order[0]]
    assert (await world.get("/r/kernel?order=worst")).status == 200
    assert (await world.get("/r/kernel?order=%00")).status == 400


async def test_a_long_list_says_how_many_are_left(world: World) -> None:
    async with world.database.write() as session:
        room = world.running.room(KERNEL).room_id
        for number in range(1, 131):
            session.add(_question(room, number))
    text = await page(world)
    assert text.count('class="number"') == 100
    assert "30 questions more" in text
    newest = await page(world, "/r/kernel?order=newest")
    assert "Number 130?" in newest
    assert "Number 30?" not in newest
    assert "Number 130?" in await page(world, "/r/kernel?order=fair")


def _question(room: str, number: int) -> Question:
    return Question(
        scope=room,
        number=number,
        talk="talk-1",
        room_id=room,
        text=f"Number {number}?",
        asker=ADA,
        asker_name="Ada",
        source=f"$made{number}",
        asked_at=START + timedelta(seconds=number),
        state="open",
        state_at=START,
        votes=0,
        hall_votes=0,
    )


async def test_votes_in_the_hall_are_shown_apart(world: World) -> None:
    number, event = await world.ask("How small?")
    world.react(BOB, event)
    await until_shown(world, 'data-votes="1"')
    async with world.database.write() as session:
        question = await world.bot._views.numbered(session, _room(world), number)
        assert question is not None
        for guest in ("a", "b"):
            await world.bot.desk.hall_vote(session, question, f"guest:{guest}", True)
    assert "1 + 2 in the hall" in await page(world)


def _room(world: World) -> str:
    return world.running.room(KERNEL).room_id


async def test_a_closed_talk_and_a_moderated_room_say_so(world: World) -> None:
    world.say(MODERATOR, "!qa close")
    await until_shown(world, "No more questions are taken")
    world.say(MODERATOR, "!qa moderated on")
    await until_shown(world, "a moderator looks at each question first")


# Who may read what.


async def test_what_waits_for_a_moderator_is_seen_by_its_asker_alone(world: World) -> None:
    world.say(MODERATOR, "!qa moderated on")
    await until_shown(world, "a moderator looks at each question first")
    bob = await logged_in(world.bot, world.database, BOB)
    answer = await world.post("/r/kernel/ask", {"text": SECRET}, headers=bob)
    assert "A moderator looks at it first" in answer.json["said"]
    number = answer.json["said"].split("number ")[1].split(",")[0]
    for person in ("", ADA, MODERATOR, HOST, SPEAKER):
        for path in ("/r/kernel", "/r/kernel/t/talk-1", "/r/kernel/mine"):
            assert SECRET not in await page(world, path, person), (person, path)
    assert SECRET in await page(world, person=BOB)
    assert SECRET in (await world.get("/r/kernel/mine", headers=bob)).json["parts"]["you"]
    assert (await world.get("/r/kernel/mine", headers=bob)).json["again"] > 0
    async with world.watch(headers=bob) as stream:
        await stream.until(lambda it: it.parts, "the first event")
        assert SECRET not in stream.shown
    # Nor may others find out that it is there.
    eve = await logged_in(world.bot, world.database, EVE)
    for deed in ("vote", "unvote", "withdraw"):
        refused = await world.post(f"/r/kernel/{deed}", {"question": number}, headers=eve)
        assert (refused.status, "no such question" in refused.json["error"]) == (404, True)


async def test_a_dismissed_question_leaves_the_page_and_its_reason_stays_unsaid(
    world: World,
) -> None:
    await world.ask(SECRET)
    async with world.watch() as stream:
        await stream.sees(SECRET)
        world.say(HOST, "!dismiss kernel 1 that is rude", HOSTS)
        await stream.until(lambda it: not it.order, "an empty list")
    text = await page(world, person=ADA)
    assert "not taken by a moderator" in text
    assert "rude" not in text


async def test_who_asks_without_a_name_is_named_nowhere(world: World) -> None:
    bob = await logged_in(world.bot, world.database, BOB, "Bobby Tables")
    form = {"text": SECRET, "nameless": "yes"}
    answer = await world.post("/r/kernel/ask", form, headers=bob)
    assert "without your name" in answer.json["said"]
    said = await world.running.heard(KERNEL, SECRET)
    assert not any("Bob" in line for line in said)
    for person in ("", EVE, MODERATOR):
        text = await page(world, "/r/kernel", person)
        assert SECRET in text
        assert "Bob" not in text


# Where else to look.


async def test_the_index_begins_with_what_is_on(world: World) -> None:
    text = await page(world, "/")
    assert text.index("On now") < text.index("Small clouds")
    world.stepped.ahead = timedelta(minutes=50)
    text = await page(world, "/")
    places = [text.index(words) for words in ("On now", "/r/cloud", "Other rooms", "/r/kernel")]
    assert places == sorted(places)
    assert "Old kernels" in text


async def test_other_sites_may_frame_only_what_the_settings_say(
    tmp_path: Path, empty_database: Path
) -> None:
    pages = {"framed_by": ["https://stream.example.org"]}
    async with stepped_world(tmp_path, empty_database, pages=pages) as framed:
        policy = (await framed.get("/r/kernel?view=embed")).headers["Content-Security-Policy"]
        assert "frame-ancestors 'self' https://stream.example.org" in policy


async def test_the_transcript_is_linked_once_everybody_may_read_it(
    tmp_path: Path, empty_database: Path
) -> None:
    archive = {"folder": str(tmp_path), "public_url": "https://archive.example.org"}
    contact = {"contact": "privacy@example.org"}
    async with stepped_world(
        tmp_path, empty_database, transcripts=archive, privacy=contact
    ) as world:
        async with world.database.write() as session:
            session.add(TranscriptRow(talk="talk-1", room_id=None, due=None, tries=0))
        world.stepped.ahead = timedelta(hours=2)
        for path in ("/r/kernel", "/r/kernel/t/talk-1"):
            assert "archive.example.org" not in await page(world, path)
        async with world.database.write() as session:
            row = await session.get_one(TranscriptRow, "talk-1")
            row.published = True
        await world.stepped.advance(KEPT + 1)
        for path in ("/r/kernel", "/r/kernel/t/talk-1"):
            assert "https://archive.example.org/talk-1/" in await page(world, path)


async def test_moderators_alone_are_led_to_their_page(world: World) -> None:
    for person, is_led in ((MODERATOR, True), (ADA, False)):
        bearer = await logged_in(world.bot, world.database, person)
        page = (await world.get("/r/kernel", headers=bearer)).text
        assert ("/r/kernel/moderate" in page) is is_led
    assert "/moderate" not in (await world.get("/r/kernel")).text


async def test_who_does_not_want_to_be_named_is_named_on_no_page_for_everybody(
    world: World,
) -> None:
    """Pages stay on the web for ever. In the rooms, and for who runs the talk, nothing changes."""
    await world.ask("How small?", BOB)
    world.say(MODERATOR, "!take 1")
    key = await overlay_key(world.bot, world.database, KERNEL)
    async with (
        world.watch() as room,
        world.watch("/r/kernel/events?view=stage") as stage,
        world.stream("/overlay/events", key=key) as overlay,
    ):
        for each in (room, stage, overlay):
            await each.sees("Bob")
        world.say(BOB, "!privacy optout")
        for each in (room, stage, overlay):
            await each.until(lambda page: "Bob" not in page.shown, "the page without the name")
            assert "How small?" in each.shown
    assert "Bob" not in (await world.get("/r/kernel")).text
    speaker = await key_of(world.bot, world.database, "talk-1")
    assert "Bob" in (await world.get("/talk", key=speaker)).text


async def test_an_answer_of_somebody_who_does_not_want_to_be_named_has_no_name(
    world: World,
) -> None:
    _, event = await world.ask("How small?", BOB)
    relates: Any = {"m.relates_to": {"m.in_reply_to": {"event_id": event}}}
    world.say(SPEAKER, "Very.", **relates)
    async with world.watch() as stream:
        await stream.sees("Speaker")
        world.say(SPEAKER, "!privacy optout")
        await stream.until(lambda page: "Speaker" not in page.shown, "the answer without a name")
        assert "Very." in stream.shown


async def test_a_hall_that_comes_at_once_costs_one_drawing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also those who are logged in, and what their pages ask for themselves."""
    await world.ask("How small?")
    bearer = await logged_in(world.bot, world.database, BOB)
    read, reads = RoomReading.read, []

    async def counted(*given: Any) -> Any:
        reads.append(given)
        return await read(*given)

    monkeypatch.setattr(RoomReading, "read", counted)
    for _ in range(10):
        for path in ("/r/kernel", "/r/kernel/mine"):
            assert (await world.get(path)).status == 200
            assert (await world.get(path, headers=bearer)).status == 200
    assert len(reads) == 1
    await world.ask("How large?")
    assert "How large?" in await page(world, "/r/kernel")


async def test_the_index_is_drawn_once_for_who_comes_within_seconds(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw, drawn = RoomsIndex._room, []

    def counted(*given: Any) -> Any:
        drawn.append(given)
        return draw(*given)

    monkeypatch.setattr(RoomsIndex, "_room", counted)
    for _ in range(10):
        assert "Small clouds" in await page(world, "/")
    assert len(drawn) == 2, "two rooms, each once"
