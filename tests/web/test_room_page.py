"""The page of a talk room by HTTP: what it shows, and to whom."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from fosdembot.db.question_tables import Question
from fosdembot.db.transcript_tables import TranscriptRow
from simulation.conference import START, Planned
from simulation.waiting import wait_for

from .known import guest, logged_in
from .world import (
    ADA,
    BOB,
    CLOUD,
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


# Taking part.


async def test_who_is_not_known_reads_and_is_told_how_to_take_part(world: World) -> None:
    await world.ask("How small?")
    text = await page(world)
    assert "/login?room=kernel" in text
    assert "<form" not in text
    for deed in ("ask", "vote", "unvote", "withdraw"):
        answer = await world.post(f"/r/kernel/{deed}", {"question": "1", "text": "How?"})
        assert answer.status == 401
        assert "must know who you are" in answer.json["error"]
    assert await world.votes(1) == 0


async def test_a_question_from_the_page_is_in_the_room_to_be_voted_on(world: World) -> None:
    bob = await logged_in(world.bot, world.database, BOB, "Bob")
    answer = await world.post("/r/kernel/ask", {"text": "How small?"}, headers=bob)
    assert answer.json["said"] == 'Your question is number 1, for "Tiny kernels".'
    await world.running.heard(KERNEL, "1 How small? – Bob")
    await world.running.heard(HOSTS, "How small?")
    posts = [e for e in world.running.room(KERNEL).events if "How small?" in str(e["content"])]
    world.react(EVE, posts[0]["event_id"])
    await until_shown(world, 'data-votes="1"')


async def test_a_vote_on_the_page_and_one_in_the_room_are_one(world: World) -> None:
    number, event = await world.ask("How small?")
    bob = await logged_in(world.bot, world.database, BOB)
    form = {"question": str(number)}
    assert (await world.post("/r/kernel/vote", form, headers=bob)).status == 200
    world.react(BOB, event)
    await world.running.quiet()
    assert await world.votes(number) == 1
    facts = (await world.get("/r/kernel/mine", headers=bob)).json
    assert facts["pressed"] == ["q1"]
    assert 'aria-pressed="true"' in await page(world, person=BOB)
    assert 'aria-pressed="true"' not in await page(world, person=EVE)
    assert (await world.post("/r/kernel/unvote", form, headers=bob)).status == 200
    assert await world.votes(number) == 0


async def test_what_is_sent_twice_is_done_once(world: World) -> None:
    bob = await logged_in(world.bot, world.database, BOB)
    for _ in range(2):
        answer = await world.post("/r/kernel/ask", {"text": "How?"}, act="a1", headers=bob)
        assert (answer.status, "number 1" in answer.json["said"]) == (200, True)
    assert (await page(world)).count('class="number"') == 1


async def test_what_is_refused_is_said_in_words(world: World) -> None:
    await world.ask("How small?", BOB)
    bob = await logged_in(world.bot, world.database, BOB)
    refused = [
        ("ask", {"text": " "}, "Write your question first"),
        ("ask", {"text": "x" * 1001}, "1,001 characters"),
        ("ask", {"text": "How small?"}, "it is question 1"),
        ("ask", {"text": "How?", "talk": "talk-11"}, "does not take place here"),
        ("vote", {"question": "1"}, "your own question"),
        ("vote", {"question": "99"}, "no such question"),
        ("vote", {"question": "1; DROP TABLE"}, "no such question"),
        ("vote", {}, "no such question"),
        ("unvote", {"question": "1"}, "not voted"),
    ]
    for deed, form, words in refused:
        answer = await world.post(f"/r/kernel/{deed}", form, headers=bob)
        assert 400 <= answer.status < 500, (deed, form)
        assert words in answer.json["error"], answer.json
    eve = await logged_in(world.bot, world.database, EVE)
    answer = await world.post("/r/kernel/withdraw", {"question": "1"}, headers=eve)
    assert "Only its asker" in answer.json["error"]
    world.say(MODERATOR, "!qa close")
    await until_shown(world, "No more questions are taken")
    answer = await world.post("/r/kernel/ask", {"text": "Why?"}, headers=bob)
    assert "No more questions are taken" in answer.json["error"]


async def test_an_own_question_is_taken_back(world: World) -> None:
    number, _ = await world.ask("How small?", BOB)
    bob = await logged_in(world.bot, world.database, BOB)
    assert "Take back" in await page(world, person=BOB)
    form = {"question": str(number)}
    assert (await world.post("/r/kernel/withdraw", form, headers=bob)).status == 200
    assert "taken back by you" in await page(world, person=BOB)
    assert "How small?" not in await page(world)
    again = await world.post("/r/kernel/withdraw", form, headers=bob)
    assert again.status in (200, 403)


async def test_a_room_is_not_flooded_by_asking_and_taking_back(
    tmp_path: Path, empty_database: Path
) -> None:
    limits = {"commands_per_minute": 6}
    async with stepped_world(tmp_path, empty_database, limits=limits) as world:
        bob = await logged_in(world.bot, world.database, BOB)
        for number in (1, 2, 3):
            asked = await world.post("/r/kernel/ask", {"text": f"How {number}?"}, headers=bob)
            assert asked.status == 200
            form = {"question": str(number)}
            assert (await world.post("/r/kernel/withdraw", form, headers=bob)).status == 200
        often = await world.post("/r/kernel/ask", {"text": "Once more?"}, headers=bob)
        assert (often.status, "too often" in often.json["error"]) == (429, True)
        await world.stepped.advance(11)
        assert (await world.post("/r/kernel/ask", {"text": "Later?"}, headers=bob)).status == 200


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
        for path in ("/r/kernel", "/r/kernel/t/talk-1"):
            assert "https://archive.example.org/talk-1/" in await page(world, path)


async def test_forms_work_without_the_module(world: World) -> None:
    bob = await logged_in(world.bot, world.database, BOB)
    form = {"text": "How?", "page": "talk-1", "view": "embed", "order": "newest"}
    answer = await world.post("/r/kernel/ask", form, as_json=False, headers=bob)
    assert answer.status == 303
    assert answer.headers["Location"] == "/r/kernel/t/talk-1?order=newest&view=embed"
    refused = await world.post("/r/kernel/ask", {"text": ""}, as_json=False, headers=bob)
    assert (refused.status, "Write your question first" in refused.text) == (403, True)


# Where else to look.


async def test_a_board_is_there_forever(world: World) -> None:
    await world.ask("How small?")
    world.stepped.ahead = timedelta(hours=1)
    text = await page(world)
    assert 'href="/r/kernel/t/talk-1"' in text
    assert "How small?" not in text
    world.stepped.ahead = timedelta(days=30)
    board = await page(world, "/r/kernel/t/talk-1")
    assert "How small?" in board
    assert "Over since" in board


async def test_a_board_in_another_room_is_found(world: World) -> None:
    answer = await world.get("/r/cloud/t/talk-1")
    assert (answer.status, answer.headers["Location"]) == (302, "/r/kernel/t/talk-1")


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


# Guests in the hall.


async def test_a_guest_asks_and_votes_apart_from_persons(
    tmp_path: Path, empty_database: Path
) -> None:
    pages = {"guests": "ask_and_vote"}
    async with stepped_world(tmp_path, empty_database, pages=pages) as world:
        number, _ = await world.ask("How small?")
        name, _, token = (await guest(world.bot, world.database, "talk-1")).partition("=")
        who = {name: token}
        text = (await world.get("/r/kernel", cookie=who)).text
        assert "as a guest in the hall" in text
        assert 'name="nameless"' not in text
        answer = await world.post("/r/kernel/vote", {"question": str(number)}, cookie=who)
        assert answer.status == 200, answer.text
        text = (await world.get("/r/kernel", cookie=who)).text
        assert "0 + 1 in the hall" in text
        assert 'aria-pressed="true"' in text
        assert await world.votes(number) == 0
        asked = await world.post("/r/kernel/ask", {"text": SECRET}, cookie=who)
        assert "A moderator looks at it first" in asked.json["said"]
        assert "Matrix" not in asked.json["said"]
        assert SECRET not in await page(world)
        assert SECRET in (await world.get("/r/kernel", cookie=who)).text
        long = await world.post("/r/kernel/ask", {"text": "x" * 201}, cookie=who)
        assert "201 characters" in long.json["error"]
        await world.ask("How cloudy?", alias=CLOUD)
        for deed in ("ask", "vote", "unvote"):
            form = {"question": "1", "text": "How?"}
            other = await world.post(f"/r/cloud/{deed}", form, cookie=who)
            assert (other.status, "another talk" in other.json["error"]) == (403, True), deed
        assert "as a guest in the hall" not in (await world.get("/r/cloud", cookie=who)).text
        back = await world.post("/r/kernel/unvote", {"question": str(number)}, cookie=who)
        assert back.status == 200
        mine = await world.post("/r/kernel/withdraw", {"question": "2"}, cookie=who)
        assert mine.status == 200, mine.text


async def test_where_guests_may_only_ask_there_is_no_button_to_vote(
    tmp_path: Path, empty_database: Path
) -> None:
    async with stepped_world(tmp_path, empty_database, pages={"guests": "ask"}) as world:
        await world.ask("How small?")
        name, _, token = (await guest(world.bot, world.database, "talk-1")).partition("=")
        text = (await world.get("/r/kernel", cookie={name: token})).text
        assert 'id="ask"' in text
        assert 'id="vote"' not in text
        refused = await world.post("/r/kernel/vote", {"question": "1"}, cookie={name: token})
        assert "not vote" in refused.json["error"]
