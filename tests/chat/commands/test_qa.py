"""`!qa`: open or closed, moderated or not, and who may neither ask nor vote."""

from __future__ import annotations

import pytest

from tests.chat.audience import reply_to, upgrade
from tests.chat.floor import ASKER, CARD, HOST, HOSTS, answer, ask, decisions, host, state
from tests.stage import CONTROL, KERNEL, LOBBY, MODERATOR, ORGANISER, STRANGER, Stage, in_room

TROLL = "@troll:example.org"
MUTED = f"{TROLL} can neither ask nor vote there any more. What was asked stays."


async def may_ask(stage: Stage, person: str) -> bool:
    """Whether a question of this person is taken."""
    await stage.news()
    said = await stage.say(KERNEL, person, f"!ask Is that so, {len(await stage.outbox())}?")
    return not in_room(said, KERNEL)


async def votes(stage: Stage, person: str) -> bool:
    """Whether this person's vote for the first question counts."""
    listed = await answer(stage, KERNEL, MODERATOR, "!questions")
    await stage.say(KERNEL, person, "!vote 1")
    stage.clock.forward(3)
    return await answer(stage, KERNEL, MODERATOR, "!questions") != listed


async def test_how_things_are(floor: Stage) -> None:
    assert await answer(floor, KERNEL, MODERATOR, "!qa") == (
        'Questions for "Tiny kernels" are open. No moderator has to look at questions first.'
    )
    await host(floor, "!qa kernel close")
    await host(floor, "!qa kernel moderated")
    for number in (1, 2):
        await ask(floor, f"Question {number}?", pending=True, trusted=True)
    assert await host(floor, "!qa kernel") == (
        'Questions for "Tiny kernels" are closed. A moderator looks at each question first. '
        "Waiting for a moderator: 2. All of them: !approve kernel all"
    )


async def test_closed_and_opened(floor: Stage) -> None:
    said = 'No more questions for "Tiny kernels", please. Votes for those asked still count.'
    assert await host(floor, "!qa kernel close") == f"{said} Wrong? !qa kernel open"
    assert [s.body for s in await floor.outbox(KERNEL)] == [said], "the room is told"
    assert not await may_ask(floor, ASKER)
    assert await answer(floor, KERNEL, MODERATOR, "!qa open") == (
        'Questions for "Tiny kernels" are open: !ask yours. Wrong? !qa close'
    )
    assert await may_ask(floor, ASKER)


async def test_twice_the_same_says_so_and_does_nothing(floor: Stage) -> None:
    for body, said in (
        ("!qa close", 'Questions for "Tiny kernels" are closed.'),
        ("!qa moderated", "A moderator looks at each question first."),
    ):
        await answer(floor, KERNEL, MODERATOR, body)
        before = await decisions(floor)
        _, told = await floor.write(KERNEL, HOST, body)
        assert [s.body for s in told] == [said]
        assert await decisions(floor) == before


async def test_closing_is_for_one_talk(floor: Stage) -> None:
    await answer(floor, KERNEL, MODERATOR, "!qa close")
    floor.clock.set(86)
    assert await may_ask(floor, ASKER), "the second talk is on"
    assert await answer(floor, KERNEL, MODERATOR, "!qa close 3") == (
        'No more questions for "Old kernels", please. Votes for those asked still count. '
        "Wrong? !qa open 3"
    )
    assert await may_ask(floor, ASKER)
    floor.clock.set(121)
    assert not await may_ask(floor, ASKER)


async def test_before_the_first_talk_and_after_the_last(floor: Stage) -> None:
    floor.clock.set(30)
    assert 'for "Tiny kernels"' in await answer(floor, KERNEL, MODERATOR, "!qa close")
    floor.clock.set(200)
    assert await answer(floor, KERNEL, MODERATOR, "!qa close") == (
        "Which talk? None is on, and none comes today. Add its ID, like !qa close 12"
    )
    assert await answer(floor, KERNEL, MODERATOR, "!qa close 99") == (
        'No talk of this room has that ID. These are here: 3 "Old kernels"'
    )


async def test_moderated(floor: Stage) -> None:
    said = "From now on a moderator looks at each question before it counts."
    assert await answer(floor, KERNEL, MODERATOR, "!qa moderated") == (
        f"{said} Wrong? !qa unmoderated"
    )
    await floor.say(KERNEL, ASKER, "!ask How small?")
    assert await state(floor, 1) == "pending"
    assert await answer(floor, KERNEL, MODERATOR, "!qa unmoderated") == (
        "From now on each question counts at once. Wrong? !qa moderated"
    )
    await floor.say(KERNEL, ASKER, "!ask How big?")
    assert [await state(floor, n) for n in (1, 2)] == ["pending", "open"], "the first still waits"


@pytest.mark.parametrize("body", ["!qa what is a kernel", "!qa close-ish", "!qa mod"])
@pytest.mark.parametrize("person", [STRANGER, MODERATOR])
async def test_who_means_to_ask_learns_how(floor: Stage, person: str, body: str) -> None:
    said = await answer(floor, KERNEL, person, body)
    assert said.startswith("To ask, type !ask and your question. Moderators: !qa with open")
    assert await decisions(floor) == []


# Muting.


