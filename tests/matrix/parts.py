"""The parts of the bot that move Matrix events, on a database and an account of their own."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol, TypeVar

import aiohttp
from sqlalchemy import event, select
from yarl import URL

from fosdembot.changes import Changes, Invited, MembershipChanged, RoomsChanged
from fosdembot.db.engine import Database, WriteSession, sqlite
from fosdembot.db.tables import FailedEvent, Outgoing, Room, RoomAddress
from fosdembot.matrix.api import Api
from fosdembot.matrix.chat_places import ChatPlaces
from fosdembot.matrix.inbox import Inbox
from fosdembot.matrix.invitations import Invitations
from fosdembot.matrix.outbox import Outbox
from fosdembot.matrix.pace import Pace
from fosdembot.matrix.room_addresses import room_of
from fosdembot.matrix.rooms import RoomPolicy, Rooms
from fosdembot.matrix.sender import Sender
from fosdembot.matrix.wake import Wake
from fosdembot.steps import Steps, Take
from simulation.direct import DirectApi
from simulation.fake_homeserver import SERVER, FakeHomeserver
from simulation.fake_requests import Login
from simulation.parts import ShiftedClock
from simulation.stepped_clock import SteppedClock
from simulation.waiting import wait_for

from .disk import Disk, empty_tables
from .stand_ins import Crash, Crasher, CrashingApi, Handled

BOT = f"@bot:{SERVER}"
ORGANISER = f"@organiser:{SERVER}"
T = TypeVar("T")


class Part(Protocol):
    """Works by steps."""

    @property
    def wake(self) -> Wake: ...

    async def step(self) -> float | None: ...

    async def close(self) -> None: ...


class _Inbox:
    """Nobody wakes the inbox, and nothing of it is under way between its steps."""

    def __init__(self, inbox: Inbox) -> None:
        self.wake = Wake()
        self.step = inbox.step

    async def close(self) -> None:
        pass


class Parts:
    """One run of the bot: `database` outlives it, as a file does."""

    def __init__(
        self,
        account: Login,
        user_id: str,
        api: Api,
        clock: SteppedClock | ShiftedClock,
        database: Database,
        crasher: Crasher,
        direct_chats: int,
    ) -> None:
        self.database = database
        self.crasher = crasher
        self.clock = clock
        self.log = logging.getLogger("fosdembot.test")
        self.wake = Wake()
        self.account = account
        self.api = CrashingApi(api, account, crasher)
        self.outbox = Outbox(self.clock, "salt", self.wake)
        self.handled = Handled(self.outbox)
        self.problems: list[dict[str, str | None]] = []
        """What the organisers were told, by address."""
        self.looks: Counter[Part] = Counter()
        """The steps that each part has begun."""
        self.came_in = 0
        """How often the rooms that the bot is in were others than before."""
        api, outbox, log = self.api, self.outbox, self.log
        self.solved: list[str] = []
        """The addresses of which they were told that the bot is in the room now."""
        changes = Changes(log)
        policy = RoomPolicy(user_id.partition(":")[2], ("@_*",))
        self.rooms = Rooms(api, database, policy, outbox, self, changes, self.clock, log)
        self.invitations = Invitations(
            api,
            database,
            (ORGANISER,),
            ChatPlaces(database, self.clock, outbox, direct_chats, 3),
            self.rooms,
            lambda: False,
            self.clock,
            log,
        )
        self.inbox = Inbox(api, database, self.clock, user_id, self.handled, changes, log)
        changes.subscribe(self._note_joined, RoomsChanged)
        changes.wake(self.invitations.wake, Invited)
        changes.wake(self.rooms.wake, MembershipChanged)
        changes.wake(self.wake, MembershipChanged)
        self.pace = Pace(1000, self.clock)
        self.sender = Sender(api, database, outbox, self.clock, self.wake, self.pace, log)

    async def tell_room_problems(self, session: WriteSession, rows: Sequence[RoomAddress]) -> bool:
        self.problems.append({row.address: row.problem for row in rows})
        return True

    async def tell_rooms_joined(self, session: WriteSession, addresses: Sequence[str]) -> None:
        self.solved += addresses

    def _note_joined(self, _change: RoomsChanged) -> None:
        self.came_in += 1

    async def take_steps(self, *parts: Part, after: asyncio.Event | None = None) -> None:
        """Let `parts` take their steps until this is cancelled, or the process ends in one."""
        ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def noting(part: Part) -> Take:
            async def step() -> float | None:
                self.looks[part] += 1
                try:
                    return await part.step()
                except Crash as crash:
                    if not ended.done():
                        ended.set_exception(crash)
                    return None

            return step

        steps = Steps(self.clock, self.log)
        steps.start()
        for number, part in enumerate(parts):
            take = noting(part)
            steps.add(f"{number}", take, part.wake, after=after, longest=30, close=part.close)
        try:
            await ended
        finally:
            await steps.stop()

    def sends(self) -> Coroutine[Any, Any, None]:
        """What the sender does once the inbox has caught up."""
        return self.take_steps(self.sender, after=self.inbox.caught_up)

    @asynccontextmanager
    async def running(self, work: Coroutine[Any, Any, None]) -> AsyncIterator[asyncio.Task[None]]:
        """A task that runs meanwhile; what it raised is raised."""
        task = asyncio.create_task(work)
        try:
            yield task
        finally:
            if task.done():
                task.result()
            async with self.database.no_writing():
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    @asynccontextmanager
    async def receiving(self) -> AsyncIterator[None]:
        """The inbox runs, and has caught up."""
        self.inbox.caught_up.clear()
        async with self.running(self.take_steps(_Inbox(self.inbox), self.inbox.lagging)) as task:

            async def so() -> bool:
                return task.done() or self.inbox.caught_up.is_set()

            await wait_for(so, 20, "all that happened meanwhile")
            if not task.done():
                yield

    @asynccontextmanager
    async def sending(self) -> AsyncIterator[None]:
        """The inbox and the sender run."""
        async with (
            self.receiving(),
            self.running(self.sends()),
        ):
            yield

    @asynccontextmanager
    async def entering(self, *addresses: str) -> AsyncIterator[None]:
        """The inbox, the rooms and what answers invitations run; `addresses` are wanted. Those
        that are called control or hosts have that role."""
        async with (
            self.receiving(),
            self.running(self.take_steps(self.rooms)),
            self.running(self.take_steps(self.invitations)),
        ):
            roles = [a for a in addresses if a.startswith(("#control", "#hosts"))]
            self.rooms.want(addresses, roles)
            yield

    async def room_of(self, address: str) -> str | None:
        async with self.database.read() as session:
            return await room_of(session, address)

    async def until_in(self, address: str, room: str | None) -> None:
        async def so() -> bool:
            return await self.room_of(address) == room

        await wait_for(so, 10, f"{address} is {room}")

    @asynccontextmanager
    async def sending_unheard(self) -> AsyncIterator[None]:
        """The sender runs, and nothing comes in that might tell what became of it."""
        await self.catch_up()
        async with self.running(self.sends()):
            yield

    async def catch_up(self) -> None:
        """Start, take in what happened meanwhile, stop."""
        async with self.receiving():
            pass

    async def say(self, key: str, room: str, body: str = "", **options: Any) -> None:
        """Put a message in the outbox."""
        options.setdefault("urgency", 50)
        async with self.database.write() as session:
            content = {"msgtype": "m.notice", "body": body or key}
            await self.outbox.message(session, key, room, content, **options)

    async def edit(self, target: str, body: str) -> None:
        async with self.database.write() as session:
            await self.outbox.edit(session, target, {"msgtype": "m.notice", "body": body})

    async def pin(self, room: str, target: str) -> None:
        async with self.database.write() as session:
            await self.outbox.pin(session, room, target)

    async def react(self, key: str, room: str, emoji: str = "👍", **options: Any) -> bool:
        async with self.database.write() as session:
            return await self.outbox.react(session, key, room, emoji, **options)

    async def redact(self, target: str) -> None:
        async with self.database.write() as session:
            await self.outbox.redact(session, f"redact/{target}", target)

    async def row(self, key: str) -> Outgoing:
        async with self.database.read() as session:
            row = await self.outbox.find(session, key)
        assert row is not None, key
        return row

    async def states(self) -> dict[str, str]:
        """Key → state of every row of the outbox."""
        async with self.database.read() as session:
            rows = await session.execute(_STATES)
            return {row.key: row.state for row in rows}

    async def let_pass(self, seconds: float) -> None:
        assert isinstance(self.clock, SteppedClock)
        await self.clock.advance(seconds)

    def skip_waiting(self) -> None:
        """What an earlier run had under way is settled by now."""
        self.clock.ahead += timedelta(seconds=20)

    async def until_all_sent(self) -> None:
        """Also ends when the process does."""

        async def so() -> bool:
            self.crasher.check()
            return set((await self.states()).values()) == {"sent"}

        await wait_for(so, 20, "everything sent")

    async def until(self, **states: str) -> None:
        """Wait until rows of the outbox (`_` in a key stands for `:` or `/`) are as given."""

        async def so() -> bool:
            found = {key.translate(_NAMES): state for key, state in (await self.states()).items()}
            return all(found.get(key) == state for key, state in states.items())

        await wait_for(so, 10, f"{states}")

    async def get(self, table: type[T], key: Any) -> T | None:
        async with self.database.read() as session:
            return await session.get(table, key)

    async def membership(self, room: str) -> str | None:
        row = await self.get(Room, room)
        return row.membership if row is not None else None

    async def failed_events(self) -> dict[str, str]:
        async with self.database.read() as session:
            return {row.event_id: row.error for row in await session.scalars(select(FailedEvent))}


_NAMES = str.maketrans(":/", "__")
_STATES = select(Outgoing.key, Outgoing.state).order_by(Outgoing.id)


class Machine:
    """Where the bot runs, again and again, on the same database."""

    def __init__(self, server: FakeHomeserver, folder: Path, stack: AsyncExitStack) -> None:
        self.server = server
        self.may_lose_power = False
        """Whether the runs to come keep on `disk` what a power cut would leave."""
        self.disk: Disk
        """Of the last run that might lose power."""
        self._folder = folder
        self._stack = stack

    def file(self, name: str) -> Path:
        """The database of the bot that is called so."""
        return self._folder / f"{name}.db"

    def files(self, name: str) -> tuple[bytes, bytes]:
        """That database, and its log, as they are now."""
        file = self.file(name)
        return file.read_bytes(), file.with_name(file.name + "-wal").read_bytes()

    async def start(
        self,
        device: str = "DEVICE",
        name: str = "bot",
        crasher: Crasher | None = None,
        direct_chats: int = 10,
    ) -> Parts:
        """A new process: nothing of an earlier one is in its memory."""
        return await self.run(self.server.log_in(BOT, device), BOT, name, crasher, direct_chats)

    async def run(
        self,
        account: Login,
        user_id: str,
        name: str = "bot",
        crasher: Crasher | None = None,
        direct_chats: int = 10,
    ) -> Parts:
        """The same on any homeserver; without a network, and on its clock, where that is
        stepped."""
        path = self.file(name)
        if not path.exists():
            path.write_bytes(empty_tables())
        database = sqlite(str(path))
        self._stack.push_async_callback(database.close)
        crasher = crasher or Crasher()
        for engine in database.engines:
            event.listen(engine, "commit", crasher.step)
        # After it: to the disk, a commit that does not happen is none.
        if self.may_lose_power:
            self.disk = Disk(database, path)
        api: Api
        clock: SteppedClock | ShiftedClock
        if account.base_url == URL(self.server.url) and isinstance(self.server.clock, SteppedClock):
            api, clock = DirectApi(self.server, account), self.server.clock
        else:
            http = await self._stack.enter_async_context(aiohttp.ClientSession())
            api, clock = Api(http, account), ShiftedClock()
        return Parts(account, user_id, api, clock, database, crasher, direct_chats)


def bodies(parts: Parts) -> list[str]:
    """What was handled that has words."""
    return [body for body in parts.handled.bodies if body]


async def handled(parts: Parts, expected: list[str]) -> None:
    """Wait until this, and nothing else, was handled."""

    async def so() -> bool:
        return len(bodies(parts)) >= len(expected)

    await wait_for(so, 10, f"{len(expected)} events")
    assert bodies(parts) == expected


async def until_heard(parts: Parts, *expected: str) -> None:
    async def so() -> bool:
        return set(expected) <= set(parts.handled.bodies)

    await wait_for(so, 20, f"{expected}")
