"""The speaker's meeting: questions appear there, and what is decided there is so everywhere."""

from __future__ import annotations

import asyncio
import random
import re
from pathlib import Path

from simulation.conference import Planned
from simulation.homeserver import Homeserver
from simulation.meetings import MeetingPerson
from simulation.prosody import Prosody
from tests.conftest import MakeBot, MakePerson
from tests.e2e.meeting_world import BOT_NAME, HOST, ROOM, meeting_world, one_talk, says


async def test_the_speaker_works_through_the_questions(
    homeserver: Homeserver,
    person: MakePerson,
    bot_factory: MakeBot,
    prosody: Prosody,
    new_folder: Path,
) -> None:
    # Its Q&A has begun.
    async with meeting_world(
        homeserver, person, bot_factory, prosody, new_folder, one_talk, at=21
    ) as world:
        speaker = world.speaker
        await speaker.sees(says("Questions now, until 09:25."))
        await world.ask("How small?", "How big?", "Why?")
        await speaker.sees(says("1 (0 votes): How small? – asker"))
        speaker.say("!next")
        await speaker.sees(says("Now: 1 (0 votes): How small?"))
        speaker.say("!done")
        await speaker.sees(says("1 is answered. Next: 2 (0 votes): How big?"))
        speaker.say("!skip")
        await speaker.sees(says("2 is skipped. Next: 3 (0 votes): Why?"))
        assert "✓ 1" in await world.questions()


async def test_prosody_is_killed_in_the_middle(
    homeserver: Homeserver,
    person: MakePerson,
    bot_factory: MakeBot,
    prosody: Prosody,
    new_folder: Path,
) -> None:
    """The bot is back within 15 seconds; nothing is said twice, and nothing is lost."""
    async with meeting_world(
        homeserver,
        person,
        bot_factory,
        prosody,
        new_folder,
        one_talk,
        at=5,
        speed=10,
        name="killed",
        notices={"qa_minutes": 22},
    ) as world:
        speaker = world.speaker
        await speaker.sees(says("Questions now"))
        await world.ask("How small?", "How big?")
        await speaker.sees(says("1 (0 votes): How small?"))
        prosody.kill()
        # Meanwhile the room goes on.
        await world.ask("Why?")
        assert "3 (0 votes) Why?" in await world.questions()
        await prosody.start()
        began = asyncio.get_running_loop().time()
        await world.comes_back()
        await world.bot_is_in(seconds=15 - (asyncio.get_running_loop().time() - began))
        for question in ("1", "2", "3"):
            await world.take_next(question)
        assert len(set(world.lines)) == len(world.lines)
        assert sum("Questions now" in line for line in world.lines) == 1


async def test_not_started_then_started_then_left_alone(
    homeserver: Homeserver,
    person: MakePerson,
    bot_factory: MakeBot,
    prosody: Prosody,
    new_folder: Path,
) -> None:
    """The bot is neither the first nor the last; removed, it stays out."""
    async with meeting_world(
        homeserver,
        person,
        bot_factory,
        prosody,
        new_folder,
        one_talk,
        at=-9,
        name="alone",
        is_speaker_there=False,
    ) as world:
        speaker = world.speaker
        await speaker.join(world.focus, ROOM)
        chat = await world.chat()
        await world.bot_is_in()
        await speaker.sees(says("You are on at 09:00. Questions from 09:20, cut at 09:25."))
        async with MeetingPerson(prosody, "Ada") as other:
            await other.join(world.focus, ROOM)
            speaker.leave()
            assert BOT_NAME in other.names.values()
            other.leave()
        await world.focus.meeting_ends(ROOM)
        await speaker.join(world.focus, ROOM)
        # Called, it need not find out by itself that people are there, as it did before.
        await world.asker.send(chat, f"!jitsi meeting-alone https://{HOST}/{ROOM}")
        await world.bot_is_in()
        await speaker.kick(BOT_NAME)
        await world.bot_is_out()
        # It is not gone.
        assert "Tiny kernels" in await world.answer("!talk")
        assert BOT_NAME not in speaker.names.values()


