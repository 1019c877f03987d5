"""A moderator removes the bot: organisers and hosts know, and on its return all is as it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fosdembot.db.engine import Database
from simulation.conference import START, Planned, write_schedule
from simulation.fake_homeserver import SERVER, FakeHomeserver
from simulation.running import BOT, CONTROL, ORGANISER, clock_from, running
from simulation.waiting import wait_for

HALL, HOSTS = f"#hall:{SERVER}", f"#hosts:{SERVER}"
ADA, MOD = f"@ada:{SERVER}", f"@mod:{SERVER}"


async def test_removed_told_and_back(
    server: FakeHomeserver, database: Database, tmp_path: Path
) -> None:
    server.create_room(CONTROL, [BOT, ORGANISER])
    server.create_room(HOSTS, [BOT, MOD], public=False)
    hall = server.create_room(HALL, [BOT, ADA])
    path = tmp_path / "schedule.xml"
    write_schedule(path, [Planned(1, "Tiny kernels", 0.15, 25, chat_room=HALL)])
    settings: dict[str, Any] = {"schedule": {"source": str(path)}, "hosts": {"Main": HOSTS}}
    async with running(server, database, clock_from(START), **settings) as bot:
        await bot.heard(CONTROL, "Schedule read")
        await bot.bot.inbox.caught_up.wait()
        joins = server.requests["join"]
        hall.set_membership(MOD, BOT, "leave")
        for room in (CONTROL, HOSTS):
            await bot.heard(room, f"{HALL}: {MOD} removed me. I come back at 10:00")
        bot.room(CONTROL).say(ORGANISER, "!conf rooms")
        said = await bot.heard(CONTROL, "1 problem:")
        assert "removed me" in said[-1]
        assert "on my way" not in said[-1]
        event = hall.say(ADA, "!ask How small can it get?")
        clock = bot.bot.notice_scheduler._clock

        async def has_begun() -> bool:
            return (clock.now() - START).total_seconds() > 10

        await wait_for(has_begun)
        assert server.requests["join"] == joins, "it does not come back at once"
        hall.set_membership(MOD, BOT, "invite")
        await bot.heard(HALL, "Now, until 09:25")

        async def confirmed() -> bool:
            return bool([e for e in hall.related(event, "m.annotation") if e["sender"] == BOT])

        await wait_for(confirmed, what="the question that was asked meanwhile has its number")
        bot.room(CONTROL).say(ORGANISER, "!conf rooms")
        await bot.heard(CONTROL, f"{HALL}: I cannot pin.")
