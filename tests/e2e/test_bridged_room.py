"""In a room with a bridge: no edits, confirmations in words, never more than three lines."""

from __future__ import annotations

from pathlib import Path

from simulation.conference import MANY, Planned, settings
from simulation.homeserver import Homeserver
from simulation.waiting import wait_for
from tests.conftest import MakeBot, MakePerson

from .scenarios import answer_to, make_world, wait_until_joined
from .votes import Voting, database_of


async def test_a_bridged_room_sees_no_edits_and_nothing_long(
    homeserver: Homeserver, person: MakePerson, bot_factory: MakeBot, new_folder: Path
) -> None:
    def talks(alias: str, _number: int) -> list[Planned]:
        return [
            Planned(1, "Tiny kernels", 12, 15, chat_room=alias),
            Planned(2, "Big kernels", 27, 20, chat_room=alias),
            *(Planned(n, f"Later {n}", 20 * n, 20, chat_room=alias) for n in range(3, 15)),
        ]

    world = await make_world("bridged", homeserver, person, new_folder, rooms=1, talks=talks)
    (room,) = world.rooms.values()
    bob, relay = await person("irc_bob"), await person("matterbridge")
    for guest in (bob, relay):
        await guest.join(room)
    # A minute is two seconds. The bot comes in before the heads-up.
    early = {"heads_up_minutes": 6, "qa_minutes": 8}
    config = settings(world.schedule, at=2, speed=30, limits=MANY, notices=early)
    bot = bot_factory(world.account, config)
    await bot.start()
    await wait_until_joined(world)
    await bob.send(room, "hello")
    me = world.account.user_id
    async with database_of(bot, None) as database:
        voting = Voting(world, bot, room, database)

        async def hears(words: str) -> bool:
            return any(words in m.body for m in await world.admin.messages(room, me))

        await wait_for(lambda: hears("Now, until"), 60)
        asked, number = await voting.ask(bob, "How small can it get?")
        assert str(number) in await answer_to(world, room, asked)
        relayed = await relay.send(room, "<carol> !ask Does it run on a phone?")
        assert "2" in await answer_to(world, room, relayed)
        for attendee in world.people:
            await voting.ask(attendee, f"Question of {attendee.user_id}, which is {'long ' * 60}")
            await attendee.react(room, relayed, "👍")
        await bob.send(room, f"!vote {number + 1}")
        await relay.send(room, "<dave> !vote 2")
        assert await voting.votes(relayed, len(world.people) + 1) == len(world.people) + 1
        for command in ("!questions", "!questions all", "!help", "!schedule", "!talk", "!take 2"):
            await world.admin.send(room, command)
        await wait_for(lambda: hears("Q&A until"), 60)
        await wait_for(lambda: hears('"Big kernels"'), 60)
        await voting.settled()
    said = await world.admin.messages(room, me)
    assert [message.body for message in said if message.edits] == []
    assert [message.body for message in said if len(message.body.split("\n")) > 3] == []
    assert [m.body for m in said if m.content["formatted_body"].count("<br>") > 2] == []
    (qa,) = [message.body for message in said if message.body.startswith("Q&A until")]
    assert "Does it run on a phone?" in qa