async def test_killed_twenty_times_during_the_questions(
    homeserver: Homeserver,
    person: MakePerson,
    bot_factory: MakeBot,
    prosody: Prosody,
    new_folder: Path,
) -> None:
    """At random moments, while the speaker goes from question to question: no line is said twice,
    and every question that was taken was shown."""
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    moments = random.Random(seed)
    async with meeting_world(
        homeserver,
        person,
        bot_factory,
        prosody,
        new_folder,
        one_talk,
        at=5,
        speed=4,
        name="twenty",
        notices={"qa_minutes": 22},
    ) as world:
        speaker = world.speaker
        await world.ask(*(f"Why {number}?" for number in range(1, 26)))
        await speaker.sees(says("1 (0 votes): Why 1?"))
        for _ in range(20):
            speaker.say("!next")
            await asyncio.sleep(moments.uniform(0, 1))
            world.bot.kill()
            await world.bot.start()
            await world.bot_is_in()
        await world.a_moment_later()
        speaker.say("!done")
        await speaker.sees(says("is answered."))
        said = world.own_lines
        assert len({line.id for line in said}) == len(said)
        taken = [line.text.split()[1] for line in said if line.text.startswith("Now: ")]
        assert len(set(taken)) == len(taken)
        answered = re.findall(r"✓ (\d+)", await world.questions())
        assert sorted(map(int, answered)) == sorted(map(int, taken))
        assert len(taken) > 3


async def test_three_talks_one_after_another_and_another_meeting_beside(
    homeserver: Homeserver,
    person: MakePerson,
    bot_factory: MakeBot,
    prosody: Prosody,
    new_folder: Path,
) -> None:
    """Each talk's questions are shown to its own speaker, and the time is theirs."""

    def talks(alias: str) -> list[Planned]:
        attic = alias.replace("#", "#attic-")
        return [
            Planned(1, "Tiny kernels", 0, 11, chat_room=alias),
            Planned(2, "Big kernels", 11, 10, chat_room=alias),
            Planned(3, "Old kernels", 21, 10, chat_room=alias),
            Planned(4, "Clouds", 0, 22, place="Attic", chat_room=attic),
        ]

    # A minute is two seconds.
    async with meeting_world(
        homeserver,
        person,
        bot_factory,
        prosody,
        new_folder,
        talks,
        at=-5,
        speed=30,
        name="three",
        notices={"shortest_qa_talk_minutes": 10},
        others=("attic-meeting-three",),
    ) as world:
        async with MeetingPerson(prosody, "Grace") as other:
            await other.join(world.focus, "attic")
            await world.speaker.sees(says("You are on at 09:00"))
            await world.speaker.sees(says("5 minutes to questions"), 60)
            await world.ask("To the first?")
            await world.speaker.sees(says("First: 1 (0 votes): To the first?"), 30)
            await world.speaker.sees(says("2 minutes left"), 30)
            await world.speaker.sees(says("Time is over"), 30)
            await world.ask("To the second?")
            await world.asker.send(world.others[0], "!ask To the clouds?")
            await world.speaker.sees(says("Questions now, until 09:21."), 60)
            await world.speaker.sees(says("2 (0 votes): To the second?"), 30)
            await other.sees(says("Questions now, until 09:22."), 60)
            await other.sees(says("To the clouds?"), 30)
            said = [line.text for line in other.lines]
            assert not any("first?" in text or "second?" in text for text in said)
        assert not any("clouds?" in line for line in world.lines)
        for once in ("You are on at 09:00", "Questions now, until 09:11.", "To the first?"):
            assert sum(once in line for line in world.lines) == 1, once
        assert len({line.id for line in world.own_lines}) == len(world.own_lines)
