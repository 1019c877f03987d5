"""What was asked before a room was a hosts' room, or before the bot was in it, gets its card."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select

from fosdembot.db.tables import Outgoing, RoleRoom, RoomAddress
from fosdembot.notifications.late_cards import MOST
from fosdembot.questions.new_question import NewQuestion
from fosdembot.questions.states import Action
from tests.chat.audience import ADA, reactions
from tests.chat.conftest import PROGRAMME
from tests.chat.floor import CARD, HOSTS, act, ask, moderated, redact, tap
from tests.stage import (
    CLOUD,
    CONTROL,
    KERNEL,
    LISTED,
    ORGANISER,
    MakeStage,
    Stage,
    in_room,
    room_id,
)

CLOUD_HOSTS = "#cloud-hosts:example.org"
BUTTONS = ["✅", "⭐", "▶️", "🚫"]


@pytest.fixture
async def stage(make_stage: MakeStage, opened: Path) -> Stage:
    """Talks 1 and 11 are on, and no room is a hosts' room; the bot is in one that may be."""
    stage = await make_stage(opened, questions={"open_per_person": 100})
    stage.clock.set(65)
    await stage.open(HOSTS)
    return stage


async def look(stage: Stage, alias: str = HOSTS) -> list[str]:
    """What a hosts' room is told then."""
    await stage.news()
    await stage.bot.late_cards.step()
    return in_room(await stage.news(), alias)


async def name(stage: Stage, track: str = "all", room: str = HOSTS) -> None:
    await stage.say(CONTROL, ORGANISER, f"!conf hosts {track} {room}")


async def test_questions_asked_before_get_their_cards_in_order(stage: Stage) -> None:
    for text in ("How small?", "How big?"):
        await ask(stage, text)
    await ask(stage, "How new?", talk=2)
    await ask(stage, "How fast?")
    await stage.say(CLOUD, ADA, "!ask How cloudy?")
    await stage.say(CLOUD, ADA, "!ask How dark?")
    await stage.say(CLOUD, LISTED, "!move 2 next")
    assert await look(stage) == []
    await name(stage)
    assert await look(stage) == [
        "cloud 1: How cloudy? – ada",
        "kernel 1: How small? – Asker",
        "kernel 2: How big? – Asker",
        "kernel 4: How fast? – Asker",
        'kernel 3: How new? – Asker (for "Big kernels")',
        'cloud 2: How dark? – ada (for "Dark clouds")',
    ]
    assert await reactions(stage, CARD) == BUTTONS
    assert await look(stage) == [], "once"
    await stage.restart()
    assert await look(stage) == []
    await stage.say(KERNEL, ADA, "!ask How late?")
    assert await look(stage) == [], "it had one at once"


async def test_that_cards_wait_is_known_also_where_it_took_two_tries_to_ask(
    make_stage: MakeStage, opened: Path
) -> None:
    """One event of a batch fails, and all of it comes once more."""
    stage = await make_stage(opened, limits={"cards_per_minute": 1})
    stage.clock.set(65)
    await stage.open(HOSTS)
    await name(stage)
    wake = stage.bot.late_cards.wake
    wake.was_set()

    async def ask_two(*, fails: bool) -> None:
        async with stage.database.write() as session:
            for number in (1, 2):
                question = NewQuestion(
                    room=room_id(KERNEL),
                    talk="talk-1",
                    text=f"How {number}?",
                    asker=f"@asker{number}:example.org",
                    name="",
                    cause=f"$asked{number}",
                    at=stage.clock.now(),
                )
                await stage.bot.desk.ask(session, question)
            if fails:
                raise OSError("away")

    with pytest.raises(OSError, match="away"):
        await ask_two(fails=True)
    assert not wake.was_set()
    await ask_two(fails=False)
    assert wake.was_set()


async def test_a_late_card_is_like_any_other(stage: Stage) -> None:
    await ask(stage, "How small?")
    await name(stage)
    await look(stage)
    await stage.deliver()
    host = {"membership": "join"}
    await stage.state(HOSTS, "m.room.member", host, key="@host:example.org")
    await tap(stage, "@host:example.org", f"$sent{CARD}", "⭐", alias=HOSTS)
    assert in_room(await stage.news(), HOSTS) == ["kernel 1 ⭐ next: How small? – Asker"]
    await redact(stage, "@asker:example.org", "$asked1")
    async with stage.database.read() as session:
        redacted = list(
            await session.scalars(select(Outgoing.target).where(Outgoing.kind == "redaction"))
        )
    assert CARD in redacted


