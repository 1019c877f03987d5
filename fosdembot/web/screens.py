"""What a page shows at one moment, in the parts in which it may change.

A screen is drawn once for all who look at the same: nothing of it depends on who looks.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, slots=True)
class Topic:
    """Something that people look at."""

    view: str
    """By which drawing: `room`, `stage`, `overlay`, `speaker`, `moderator`."""
    address: str
    """The talk room; empty: all of them."""
    talk: str | None = None
    """One talk of it (its guid); None: whatever is on."""


@dataclass(frozen=True, slots=True)
class Item:
    """An entry of the page's list."""

    key: str
    """Of which there is one: `q12` for a question."""
    html: str
    """The inside of its element."""


@dataclass(frozen=True, slots=True)
class Countdown:
    """The big clock."""

    until: datetime
    """Counted down to, and up from, by the server's clock."""
    label: str
    """What happens then: "Q&A begins"."""
    warns_at: datetime | None = None
    """From when on it looks another way."""


@dataclass(frozen=True, slots=True)
class Screen:
    parts: Mapping[str, str] = field(default_factory=dict)
    """Id of an element → its inside, as HTML. One that is empty now is best named with ""."""
    items: tuple[Item, ...] = ()
    """The page's list, in its order."""
    countdown: Countdown | None = None
    redraw_at: datetime | None = None
    """When it looks another way though nothing happens: a talk begins, for example."""
    announced: str = ""
    """What a screen reader says when it is another than before: what is being answered, and the
    next moment. Votes are not in it."""
    facts: object = field(default=None, compare=False)
    """What it was drawn from: for a page that shows one person something besides."""
    redraw: Redraw | None = field(default=None, compare=False)
    """Draws it anew where nothing but questions may be others, and `redraw_at` has not come: so it
    is with each vote. None: it is drawn as at first."""


Redraw = Callable[[AsyncSession, datetime], Awaitable[Screen]]
"""At a moment (conference time)."""
Draw = Callable[[AsyncSession, Topic, datetime], Awaitable[Screen]]
"""Draws what a topic looks like at a moment (conference time)."""
