"""The database that maubot gives the instance, as one writer and many readers.

A write transaction is alone: `BEGIN IMMEDIATE` on SQLite, an advisory lock on
PostgreSQL. So whatever it reads is still true when it writes, on both. It must
never wait for the network. Readers do not queue behind it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Protocol, TypeVar

from mautrix.util.async_db import Database as MaubotDatabase
from mautrix.util.async_db import Scheme
from sqlalchemy import Connection, Engine, Executable, event
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import Session

from .base import Base
from .by_key import ByKeySession
from .postgresql import BEGIN, postgresql_engines
from .sqlite import DURABLE, READ_ONLY, LoopWriter, sqlite_engine
from .watch import Watch, Watches

_T = TypeVar("_T")
Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]] | None
"""Of one row, or of several."""


class AtOnce(Protocol):
    """How a database does transactions that are one function, see `Database.at_once`."""

    async def run(self, work: Callable[[Connection], _T], *, durable: bool) -> _T: ...

    async def close(self) -> None: ...


class _Holding(ByKeySession):
    """Holds what it has read. A session alone forgets a row as soon as nobody else holds it
    ("Session Referencing Behavior"), and would ask for it again for each event of a batch."""


@event.listens_for(_Holding, "loaded_as_persistent")
@event.listens_for(_Holding, "detached_to_persistent")
@event.listens_for(_Holding, "pending_to_persistent")
def _hold(session: Session, row: object) -> None:
    session.info.setdefault("held", []).append(row)


class WriteSession(AsyncSession):
    """A unit of work that may write."""

    sync_session_class = _Holding

    def after_commit(self, action: Callable[[], None]) -> None:
        """Do `action` once this is committed; never, if it is rolled back."""
        self.info.setdefault("after_commit", []).append(action)

    async def execute_apart(self, statement: Executable, parameters: Parameters = None) -> None:
        """Execute a statement that looks at no row in this session, nor writes those that wait."""
        await self.run_sync(lambda session: session.connection().execute(statement, parameters))

    @asynccontextmanager
    async def part(self) -> AsyncIterator[None]:
        """What is done in it is rolled back on any exception, and nothing else is."""
        actions = self.info.setdefault("after_commit", [])
        before = len(actions)
        try:
            async with self.begin_nested():
                yield
        except BaseException:
            del actions[before:]
            raise


class _ReadSession(AsyncSession):
    sync_session_class = ByKeySession


class _EndsAtOnce(_ReadSession):
    """One that reads where no server is waited for: nobody has to see to its end."""

    async def __aexit__(self, *_: object) -> None:
        await self.close()


class Database:
    """Units of work on one instance's tables."""

    def __init__(self, engine: AsyncEngine, at_once: AtOnce, *others: Engine) -> None:
        self.engine = engine
        self.engines = (engine.sync_engine, *others)
        """All that statements go by."""
        self.unsure: Callable[[], None] = lambda: None
        """Called when a commit of `write` has failed. A server may have committed all the same,
        if the connection to it was lost: what was to be done then was not done."""
        self._at_once = at_once
        self._is_server = engine.dialect.name == "postgresql"
        self._reading = _ReadSession if self._is_server else _EndsAtOnce
        self._one_writer = asyncio.Lock()
        self._watches = Watches(self.engines)

    def watch(self, *tables: type[Base]) -> Watch:
        """Tells whether rows of these tables may be others than they were."""
        return self._watches.add(*tables)

    @asynccontextmanager
    async def write(self, *, durable: bool = True) -> AsyncIterator[WriteSession]:
        """A transaction that commits at the end, or rolls back on any exception.

        A power cut may lose the last commits, unless they or a later one are `durable`: then
        the disk has them all. Others may be used where a loss is noticed and made good, and
        never for what others see next, or for what is remembered outside of the database.
        """
        # On SQLite nothing below waits for anything: others would never have their turn.
        await asyncio.sleep(0)
        async with self._one_writer:
            with self._watches.transaction():
                session = WriteSession(self.engine, expire_on_commit=False)
                only_the_commit_is_left = False
                try:
                    await session.connection(execution_options={DURABLE: durable})
                    if self._is_server:
                        await session.execute(BEGIN[durable])
                    yield session
                    await session.flush()
                    only_the_commit_is_left = True
                    await session.commit()
                except BaseException:
                    if only_the_commit_is_left:
                        self.unsure()
                    async with session:
                        # Closing it would not end a transaction whose commit failed.
                        await session.rollback()
                    raise
                # At once: what follows is a moment at which one may be cut off.
                for action in session.info.get("after_commit", ()):
                    action()
                await session.close()

    async def at_once(self, work: Callable[[Connection], _T], *, durable: bool = True) -> _T:
        """The same for a transaction that is one synchronous function of a few statements,
        and much cheaper. Returns what `work` does."""
        await asyncio.sleep(0)
        async with self._one_writer:
            with self._watches.transaction():
                return await self._at_once.run(work, durable=durable)

    @asynccontextmanager
    async def no_writing(self) -> AsyncIterator[None]:
        """Nobody writes meanwhile: the moment to cancel tasks. On SQLite, one that is cut
        off in a transaction may keep the database locked until its memory is collected."""
        async with self._one_writer:
            yield

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """Reads only; it waits for no writer."""
        await asyncio.sleep(0)
        async with self._reading(self.engine, expire_on_commit=False) as session:
            await session.connection(execution_options={READ_ONLY: True})
            yield session

    async def run_sync(self, work: Callable[[Connection], _T]) -> _T:
        """What synchronous `work` (Alembic's) returns, done in a write transaction."""
        async with self.engine.begin() as connection:
            return await connection.run_sync(work)

    async def close(self) -> None:
        await self._at_once.close()
        await self.engine.dispose()


def sqlite(path: str) -> Database:
    """The SQLite database in the file at `path`."""
    in_loop = LoopWriter(path)
    return Database(sqlite_engine(path), in_loop, in_loop.engine)


def postgresql(url: str, schema: str | None = None) -> Database:
    """The PostgreSQL database at `url` (as asyncpg reads it), in `schema`."""
    engine, at_once = postgresql_engines(url, schema)
    return Database(engine, at_once, at_once.engine.sync_engine)


def from_maubot(database: MaubotDatabase) -> Database:
    """The database that maubot made for the plugin instance.

    In the full server on PostgreSQL it is a proxy that gives each instance a schema.
    """
    if database.scheme == Scheme.SQLITE:
        return sqlite(database.url.path)
    return postgresql(str(database.url), getattr(database, "schema_name", None))