@pytest.mark.parametrize(
    ("alias", "person"), [(HOSTS, HOST), (CONTROL, ORGANISER), ("direct", MODERATOR)]
)
async def test_muting_where_the_audience_does_not_read(
    floor: Stage, alias: str, person: str
) -> None:
    await ask(floor, "How small?")
    alias = await floor.open_direct(person) if alias == "direct" else alias
    assert await answer(floor, alias, person, f"!qa kernel mute {TROLL}") == MUTED
    assert not await may_ask(floor, TROLL)
    assert not await votes(floor, TROLL)
    assert await answer(floor, alias, person, f"!qa kernel unmute {TROLL}") == (
        f"{TROLL} can ask and vote there."
    )
    assert await may_ask(floor, TROLL)


@pytest.mark.parametrize("body", [f"!qa mute {TROLL}", "!qa mute 1", f"!qa unmute {TROLL}"])
@pytest.mark.parametrize("alias", [KERNEL, LOBBY])
async def test_nobody_is_muted_in_public(floor: Stage, alias: str, body: str) -> None:
    await ask(floor, "How small?", asker=TROLL)
    _, said = await floor.write(alias, ORGANISER, body)
    assert [s.body for s in said] == [
        "Please type that in the hosts' room or in a direct chat with me, not in public."
    ]
    assert await decisions(floor) == []
    assert await may_ask(floor, TROLL)


async def test_muting_who_asked_names_nobody(floor: Stage) -> None:
    await ask(floor, "How small?", asker=TROLL, name="", direct=True)
    said = await host(floor, "!qa mute 1")
    assert (
        said
        == "Who asked question 1 can neither ask nor vote there any more. What was asked stays."
    )
    assert await state(floor, 1) == "open"
    assert not await may_ask(floor, TROLL)
    assert TROLL not in str([s.content for s in await floor.outbox()])
    assert await host(floor, "!qa unmute 1") == "Who asked question 1 can ask and vote there."
    assert await may_ask(floor, TROLL)


async def test_muting_by_reply_to_the_question(floor: Stage) -> None:
    await floor.say(KERNEL, TROLL, "!ask How small?")
    await floor.deliver()
    reply = reply_to(f"$sent{CARD}")
    assert (await answer(floor, HOSTS, HOST, "!qa mute", **reply)).startswith("Who asked")
    assert not await may_ask(floor, TROLL)


async def test_muting_by_a_link(floor: Stage) -> None:
    link = f'<a href="https://matrix.to/#/{TROLL}">Troll</a>'
    html = f"<mx-reply><a href='https://matrix.to/#/{ASKER}'>Asker</a></mx-reply>mute {link}"
    said = await answer(
        floor,
        HOSTS,
        HOST,
        "!qa kernel mute Troll",
        format="org.matrix.custom.html",
        formatted_body=html,
    )
    assert said == MUTED
    assert not await may_ask(floor, TROLL)
    assert await may_ask(floor, ASKER)


async def test_muted_twice(floor: Stage) -> None:
    for _ in range(2):
        assert await host(floor, f"!qa kernel mute {TROLL}") == MUTED
    assert await decisions(floor) == [("mute", HOST)]


async def test_who_asked_before_an_upgrade_is_muted_after_it(floor: Stage) -> None:
    await ask(floor, "How small?", asker=TROLL)
    new = await upgrade(floor)
    assert "can neither ask" in await host(floor, "!qa mute 1")
    assert "You cannot ask" in await answer(floor, new, TROLL, "!ask How rude?")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("!qa mute", "Whom? Type !qa mute @name:server, or !qa mute 12 for who asked question 12."),
        ("!qa kernel unmute", "Which question? Add its number, like !qa unmute 12"),
        ("!qa kernel mute Troll", "Which question? Add its number, like !qa mute 12"),
    ],
)
async def test_whom_to_mute_must_be_said(floor: Stage, body: str, said: str) -> None:
    assert await host(floor, body) == said
    assert await decisions(floor) == []


async def test_guests_in_the_hall_are_let_in_by_room(floor: Stage) -> None:
    may_ask = (
        "People in the hall can ask without an account, by the code on the stage's page. A "
        "moderator looks at each question first."
    )
    assert await host(floor, "!qa kernel guests ask") == may_ask
    assert may_ask in await answer(floor, KERNEL, MODERATOR, "!qa")
    for typed in ("vote", "ask_and_vote"):
        said = await answer(floor, KERNEL, MODERATOR, f"!qa guests {typed}")
        assert "vote without an account" in said
    off = "People in the hall who have no account can only read."
    assert await answer(floor, KERNEL, MODERATOR, "!qa guests OFF") == off
    assert off not in await answer(floor, KERNEL, MODERATOR, "!qa")


async def test_guests_without_a_word_asks_for_it(floor: Stage) -> None:
    for typed in ("!qa guests", "!qa guests perhaps"):
        said = await answer(floor, KERNEL, MODERATOR, typed)
        assert said.startswith("What may people in the hall do who have no account? Type !qa")


async def test_an_upgraded_room_keeps_its_guests(floor: Stage) -> None:
    await answer(floor, KERNEL, MODERATOR, "!qa guests ask")
    await upgrade(floor)
    assert "can ask without" in await host(floor, "!qa kernel")
