"""What is not as it was: one signal, given after the commit of a change.

It is a hint where to look. What is true stands in the database; a crash between the commit and
the signal loses only the hint, so each part that hears it also looks when it starts.

It lies below all that publishes: the desk, the programme, and what moves Matrix events.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar

from fosdembot.db.engine import WriteSession
from fosdembot.meeting_url import MeetingUrl


@dataclass(frozen=True, slots=True)
class Change:
    """One of the kinds below."""


@dataclass(frozen=True, slots=True)
class QuestionsChanged(Change):
    """The questions to talks, the votes on them, or what was written of them."""

    talks: frozenset[str]
    """Guids."""


@dataclass(frozen=True, slots=True)
class TalksChanged(Change):
    """What takes place in some rooms, how they are told of it, whether questions are looked at
    there before others see them, or what guests may do there."""

    addresses: frozenset[str]


@dataclass(frozen=True, slots=True)
class ScheduleChanged(Change):
    """Another schedule is in force: any talk of any room may be another."""


@dataclass(frozen=True, slots=True)
class HostsChanged(Change):
    """The hosts of a track meet elsewhere."""


@dataclass(frozen=True, slots=True)
class RoomsChanged(Change):
    """Addresses of the schedule or the settings lead to other rooms that the bot is in."""

    addresses: frozenset[str] | None = None
    """These, and those that lead to the same rooms; None: any."""


@dataclass(frozen=True, slots=True)
class MembershipChanged(Change):
    """The bot has come into some room, or is out of it, whether an address leads there or not."""


@dataclass(frozen=True, slots=True)
class Invited(Change):
    """Somebody invites the bot, or has left the direct chat with it."""


@dataclass(frozen=True, slots=True)
class Upgraded(Change):
    """A room was replaced by another one."""


@dataclass(frozen=True, slots=True)
class RightsChanged(Change):
    """The power levels of a room, or whether it is encrypted."""

    room: str
    """Its id."""


@dataclass(frozen=True, slots=True)
class Unreadable(Change):
    """Somebody wrote in an encrypted direct chat."""


@dataclass(frozen=True, slots=True)
class MeetingNamed(Change):
    """Somebody said that talks have this meeting: the bot is wanted there."""

    meeting: MeetingUrl


@dataclass(frozen=True, slots=True)
class MeetingsChanged(Change):
    """The bot has come into a speaker's meeting, or is out of it, or cannot come in for another
    reason than before."""


@dataclass(frozen=True, slots=True)
class PrivacyChanged(Change):
    """Somebody does not want to be named in transcripts any more, or wants to again. Those that
    are known to name them are to be made again already."""

    person: str


@dataclass(frozen=True, slots=True)
class AccessEnded(Change):
    """Secret links were revoked, or somebody is logged out: what is open by that is to be
    closed."""


@dataclass(frozen=True, slots=True)
class TranscriptsDue(Change):
    """Some transcript is to be made (again)."""


C = TypeVar("C", bound=Change)


class Wakes(Protocol):
    """As `asyncio.Event` and `matrix.wake.Wake`."""

    def set(self) -> None: ...


class Subscription:
    """Ends with `close()`, or at the end of a `with`."""

    def __init__(
        self, changes: Changes, hear: Callable[[Any], None], kinds: tuple[type[Change], ...]
    ) -> None:
        self._changes = changes
        self.hear = hear
        self.kinds = kinds
        self.is_closed = False

    def close(self) -> None:
        """From now on nothing is heard. May be called again."""
        self.is_closed = True
        self._changes.forget(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        err: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class Changes:
    """Tells its subscribers, in the order in which they came."""

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._subscriptions: list[Subscription] = []

    @property
    def subscriptions(self) -> Sequence[Subscription]:
        """In the order in which they are told."""
        return tuple(self._subscriptions)

    def subscribe(self, hear: Callable[[C], None], *kinds: type[C]) -> Subscription:
        """Call `hear` with each change of these kinds (none given: of all). It is called for
        every vote, and must not wait: it notes what to look at, and wakes who looks."""
        subscription = Subscription(self, hear, kinds or (Change,))
        self._subscriptions.append(subscription)
        return subscription

    def wake(self, wake: Wakes, *kinds: type[Change]) -> Subscription:
        """Set `wake` at each change of these kinds."""
        return self.subscribe(lambda _: wake.set(), *kinds)

    def forget(self, subscription: Subscription) -> None:
        if subscription in self._subscriptions:
            self._subscriptions.remove(subscription)

    def publish(self, session: WriteSession, change: Change) -> None:
        """Tell of `change` once the session is committed; never, if it is rolled back."""
        session.after_commit(lambda: self.tell(change))

    def tell(self, change: Change) -> None:
        """The same where the commit is behind us."""
        for subscription in self.subscriptions:
            if subscription.is_closed or not isinstance(change, subscription.kinds):
                continue
            try:
                subscription.hear(change)
            except Exception:
                self._log.exception("%s was not heard by everybody", change)
