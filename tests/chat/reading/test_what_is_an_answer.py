"""What of the replies to a question is an answer to it, and what is chat."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from fosdembot.chat.reading.events import content_of
from fosdembot.chat.reading.message import MessageReader
from fosdembot.chat.reading.parser import answer_in
from fosdembot.matrix.api import Json
from fosdembot.questions.states import Action
from tests.chat.audience import ADA, EVE, asks, direct, reply_to, written
from tests.chat.floor import HOST, HOSTS, SETTINGS, SPEAKER, act, answer, ask, redact, state, tap
from tests.stage import KERNEL, LISTED, MODERATOR, ORGANISER, MakeStage, Stage, in_room
from tests.talks.programme import settings

READER = MessageReader(settings(), lambda: ())
CHAT = "haha, who asks that"
MODERATORS = [MODERATOR, HOST, LISTED, ORGANISER]


def thread(root: str) -> Json:
    return reply_to("$other", rel_type="m.thread", event_id=root)


def answer_said(body: str) -> str | None:
    """The answer, where a message says that it is one."""
    message = READER.message(MODERATOR, content_of({"msgtype": "m.text", "body": body}))
    assert message is not None
    return answer_in(message.text)


@pytest.fixture
async def told(floor: Stage) -> str:
    """Question 1 was asked in a direct chat, where its asker is told of answers."""
    _, chat = await direct(floor, "!ask kernel: How small?")
    return chat


POSTED = reply_to("$sentpost/1/!kernel:example.org")


async def test_a_moderators_remark_is_chat(floor: Stage, told: str) -> None:
    bodies = ("a nice one", "A good question: yes", "answer that, please", "Ah: no", "a:")
    in_thread = thread("$sentpost/1/!kernel:example.org")
    for person, content in product(MODERATORS, (POSTED, in_thread)):
        assert await floor.say(KERNEL, person, CHAT, **content) == [], person
        assert await written(floor, 1) == []
    for body, content in product(bodies, (POSTED, in_thread)):
        assert await floor.say(KERNEL, MODERATOR, body, **content) == [], body
    assert await written(floor, 1) == []


@pytest.mark.parametrize(
    ("person", "body"),
    [
        (SPEAKER, "!answer It is 4 kB"),
        (MODERATOR, "A: It is 4 kB"),
        (HOST, "a： It is 4 kB"),
        (LISTED, "Answer: It is 4 kB"),
        (ORGANISER, "A: It is 4 kB"),
    ],
)
async def test_one_that_begins_so_is_an_answer(
    floor: Stage, told: str, person: str, body: str
) -> None:
    said = await floor.say(KERNEL, person, body, **POSTED)
    assert await written(floor, 1) == ["It is 4 kB"]
    [there] = in_room(said, told)
    assert there.endswith("answers your question 1 in kernel:\nIt is 4 kB")


async def test_what_the_speaker_replies_is_one(make_stage: MakeStage, opened: Path) -> None:
    """Also if they moderate the room as well."""
    speakers = {"talk-1": [SPEAKER, MODERATOR]}
    stage = await make_stage(opened, **SETTINGS | {"speakers": speakers})
    stage.clock.set(65)
    question = await asks(stage, "!ask How small?")
    for person in (SPEAKER, MODERATOR):
        await stage.say(KERNEL, person, f"4 kB, says {person[1:4]}", **reply_to(question))
    assert await written(stage, 1) == ["4 kB, says spe", "4 kB, says mod"]
    await stage.say(KERNEL, SPEAKER, "A: or 5", **reply_to(question))
    assert (await written(stage, 1))[-1] == "or 5"


@pytest.mark.parametrize("key", ["✅", "✔️", "💬", "🗨️"])
async def test_a_moderator_marks_one_with_a_tap(floor: Stage, told: str, key: str) -> None:
    remark, _ = await floor.write(KERNEL, MODERATOR, "It is 4 kB", **POSTED)
    for person, other in ((ADA, key), (SPEAKER, key), (EVE, key), (MODERATOR, "👍"), (HOST, "⭐")):
        await tap(floor, person, remark, other)
    assert await written(floor, 1) == []
    marked = await tap(floor, HOST, remark, key)
    assert await written(floor, 1) == ["It is 4 kB"]
    assert len(in_room(await floor.news(), told)) == 1
    await tap(floor, MODERATOR, remark, key)
    assert in_room(await floor.news(), told) == []
    await redact(floor, EVE, marked)
    assert await written(floor, 1) == ["It is 4 kB"], "others may not"
    await redact(floor, HOST, marked)
    assert await written(floor, 1) == []


async def test_what_others_say_is_no_answer_however_it_is_marked(floor: Stage) -> None:
    question = await asks(floor, "!ask How small?")
    for body in ("It is 4 kB", "A: It is 4 kB", "!answer It is 4 kB"):
        event, _ = await floor.write(KERNEL, EVE, body, **reply_to(question))
        await tap(floor, MODERATOR, event, "💬")
        await floor.say(KERNEL, MODERATOR, f"<eve> {body}", **reply_to(question))
    assert await written(floor, 1) == []
    said = await answer(floor, KERNEL, EVE, "!answer It is 4 kB", **reply_to(question))
    assert said == "Only the talk's speaker or a moderator can do that."


async def test_by_its_number(floor: Stage) -> None:
    await asks(floor, "!ask How small?")
    assert await answer(floor, KERNEL, MODERATOR, "!answer 1 It is 4 kB") == "✅"
    assert await written(floor, 1) == ["It is 4 kB"]
    question = await asks(floor, "!ask How big?", EVE)
    await floor.say(KERNEL, MODERATOR, "!answer 1 kB is enough", **reply_to(question))
    assert await written(floor, 2) == ["1 kB is enough"], "a reply says which is meant"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("!answer", "Which question? Add its number, like !answer 12"),
        ("!answer 1", "Reply to the question: !answer It is 4 kB"),
        ("!answer 9 It is 4 kB", "There is no question 9 here."),
    ],
)
async def test_what_is_missing_is_said(floor: Stage, body: str, said: str) -> None:
    await asks(floor, "!ask How small?")
    assert (await answer(floor, KERNEL, MODERATOR, body)).startswith(said)


async def test_in_the_hosts_room_nobody_answers(floor: Stage) -> None:
    await asks(floor, "!ask How small?")
    said = await answer(floor, HOSTS, HOST, "!answer 1 It is 4 kB")
    assert said == "Please answer in the talk room, in reply to the question."
    card = reply_to("$sentcard/1/!hosts:example.org")
    await floor.say(HOSTS, HOST, "A: a good one", **card)
    assert await written(floor, 1) == []


@pytest.mark.parametrize("action", [Action.DISMISS, Action.WITHDRAW])
async def test_what_is_gone_takes_none(floor: Stage, action: Action) -> None:
    number = await ask(floor, "How small?")
    remark, _ = await floor.write(KERNEL, MODERATOR, "It is 4 kB", **reply_to("$asked1"))
    await act(floor, number, action)
    await tap(floor, MODERATOR, remark, "💬")
    await floor.say(KERNEL, MODERATOR, "!answer 4 kB", **reply_to("$asked1"))
    assert await written(floor, 1) == []
    assert await state(floor, 1) != "open"


async def test_an_answer_follows_its_edits(floor: Stage, told: str) -> None:
    typed, _ = await floor.write(KERNEL, MODERATOR, "!answer 4 MB", **POSTED)
    await floor.edit(KERNEL, MODERATOR, typed, "!answer 4 kB")
    assert await written(floor, 1) == ["4 kB"]
    marked, _ = await floor.write(KERNEL, MODERATOR, "A: 5 MB", **POSTED)
    await floor.edit(KERNEL, MODERATOR, marked, "A: 5 kB")
    assert await written(floor, 1) == ["4 kB", "5 kB"]
    await floor.edit(KERNEL, MODERATOR, marked, CHAT)
    assert await written(floor, 1) == ["4 kB"], "it is chat now"
    remark, _ = await floor.write(KERNEL, MODERATOR, CHAT, **POSTED)
    await floor.edit(KERNEL, MODERATOR, remark, "A: 6 kB")
    assert await written(floor, 1) == ["4 kB", "6 kB"]
    by_tap, _ = await floor.write(KERNEL, MODERATOR, "7 MB", **POSTED)
    await tap(floor, MODERATOR, by_tap, "💬")
    await floor.edit(KERNEL, MODERATOR, by_tap, "7 kB")
    assert await written(floor, 1) == ["4 kB", "6 kB", "7 kB"]


async def test_a_remark_that_is_redacted_is_forgotten(floor: Stage) -> None:
    question = await asks(floor, "!ask How small?")
    remark, _ = await floor.write(KERNEL, MODERATOR, CHAT, **reply_to(question))
    await redact(floor, MODERATOR, remark)
    await tap(floor, MODERATOR, remark, "✅")
    assert await written(floor, 1) == []


@pytest.mark.parametrize("mark", ["A", "Answer"])
@pytest.mark.parametrize(
    "form",
    [
        "**{}:** 8",
        "**{}**: 8",
        "*{}:* 8",
        "_{}_: 8",
        "__{}:__ 8",
        "***{}:*** 8",
        "`{}:` 8",
        "**{}: 8**",
        "`{}: 8`",
        "\ufeff{}: 8",
        "\u200b**{}:** 8",
        "**{}：** 8",
        "**{}:**\n8",
    ],
)
def test_marks_around_it_are_read(mark: str, form: str) -> None:
    assert answer_said(form.format(mark)) == "8"


async def test_so_they_are_in_a_message_and_its_edit(floor: Stage) -> None:
    question = await asks(floor, "!ask How small?")
    typed, _ = await floor.write(KERNEL, MODERATOR, "\ufeff**A:** 8", **reply_to(question))
    assert await written(floor, 1) == ["8"]
    await floor.edit(KERNEL, MODERATOR, typed, "**A:** 89")
    assert await written(floor, 1) == ["89"]


@pytest.mark.parametrize("mark", ["A", "Answer"])
async def test_also_where_only_the_html_has_them(floor: Stage, mark: str) -> None:
    question = await asks(floor, "!ask How small?")
    html: Json = {
        "format": "org.matrix.custom.html",
        "formatted_body": f"<strong>{mark}:</strong> 8 <strong>bit</strong>",
    }
    await floor.say(KERNEL, MODERATOR, f"{mark}: 8 bit", **html, **reply_to(question))
    assert await written(floor, 1) == ["8 bit"]


@pytest.mark.parametrize("body", ["**A** good one: 8", "**Ah:** 8", "**A:**", "*a nice one*: 8"])
def test_other_bold_words_are_chat(body: str) -> None:
    assert answer_said(body) is None


@pytest.mark.parametrize("text", ["1 11", "1: 11", "#1 is it", "1", "11", "8, or 9"])
async def test_in_reply_all_of_the_text_is_the_answer(floor: Stage, text: str) -> None:
    question = await asks(floor, "!ask How many?")
    for content in (reply_to(question), thread(question)):
        typed, _ = await floor.write(KERNEL, MODERATOR, f"!answer {text}", **content)
        assert (await written(floor, 1))[-1] == text
        await floor.edit(KERNEL, MODERATOR, typed, "!answer 4 kB")
        assert (await written(floor, 1))[-1] == "4 kB"
        await floor.edit(KERNEL, MODERATOR, typed, f"!answer {text}")
        assert (await written(floor, 1))[-1] == text


async def test_else_the_first_number_names_the_question(floor: Stage) -> None:
    await asks(floor, "!ask How many?")
    await asks(floor, "!ask How big?")
    typed, _ = await floor.write(KERNEL, MODERATOR, "!answer 1 11")
    assert await written(floor, 1) == ["11"]
    await floor.edit(KERNEL, MODERATOR, typed, "!answer 1 12")
    assert await written(floor, 1) == ["12"]
    await floor.edit(KERNEL, MODERATOR, typed, "!answer 2 12")
    assert (await written(floor, 1), await written(floor, 2)) == ([], ["12"])
    await redact(floor, MODERATOR, typed)
    assert await written(floor, 2) == [""]
