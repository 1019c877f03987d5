"""What was decided in the speaker's meeting is on the hosts' cards, with who did it there."""

from __future__ import annotations

import pytest

from fosdembot.actions.access import Access
from fosdembot.actions.actor import Actor
from fosdembot.actions.deciding import Deciding
from fosdembot.conference.people import People
from fosdembot.conference.roles import Role
from fosdembot.conference.room_view import RoomViews
from fosdembot.notifications.in_meeting import decided_there
from fosdembot.questions.states import Action
from fosdembot.settings import load
from tests.chat.floor import CARD, HOSTS, SETTINGS, card, host, one
from tests.stage import KERNEL, Stage, in_room, room_id


async def decide(stage: Stage, action: Action, name: str = "Ada", act: str = "1") -> None:
    """Somebody in the meeting decides about question 1."""
    settings, _ = load(SETTINGS)
    views = RoomViews(stage.bot.programme, settings)
    access = Access(People(settings, stage.bot.programme, stage.bot.hosts))
    deciding = Deciding(stage.bot.desk, access, views)
    now, person = stage.clock.now(), f"jitsi:{name}"
    actor = Actor(person, vouched=Role.SPEAKER, face="jitsi", act=act, at=now, now=now)
    async with stage.database.write() as session:
        await deciding.decide(session, actor, await one(session, 1), action)


@pytest.mark.parametrize(
    ("action", "shown"),
    [
        (Action.TAKE, " ▶ being answered by Ada in the meeting"),
        (Action.DONE, " ✅ answered by Ada in the meeting"),
        (Action.SKIP, " skipped by Ada in the meeting"),
        (Action.STAR, " ⭐ next by Ada in the meeting"),
    ],
)
async def test_a_card_says_who_did_it_there(
    floor: Stage, question: str, action: Action, shown: str
) -> None:
    await floor.news()
    await decide(floor, action)
    assert await card(floor) == f"kernel 1{shown}: How small? – ada"
    said = [each for each in await floor.news() if "in the meeting" in each.body]
    assert [each.key for each in said] == [f"edit:{CARD}"], "hosts only, and there once"


async def test_what_comes_after_counts(floor: Stage, question: str) -> None:
    await decide(floor, Action.STAR)
    await decide(floor, Action.UNSTAR, act="2")
    assert await card(floor) == "kernel 1: How small? – ada"
    await decide(floor, Action.TAKE, act="3")
    await host(floor, "kernel done 1")
    assert await card(floor) == "kernel 1 ✅ answered: How small? – ada"
    await host(floor, "kernel restore 1")
    await decide(floor, Action.DONE, act="4")
    await host(floor, "kernel undo")
    assert await card(floor) == "kernel 1: How small? – ada"


async def test_an_edit_is_no_decision(floor: Stage, question: str) -> None:
    await decide(floor, Action.TAKE)
    await floor.edit(KERNEL, "@ada:example.org", question, "!ask How tiny?")
    assert await card(floor) == ("kernel 1 ▶ being answered by Ada in the meeting: How tiny? – ada")


@pytest.mark.parametrize(
    "name", ["<b>Ada</b>", "@room", "A\nda", "x" * 300, "\u202eadA", "@mod:example.org"]
)
async def test_a_name_is_harmless(floor: Stage, question: str, name: str) -> None:
    printable = "".join(char for char in name if char.isprintable())[:120]
    await decide(floor, Action.DONE, printable)
    said = [each for each in await floor.outbox() if each.key == f"edit:{CARD}"][-1]
    assert "\n" not in said.body
    assert len(said.body) < 200
    assert said.html.count("<b>") + said.html.count("<strong>") == 1
    assert said.content["m.mentions"] == {}
    async with floor.database.write() as session:
        shown = await decided_there(session, await one(session, 1))
    assert shown.plain in said.body
    assert in_room([said], HOSTS)
    assert room_id(KERNEL) not in said.body
