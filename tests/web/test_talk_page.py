"""The pages of those who run a talk, by HTTP: what they show to whom, and what is done there."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from pathlib import Path

from sqlalchemy import select

from fosdembot.db.question_tables import Question
from fosdembot.db.tables import Room
from simulation.conference import Planned
from simulation.waiting import wait_for

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
    BOB,
    BOT,
    HOST,
    HOSTS,
    KERNEL,
    MODERATOR,
    PROGRAMME,
    World,
    empty_database,
    stepped_world,
    world,
)

__all__ = ["empty_database", "world"]
WRITTEN = "Your answer to 1 is posted in the room, and reaches whoever asked."


# The speaker's.


async def test_a_speaker_sees_what_is_answered_first_then_what_waits_then_what_was_answered(
    world: World,
) -> None:
    one, two, three = await asked(world, "One?", "Two?", "Three?")
    key = await speaker(world)
    await said(world, key, f"done {one}")
    await said(world, key, f"take {three}")
    page = (await world.get("/talk", key=key)).text
    assert listed(page) == [f"q{three}", f"q{two}", f"q{one}"]
    assert "Being answered now" in page
    assert "Tiny kernels" in page


async def test_each_button_says_what_came_of_it_and_the_stream_shows_it(world: World) -> None:
    one, two = await asked(world, "One?", "Two?")
    key = await speaker(world)
    async with world.watch("/talk/events", key=key) as stream:
        for what, words, state in (
            (f"take {one}", "1 is being answered.", ["answering", "open"]),
            (f"done {one}", "1 is answered.", ["answered", "open"]),
            (f"star {two}", "2 is to be taken next.", ["answered", "starred"]),
            (f"unstar {two}", "2 is among the others again.", ["answered", "open"]),
            (f"skip {two}", "2 is behind the others now.", ["answered", "open"]),
            (f"undo {TALK}", "2 stands as before.", ["answered", "open"]),
            (f"next {TALK}", "2 is being answered.", ["answered", "answering"]),
            (f"finish {TALK}", "2 is answered.", ["answered", "answered"]),
            (f"undo {TALK}", "2 stands as before.", ["answered", "answering"]),
        ):
            assert await said(world, key, what) == words
            assert await states(world) == state
        await stream.sees("Being answered now")
        assert stream.said[-1].startswith("Being answered: 2. Two?")


async def test_the_next_of_page_and_chat_at_once_is_one_question(world: World) -> None:
    await asked(world, "One?", "Two?")
    key = await speaker(world)
    world.say(MODERATOR, "!take")
    await wait_for(lambda: _is(world, ["answering", "open"]), what="the command")
    assert await said(world, key, f"next {TALK}") == (
        "Question 1 was taken a moment ago. For the one after it, press again in a few seconds."
    )
    assert await states(world) == ["answering", "open"]


async def _is(world: World, wanted: list[str]) -> bool:
    return await states(world) == wanted


async def test_next_after_the_last_question_closes_it(world: World) -> None:
    [one] = await asked(world, "One?")
    key = await speaker(world)
    await said(world, key, f"take {one}")
    await world.stepped.advance(60)
    for words in ("No question waits any more.", "That is done."):
        form = {"do": f"next {TALK}"}
        # The second time as a browser repeats it whose answer was lost.
        answer = await world.post("/talk/do", form, key=key, act="abc")
        assert answer.json == {"said": words}
    assert await states(world) == ["answered"]


async def test_a_tap_whose_answer_was_lost_counts_once(world: World) -> None:
    one, two = await asked(world, "One?", "Two?")
    key = await speaker(world)
    for _ in range(2):
        form = {"do": f"star {two}"}
        assert (await world.post("/talk/do", form, key=key, act="abc")).status == 200
    assert await states(world) == ["open", "starred"]
    other = await world.post("/talk/do", {"do": f"star {one}"}, key=key, act="abc")
    assert other.status == 403
    assert await states(world) == ["open", "starred"]


async def test_a_speaker_sees_nothing_that_is_a_moderators(world: World) -> None:
    """What waits for one, what was dismissed and why, and what only they may do."""
    await asked(world, "Known?", "Bad?")
    world.say(HOST, "kernel dismiss 2 Terrible reason", alias=HOSTS)
    world.say(MODERATOR, "!qa moderated")
    await asked(world, "Secret?")
    await wait_for(lambda: _is(world, ["open", "dismissed", "pending"]), what="the question")
    key = await speaker(world)
    for view in ("", "backstage", "aloud", "card"):
        page = (await world.get(f"/talk?view={view}", key=key)).text
        assert not [word for word in ("Secret?", "Bad?", "Terrible") if word in page]
        words = {what.partition(" ")[0] for what in offered(page)}
        assert words <= {"take", "done", "skip", "star", "unstar", "next", "finish", "pass", "undo"}
    # Ids are easy to guess.
    for id_ in range(1, 5):
        for form in ("answer", "reason", "merge", "move", "mute"):
            page = (await world.get(f"/talk?compose={form}+{id_}", key=key)).text
            assert not [word for word in ("Secret?", "Bad?", "Terrible") if word in page]
    shown = (await world.get("/talk", key=await moderator(world))).text
    assert "Secret?" in shown and "Bad?" in shown  # noqa: PT018
    assert "Terrible" not in shown


async def test_a_nameless_asker_stays_nameless(world: World) -> None:
    await asked(world, "Whose?")
    async with world.database.write() as session:
        question = (await session.scalars(select(Question))).one()
        question.asker_name = ""
    for key in (await speaker(world), await moderator(world)):
        page = (await world.get("/talk", key=key)).text
        assert "Asked without a name" in page
        assert "Ada" not in page.replace("Ada L.", "")


# In writing.


async def test_an_answer_may_be_as_long_in_any_script_and_is_not_cut_in_silence(
    world: World,
) -> None:
    [one] = await asked(world, "How small?")
    key = await speaker(world)
    assert await said(world, key, f"answer {one}", text="\U0001f600" * 2000) == WRITTEN
    cut = f"{WRITTEN} Only the first 2,000 characters fitted."
    assert await said(world, key, f"answer {one}", text="\U0001f600" * 2001) == cut


async def test_an_answer_is_posted_in_the_room_with_the_speakers_name_and_can_be_changed(
    world: World,
) -> None:
    [one] = await asked(world, "How small?")
    key = await speaker(world)
    assert await said(world, key, f"answer {one}", text="4 kB\nat most") == WRITTEN
    await world.running.heard(KERNEL, "4 kB")
    posted = next(m for m in world.running.room(KERNEL).by(BOT) if "4 kB" in str(m["content"]))
    assert posted["content"]["m.mentions"] == {"user_ids": [ADA]}
    assert "Ada L." in posted["content"]["body"]
    assert await states(world) == ["answered"]
    form = (await world.get(f"/talk?compose=answer+{one}", key=key)).text
    assert "4 kB" in form
    [reword] = [what for what in offered(form) if what.startswith("reword")]
    assert await said(world, key, reword, text="5 kB") == "Your answer is changed."
    page = (await world.get("/talk", key=key)).text
    assert "5 kB" in page
    other = await speaker(world, name="Grace H.")
    assert (await do(world, other, reword, text="Mine")).status == 403
    assert (await do(world, other, reword.replace("reword", "remove"))).status == 403
    remove = reword.replace("reword", "remove")
    assert await said(world, key, remove) == "Your answer is taken back."
    assert await states(world) == ["open"]


async def test_an_answer_is_given_long_after_the_talk(world: World) -> None:
    [one] = await asked(world, "How small?")
    world.stepped.ahead += timedelta(hours=5)
    await world.stepped.advance(60)
    key = await speaker(world)
    page = (await world.get("/talk", key=key)).text
    assert "This talk is over." in page
    await said(world, key, f"answer {one}", text="4 kB")
    assert await states(world) == ["answered"]


async def test_what_cannot_be_done_is_said_in_a_sentence(world: World) -> None:
    [one] = await asked(world, "How small?")
    assert one == 1
    key = await moderator(world)
    refused: list[tuple[str, dict[str, str], int, str]] = [
        ("answer 1", {"text": " \n "}, 403, "Write an answer first."),
        ("dismiss 1", {"reason": " "}, 400, "Write a reason first."),
        ("take 999", {}, 404, "This question is not there any more."),
        ("take ١", {}, 404, "This question is not there any more."),
        ("reword 999", {"text": "x"}, 404, "This answer is not there any more."),
        ("merge 1", {"into": "1"}, 403, "These two are one question already."),
        ("approve 1", {}, 200, "Question 1 is open already."),
        ("unstar 1", {}, 200, "Question 1 is open already."),
        ("next nowhere", {}, 403, "The bot is not in the room of this talk, so nothing can be"),
        (
            "explode 1",
            {},
            400,
            "There is no such thing to do here. Open the page again, and try once more.",
        ),
        ("", {}, 400, "There is no such thing to do here. Open the page again, and try once more."),
    ]
    for what, form, status, words in refused:
        answer = await do(world, key, what, **form)
        assert answer.status == status, what
        assert next(iter(answer.json.values())).startswith(words), what
        assert await states(world) == ["open"], what


async def test_a_reason_goes_to_the_asker_and_onto_no_page(world: World) -> None:
    [one] = await asked(world, "Bad?")
    [two] = await asked(world, "Worse?", person=BOB)
    async with world.database.write() as session:
        session.add(Room(room_id="!direct:example.org", membership="join", direct_with=ADA))
    key = await moderator(world)
    for number, question, words in (
        (1, one, "Whoever asked it is told why, in their direct chat."),
        (2, two, "Whoever asked it cannot be told why: they have no direct chat with the bot."),
    ):
        done = await said(world, key, f"dismiss {question}", reason="Too rude")
        assert done.startswith(f"{number} is dismissed. {words}")
        again = await said(world, key, f"dismiss {question}", reason="Too rude")
        assert again == f"Question {number} is dismissed already."
    for each in (key, await speaker(world)):
        assert "Too rude" not in (await world.get("/talk", key=each)).text


# Without our module.


async def test_without_javascript_a_button_leads_back_to_the_page(world: World) -> None:
    [one] = await asked(world, "One?")
    key = await speaker(world)
    form = {"do": f"take {one}"}
    answer = await world.post("/talk/do?view=aloud", form, key=key, as_json=False)
    assert answer.status == 303
    assert answer.headers["Location"] == f"/talk?view=aloud&key={key}"
    page = (await world.get("/talk", key=key)).text
    assert '<meta http-equiv="refresh"' in page
    assert f'href="/talk?key={key}&amp;still=1"' in page
    standing = (await world.get("/talk?still=1", key=key)).text
    assert '<meta http-equiv="refresh"' not in standing
    form_page = (await world.get(f"/talk?compose=answer+{one}", key=key)).text
    assert "refresh" not in form_page


async def test_without_javascript_what_is_refused_leads_back_to_the_page(world: World) -> None:
    """Reloading would send it again, and a secret link is found nowhere else."""
    key = await speaker(world)
    answer = await world.post(
        "/talk/do?view=aloud", {"do": "answer 999", "text": "Well"}, key=key, as_json=False
    )
    assert answer.status == 404
    assert f'href="/talk?view=aloud&amp;key={key}"' in answer.text
    assert "eload" not in answer.text
    form_page = await world.get("/talk?compose=answer+999", key=key)
    assert f'href="/talk?key={key}"' in form_page.text
    moderates = await by_cookie(world, MODERATOR)
    path = f"/r/kernel/moderate?talk={TALK}"
    answer = await world.post(path, {"do": "mute 999"}, **moderates, as_json=False)
    assert answer.status == 404
    assert f'href="{path}"' in answer.text
    form = {"question": "999", "order": "fair"}
    answer = await world.post("/r/kernel/vote", form, **moderates, as_json=False)
    assert answer.status == 404
    assert 'href="/r/kernel?order=fair"' in answer.text


# Times.


async def test_the_page_follows_the_talk_when_it_is_put_off_and_cancelled(world: World) -> None:
    key = await speaker(world, OTHER)
    async with world.watch("/talk/events", key=key) as stream:
        await stream.sees("Starts in")
        world.say(MODERATOR, "!talk delay 10 2")
        await stream.sees("10 minutes later than planned")
        world.say(MODERATOR, "!talk cancel 2")
        await stream.sees("This talk is cancelled.")


async def test_the_page_follows_the_talk_into_another_room(world: World) -> None:
    key = await speaker(world, OTHER)
    cloud = KERNEL.replace("kernel", "cloud")
    async with world.watch("/talk/events", key=key) as stream:
        await stream.sees("Starts in")
        moved = Planned(2, "Big kernels", 85, 25, chat_room=cloud, place="Attic")
        world.publish(*(each for each in PROGRAMME if each.id != 2), moved)
        await stream.sees("Attic")
        world.say(MODERATOR, "!talk delay 10 2", cloud)
        await stream.sees("10 minutes later than planned")


async def test_the_clock_goes_from_moment_to_moment_by_the_servers_time(world: World) -> None:
    key = await speaker(world)
    async with world.watch("/talk/events", key=key) as stream:
        for minutes, label in ((0, "Questions begin in"), (15, "Ends in"), (3, "Come to the end")):
            await world.stepped.advance(minutes * 60)
            await stream.sees(label)
        await world.stepped.advance(2 * 60)
        # The next talk begins at the same moment.
        await stream.sees("This talk is over.")


# Views.


async def test_backstage_frames_only_meetings_of_configured_servers(
    tmp_path: Path, empty_database: Path
) -> None:
    """Of others the page says where they are; in a frame a stranger's page would ask for the
    camera."""
    jitsi = {
        "servers": {"meet.example.org": {}},
        "table": {
            "talk-2": "https://elsewhere.example/big",
            "talk-3": "https://meet.example.org/old",
        },
    }
    # Before the bot goes there itself.
    async with stepped_world(tmp_path, empty_database, jitsi=jitsi) as world:
        framed = await world.get("/talk?view=backstage", key=await speaker(world, "talk-3"))
        assert '<iframe src="https://meet.example.org/old"' in framed.text
        assert 'allow="camera; microphone; display-capture; autoplay"' in framed.text
        policy = framed.headers["Content-Security-Policy"]
        assert "frame-src https://meet.example.org;" in f"{policy};"
        told = await world.get("/talk?view=backstage", key=await speaker(world, OTHER))
        assert "Its address: https://elsewhere.example/big" in told.text
        none = await world.get("/talk?view=backstage", key=await speaker(world))
        assert "No meeting is known for this talk." in none.text
        assert "<iframe" not in told.text + none.text
        page = await world.get("/talk", key=await speaker(world, "talk-3"))
        assert "frame-src 'none'" in page.headers["Content-Security-Policy"]
        assert "meet.example.org" not in page.text


async def test_read_aloud_shows_the_best_question_that_was_not_asked_yet(world: World) -> None:
    one, two = await asked(world, "One?", "Two?")
    key = await moderator(world)
    page = (await world.get("/talk?view=aloud", key=key)).text
    assert "One?" in page and "Two?" not in page  # noqa: PT018
    assert await said(world, key, f"take {one}") == "1 is being answered."
    page = (await world.get("/talk?view=aloud", key=key)).text
    assert "Two?" in page and "Being answered: 1." in page  # noqa: PT018
    assert offered(page) == {f"take {two}", f"skip {two}", f"undo {TALK}"}


async def test_without_javascript_what_is_read_aloud_stays_and_is_what_is_asked(
    world: World,
) -> None:
    """The page reloads itself every few seconds."""
    one, two = await asked(world, "One?", "Two?")
    key = await moderator(world)
    page = (await world.get("/talk?view=aloud", key=key)).text
    assert "show it</a>" not in page
    [again] = re.findall(r'http-equiv="refresh" content="5;url=([^"]*)"', page)
    await said(world, key, f"star {two}")
    page = (await world.get(unescape(again))).text
    assert f'id="reading" data-keep data-question="{one}"' in page
    assert f'id="ahead" hidden data-question="{two}"' in page
    assert "show it</a>" in page
    await said(world, key, f"take {one}")
    page = (await world.get(unescape(again))).text
    assert f'id="reading" data-keep data-question="{two}"' in page


async def test_the_heralds_card_says_what_to_say_and_when(world: World) -> None:
    page = (await world.get("/talk?view=card", key=await moderator(world, OTHER))).text
    assert "10:15: ask Grace H. in." in page
    assert "Welcome Grace H. with Big kernels!" in unescape(page)
    assert "/r/kernel" in page
    assert "The talk may be recorded." in page
