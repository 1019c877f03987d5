"""What stands around the parts under test: a handler that takes notes, and crashes at will."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from fosdembot.db.engine import WriteSession
from fosdembot.matrix.api import Api, Json
from fosdembot.matrix.items import Apart
from fosdembot.matrix.known import KnownRoom
from fosdembot.matrix.outbox import Outbox
from simulation.fake_requests import Login


class Crash(BaseException):
    """The process ends here."""


@dataclass
class Crasher:
    """Ends the process at its `at`-th step: before a request, after it, before a commit."""

    at: int | None = None
    steps: int = 0

    def step(self, *_: object) -> None:
        self.steps += 1
        self.check()

    def check(self) -> None:
        if self.at is not None and self.steps >= self.at:
            raise Crash


class CrashingApi(Api):
    """Asks by `api`, and may end the process before and after each request."""

    def __init__(self, api: Api, account: Login, crasher: Crasher) -> None:
        self._api = api
        self._account = account
        self._crasher = crasher

    async def request(self, *args: Any, **kwargs: Any) -> Json:
        self._crasher.step()
        answer = await self._api.request(*args, **kwargs)
        self._crasher.step()
        return answer


async def nothing(session: WriteSession, room: str, event: Json) -> None:
    """What a handler does besides."""


@dataclass
class Handled:
    """A handler that notes what it was given, and answers what begins with `!`."""

    outbox: Outbox
    bodies: list[str] = field(default_factory=list)
    first: Callable[[WriteSession, str, Json], Awaitable[None]] = nothing

    together: list[list[str]] = field(default_factory=list)
    """What began with `+`, as it came together, among others."""
    plain: list[list[str]] = field(default_factory=list)
    """The same of batches in which there was nothing else, but who is in the room."""

    at_once: Callable[[Connection, Sequence[str]], None] = lambda connection, bodies: None
    """What a plain batch does besides."""

    def may_go_together(self, room: KnownRoom, event: Json) -> bool:
        is_member = event["type"] == "m.room.member"
        return is_member or str(event["content"].get("body", "")).startswith("+")

    def take_together(
        self, connection: Connection, events: Sequence[tuple[str, Json]]
    ) -> Callable[[], None]:
        bodies = [str(each["content"]["body"]) for _, each in events if "body" in each["content"]]
        if self.first is not nothing:
            raise Apart("a test wants to see each event")
        self.at_once(connection, bodies)

        def note() -> None:
            self.bodies.extend(bodies)
            self.plain.append(bodies)

        return note

    async def handle_together(
        self, session: WriteSession, events: Sequence[tuple[str, Json]]
    ) -> None:
        bodies = [str(each["content"]["body"]) for _, each in events]
        for room, each in events:
            await self.first(session, room, each)
        session.after_commit(lambda: self.bodies.extend(bodies))
        session.after_commit(lambda: self.together.append(bodies))

    async def failed(self, session: WriteSession, room: str, event: Json) -> None:
        content = {"msgtype": "m.notice", "body": "sorry"}
        await self.outbox.message(session, f"answer/{event['event_id']}", room, content, 55)

    async def handle(self, session: WriteSession, room: str, event: Json) -> None:
        body = str(event["content"].get("body", ""))
        await self.first(session, room, event)
        if body.startswith("!"):
            content = {"msgtype": "m.notice", "body": f"answer to {body}"}
            await self.outbox.message(session, f"answer/{event['event_id']}", room, content, 55)
        session.after_commit(lambda: self.bodies.append(body))
