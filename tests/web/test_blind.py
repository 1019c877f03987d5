"""The homeserver is away: pages say since when, and monitors are told."""

from __future__ import annotations

from simulation.fake_requests import Fault

from .world import World, empty_database, world

__all__ = ["empty_database", "world"]
AWAY = "The chat cannot be reached since 10:0"


async def test_pages_say_since_when_and_go_on(world: World) -> None:
    await world.ask("How small?")
    ready = await world.get("/readyz")
    assert (ready.status, ready.text) == (200, "Ready.\n")
    away = world.running.server.fail(Fault("sync", answer=(502, {}), times=1000))
    async with world.watch() as stream:
        await stream.sees("How small?")
        world.say("@ada:fake.test", "wakes what waits")
        await world.stepped.advance(5)
        ready = await world.get("/readyz")
        assert (ready.status, ready.text) == (
            503,
            "Not ready: nothing comes in from the homeserver.\n",
        )
        assert (await world.get("/healthz")).status == 200
        assert AWAY not in stream.shown, "nobody is told of a hiccup"
        await stream.sees(AWAY, seconds=60)
        assert AWAY in (await world.get("/r/kernel")).text
        assert "How small?" in stream.shown
        away.times = 0
        await stream.until(lambda it: it.parts["away"] == "", "that it is back", seconds=120)
    assert (await world.get("/readyz")).status == 200


async def test_nothing_is_ready_before_what_was_missed_was_read(world: World) -> None:
    world.bot.inbox.caught_up.clear()
    ready = await world.get("/readyz")
    assert ready.status == 503
    assert "reads what happened" in ready.text
