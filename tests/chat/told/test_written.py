"""What is told of a written answer, and what becomes of that."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from fosdembot.db.tables import Outgoing, SeenEvent
from fosdembot.questions.answers import LONGEST
from tests.chat.audience import BOB, RELAY, written
from tests.chat.floor import ASKER, OTHER_SPEAKER, POST, SETTINGS, SPEAKER, act, ask, redact, state
from tests.chat.letter_writers import letter, one_in
from tests.chat.test_hostile import NASTY, check
from tests.stage import KERNEL, MakeStage, Stage, in_room, room_id


async def test_who_asked_without_a_name_is_told_directly(floor: Stage) -> None:
    chat = await floor.open_direct(ASKER)
    await floor.say(chat, ASKER, "!anon kernel: How small can it get?")
    await floor.deliver()
    speakers, _ = await letter(floor)
    said = await floor.say(speakers, SPEAKER, "1: 4 kB.")
    post, told = one_in(said, KERNEL), one_in(said, chat)
    assert post.body == "speaker answers question 1:\n4 kB."
    assert post.content["m.mentions"].get("user_ids", []) == []
    assert post.content["m.relates_to"] == {"m.in_reply_to": {"event_id": f"$sent{POST}"}}
    assert told.body == "speaker answers your question 1 in kernel:\n4 kB."
    assert told.content["m.mentions"] == {"user_ids": [ASKER]}
    event = one_in(said, speakers).key.removeprefix("answer/")
    await floor.deliver()
    edits = await floor.edit(speakers, SPEAKER, event, "1: 5 kB.")
    assert {(s.room, s.kind): s.body for s in edits} == {
        (KERNEL, "edit"): "speaker answers question 1:\n5 kB.",
        (chat, "edit"): "speaker answers your question 1 in kernel:\n5 kB.",
    }


async def test_everybody_who_asked_is_notified(floor: Stage) -> None:
    first = await ask(floor, "How small can it get?")
    second = await ask(floor, "How tiny?", asker=BOB, name="Bob")
    third = await ask(floor, "How tiny indeed?", asker=RELAY, name="carl", relayed=True)
    for number in (second, third):
        await act(floor, number, into=first)
    chat, _ = await letter(floor)
    post = one_in(await floor.say(chat, SPEAKER, f"{second}: 4 kB."), KERNEL)
    assert post.body == "Asker, Bob and carl: speaker answers your question 1:\n4 kB."
    assert post.content["m.mentions"] == {"user_ids": [ASKER, BOB]}
    assert await state(floor, first) == "answered"


async def test_a_post_follows_its_message(floor: Stage) -> None:
    for text in ("How small can it get?", "How big?"):
        await ask(floor, text)
    chat, _ = await letter(floor)
    event, _ = await floor.write(chat, SPEAKER, "1: 4 MB.")
    await floor.deliver()
    await floor.news()
    for body, says in (("1: 4 kB.", "4 kB."), ("5 kB.", "5 kB."), ("6 of them", "6 of them")):
        [edit] = await floor.edit(chat, SPEAKER, event, body)
        assert (edit.room, edit.kind) == (KERNEL, "edit")
        assert edit.body == f"Asker: speaker answers your question 1:\n{says}"
        assert await written(floor, 1) == [says]
    [said] = await floor.edit(chat, SPEAKER, event, "2: 7 kB.")
    assert said.body.startswith("That message answers question 1.")
    assert await written(floor, 1) == ["6 of them"]
    assert await written(floor, 2) == []


@pytest.mark.parametrize("long_ago", [True, False])
async def test_another_speaker_edits_nothing(
    long_ago: bool, make_stage: MakeStage, opened: Path
) -> None:
    """Homeservers let anybody send an edit of anything."""
    speakers = {"talk-1": [SPEAKER, OTHER_SPEAKER]}
    stage = await make_stage(opened, **{**SETTINGS, "speakers": speakers})
    stage.clock.set(65)
    await ask(stage, "How small can it get?")
    other = await stage.open_direct(OTHER_SPEAKER)
    chat = await stage.open_direct(SPEAKER)
    await letter(stage)
    event, _ = await stage.write(chat, SPEAKER, "1: 4 kB.")
    if long_ago:
        async with stage.database.write() as session:
            await session.delete(await session.get_one(SeenEvent, event))
    for alias, person in ((other, OTHER_SPEAKER), (chat, OTHER_SPEAKER)):
        said = await stage.edit(alias, person, event, "1: 8 kB.")
        assert in_room(said, KERNEL) == []
        assert await written(stage, 1) == ["4 kB."]
    await stage.edit(chat, SPEAKER, event, "1: 5 kB.")
    assert await written(stage, 1) == ["5 kB."]


async def test_a_redacted_answer_is_gone_and_its_question_waits_again(floor: Stage) -> None:
    await ask(floor, "How small can it get?")
    chat, _ = await letter(floor)
    first, _ = await floor.write(chat, SPEAKER, "1: 4 MB.")
    second, _ = await floor.write(chat, SPEAKER, "1: 4 kB.")
    await floor.deliver()
    for event, stands in ((first, "answered"), (second, "open")):
        await redact(floor, SPEAKER, event, alias=chat)
        async with floor.database.read() as session:
            redaction = select(Outgoing.room_id).where(Outgoing.target == f"written/{event}")
            assert await session.scalar(redaction) == room_id(KERNEL)
        assert await state(floor, 1) == stands
    assert await written(floor, 1) == ["", ""]


async def test_long_answers_are_cut_and_that_is_said(floor: Stage) -> None:
    await ask(floor, "How small can it get?")
    chat, _ = await letter(floor)
    said = await floor.say(chat, SPEAKER, "1: " + "very " * 1000)
    assert one_in(said, chat).body.endswith("Only the first 2,000 characters fitted.")
    [kept] = await written(floor, 1)
    assert len(kept) <= LONGEST


@pytest.mark.parametrize("nasty", NASTY.values(), ids=NASTY)
async def test_hostile_answers_do_no_harm(floor: Stage, nasty: str) -> None:
    await ask(floor, "How small can it get?")
    chat, _ = await letter(floor)
    for said in await floor.say(chat, SPEAKER, f"1: a {nasty}"):
        if said.room == KERNEL:
            # It is for its asker, and for nobody else.
            assert said.content["m.mentions"] == {"user_ids": [ASKER]}
            usual = {"m.mentions": {}, "msgtype": "m.notice"}
            said = replace(said, content={**said.content, **usual})
        check([said])
    [kept] = await written(floor, 1)
    assert kept.startswith("a")


async def test_over_a_bridge_nothing_is_edited(floor: Stage) -> None:
    await ask(floor, "How small can it get?")
    chat, _ = await letter(floor)
    await floor.state(KERNEL, "m.bridge", {"protocol": {"id": "irc"}}, key="irc")
    said = await floor.say(chat, SPEAKER, "1: 4 MB.\n\nReally.\nYes.\nNo.")
    assert one_in(said, chat).body == "Posted in kernel."
    post = one_in(said, KERNEL)
    assert post.body.count("\n") == 2
    event = one_in(said, chat).key.removeprefix("answer/")
    assert await floor.edit(chat, SPEAKER, event, "1: 4 kB.") == []
    assert await written(floor, 1) == ["4 kB."]