@pytest.mark.parametrize(
    ("actions", "said"),
    [
        ([], ["kernel 1: Why? – Asker"]),
        ([Action.STAR], ["kernel 1 ⭐ next: Why? – Asker"]),
        ([Action.TAKE], ["kernel 1 ▶ being answered: Why? – Asker"]),
        ([Action.DONE], []),
        ([Action.DISMISS], []),
        ([Action.WITHDRAW], []),
    ],
)
async def test_what_is_decided_gets_none(
    stage: Stage, actions: list[Action], said: list[str]
) -> None:
    number = await ask(stage, "Why?")
    await act(stage, number, *actions)
    await name(stage)
    assert await look(stage) == said


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (84, ["kernel 1: Why? – Asker", "kernel 2 ⏳ waits for you: May I? – Asker"]),
        (94, ['kernel 2 ⏳ waits for you: May I? – Asker (for "Tiny kernels")']),
        (95, []),
    ],
)
async def test_of_a_talk_just_over_only_what_waits_for_a_moderator(
    stage: Stage, minutes: float, said: list[str]
) -> None:
    await ask(stage, "Why?")
    await ask(stage, "May I?", pending=True)
    stage.clock.set(minutes)
    await name(stage)
    assert await look(stage) == said


async def test_nothing_of_a_talk_that_does_not_take_place(stage: Stage) -> None:
    await ask(stage, "Why?", talk=2)
    await stage.publish(*(talk for talk in PROGRAMME if talk.id != 2))
    async with stage.database.read() as session:
        room = await stage.bot.programme.room(session, KERNEL)
    assert [slot.takes_place for slot in room.slots] == [True, False, True]
    await name(stage)
    assert await look(stage) == []


async def test_only_of_the_rooms_that_these_hosts_see_to(stage: Stage) -> None:
    await ask(stage, "How small?")
    await stage.say(CLOUD, ADA, "!ask How dark?")
    await stage.open(CLOUD_HOSTS)
    await name(stage, "cloud", CLOUD_HOSTS)
    assert await look(stage, CLOUD_HOSTS) == ["cloud 1: How dark? – ada"]
    await name(stage)
    assert await look(stage) == ["kernel 1: How small? – Asker"]
    await name(stage, "cloud", "off")
    assert await look(stage) == ["cloud 1: How dark? – ada"]


async def test_not_in_a_room_that_anybody_may_enter(stage: Stage) -> None:
    await ask(stage, "How small?")
    await name(stage)
    await stage.state(HOSTS, "m.room.join_rules", {"join_rule": "public"})
    assert await look(stage) == []
    await stage.state(HOSTS, "m.room.join_rules", {"join_rule": "invite"})
    assert len(await look(stage)) == 1


async def test_when_the_bot_comes_in(stage: Stage) -> None:
    await name(stage, room=CLOUD_HOSTS)
    await ask(stage, "How small?")
    assert await look(stage, CLOUD_HOSTS) == []
    await stage.open(CLOUD_HOSTS)
    assert await look(stage, CLOUD_HOSTS) == ["kernel 1: How small? – Asker"]


async def test_the_room_that_replaced_theirs_gets_all(stage: Stage) -> None:
    await ask(stage, "How small?")
    await name(stage)
    assert len(await look(stage)) == 1
    await stage.open(CLOUD_HOSTS)
    async with stage.database.write() as session:
        await session.execute(delete(RoomAddress).where(RoomAddress.address == HOSTS))
        session.add(RoomAddress(address=HOSTS, room_id=room_id(CLOUD_HOSTS)))
        await session.execute(delete(RoleRoom))
        session.add(RoleRoom(address=HOSTS, room_id=room_id(CLOUD_HOSTS)))
    assert await look(stage, CLOUD_HOSTS) == ["kernel 1: How small? – Asker"]


async def test_no_more_than_a_screen_of_them(stage: Stage) -> None:
    await name(stage)
    await ask(stage, "How small?")
    assert len(await look(stage)) == 1
    for number in range(MOST + 2):
        await ask(stage, f"Why {number}?")
    *cards, rest = await look(stage)
    assert len(cards) == MOST - 1
    assert rest == "And 3 more questions without a card yet. To see them: !questions"
    assert await look(stage) == [], "that is said once"
    await act(stage, 3, Action.DONE)
    assert await look(stage) == [], "so many in a minute"
    stage.clock.forward(1)
    assert await look(stage) == [f"kernel {MOST + 1}: Why {MOST - 1}? – Asker"]
    for number in range(MOST + 3):
        await act(stage, number + 1, Action.DISMISS) if number != 2 else None
    assert await look(stage) == []


async def test_a_room_where_questions_wait_for_a_moderator(stage: Stage) -> None:
    await moderated(stage)
    await stage.say(KERNEL, ADA, "!ask How small?")
    await name(stage)
    assert await look(stage) == ["kernel 1 ⏳ waits for you: How small? – ada"]


async def test_without_hosts_nothing_is_looked_at(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read() -> Any:
        raise AssertionError

    monkeypatch.setattr(stage.database, "read", read)
    await stage.bot.late_cards.step()
