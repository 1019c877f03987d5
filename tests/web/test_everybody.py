"""Every endpoint × everybody: who gets in, with which secret, and from where.

What is expected is written down by hand, for each route that there is: a new one without a line
here fails. Whoever is refused changes nothing, is told so in a sentence, and learns nothing of what
only others may see.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import product

import aiohttp
import pytest
from sqlalchemy import func, select, update

from fosdembot.conference.page_links import LinkFor, LinkKind
from fosdembot.db.page_tables import PageLink
from fosdembot.db.question_tables import Act, Question
from fosdembot.web.cookies import Cookies
from simulation.waiting import wait_for
from tests.stage import empty_database
from tests.web.world import ADA, BOB, CLOUD, KERNEL, MODERATOR, World, world

__all__ = ["empty_database", "world"]

HIDDEN = "Only moderators read this"
"""A question that waits for a moderator."""
READ = "Everybody reads this"

# Who: a name, and how they show it.
PERSONS = {"attendee", "attendee in a frame", "moderator"}
LINKS = {"speaker's link", "moderators' link"}
OF_OTHERS = {"other speaker's link", "other room's link"}
OVERLAYS = {"overlay's link", "other overlay's link"}
GUESTS = {"guest", "other room's guest"}
OVER = {"wrong key", "revoked key", "expired key"}
NO_MORE = {"session that is over"}
"""In a frame; a cookie that is over is nobody's."""
NOBODY = {"nobody"}
FOREIGN = {
    "attendee from another site",
    "attendee of another site",
    "moderator from another site",
}
EVERYBODY = PERSONS | LINKS | OF_OTHERS | OVERLAYS | GUESTS | OVER | NO_MORE | NOBODY | FOREIGN
MODERATORS = {"moderator", "moderator from another site"}
WITH_KEY = LINKS | OF_OTHERS | OVERLAYS | OVER
KNOWN = EVERYBODY - OVER - NO_MORE
"""Whoever shows nothing that is wrong: what needs no secret they read."""

DECIDED: dict[str, set[str]] = {
    "GET /": EVERYBODY,
    "GET /events": EVERYBODY,
    "GET /healthz": EVERYBODY,
    "GET /readyz": EVERYBODY,
    "GET /static/{name}": EVERYBODY,
    "GET /login": EVERYBODY - WITH_KEY,
    "GET /login/state": EVERYBODY,
    "POST /login": EVERYBODY - FOREIGN - {"attendee in a frame"},
    "POST /logout": EVERYBODY - FOREIGN,
    # Who shows a cookie: it says whether a browser keeps them.
    "GET /in": (PERSONS | GUESTS | FOREIGN) - {"attendee in a frame"},
    "POST /widget": set(),
    "GET /r/{room}": KNOWN,
    "GET /r/{room}/t/{talk}": KNOWN,
    "GET /r/{room}/events": EVERYBODY,
    "GET /r/{room}/mine": KNOWN,
    "POST /r/{room}/ask": PERSONS,
    "POST /r/{room}/vote": PERSONS,
    "POST /r/{room}/unvote": PERSONS,
    "POST /r/{room}/withdraw": PERSONS,
    "GET /r/{room}/moderate": MODERATORS,
    "GET /r/{room}/moderate/events": MODERATORS,
    # Whoever may do something, may by either way.
    "POST /r/{room}/moderate": {"moderator"} | LINKS,
    "GET /talk": LINKS | OF_OTHERS,
    "GET /talk/events": LINKS | OF_OTHERS,
    "POST /talk/do": {"moderator"} | LINKS,
    "GET /overlay": OVERLAYS,
    "GET /overlay/events": OVERLAYS,
    "GET /overlay/style.css": EVERYBODY,
    "GET /g": EVERYBODY,
    "GET /g/{code}": set(),
    "POST /g/{code}": set(),
}
"""By route who gets in. By a link for another talk, or another room, one sees that, and nothing of
this one. The code of the hall is a wrong one, and nobody has a client's token (`/widget`)."""


@dataclass(frozen=True)
class Visit:
    """How somebody shows who they are."""

    headers: Mapping[str, str] = field(default_factory=dict)
    key: str = ""
    origin: str | None = ""
    """"": the pages' own."""


@dataclass
class Crowd:
    world: World
    http: aiohttp.ClientSession
    visits: dict[str, Visit]
    asked: dict[str, int] = field(default_factory=dict)
    """By who the number of their last question."""
    code: str = "ABCD"
    """Of the hall."""

    async def send(self, who: str, route: str, text: str) -> tuple[int, str]:
        """The status, and what was answered; of a stream nothing."""
        method, path = route.split(" ")
        visit = self.visits[who]
        headers = {"Accept": "application/json", **visit.headers}
        if method == "POST" and visit.origin is not None:
            headers["Origin"] = visit.origin or self.world.origin
        url = self.world.url + self._filled(path)
        if visit.key:
            url += f"?key={visit.key}"
        form = self._form(who, route, text) if method == "POST" else None
        async with self.http.request(
            method, url, headers=headers, data=form, allow_redirects=False
        ) as response:
            is_stream = response.content_type == "text/event-stream"
            if is_stream:
                return response.status, (await response.content.readuntil(b"\n\n")).decode()
            return response.status, await response.text()

    def _filled(self, path: str) -> str:
        static = self.world.bot.pages.app.rendering.static("pages.css").rpartition("/")[2]
        names = {"room": "kernel", "talk": "talk-1", "name": static, "code": self.code}
        for name, value in names.items():
            path = path.replace(f"{{{name}}}", value)
        return path

    def _form(self, who: str, route: str, text: str) -> dict[str, str]:
        act = f"{abs(hash((who, route))):x}"
        number = str(self.asked.get(who, 1) if "withdraw" in route else 1)
        do = "take 1" if "/talk/" in route else "star 1"
        return {"act": act, "text": text, "question": number, "do": do, "answer": "no"}


@pytest.fixture
async def crowd(world: World) -> AsyncIterator[Crowd]:
    await world.ask(READ, BOB)
    await world.ask(HIDDEN, BOB)
    async with world.database.write() as session:
        hidden = update(Question).where(Question.number == 2)
        await session.execute(hidden.values(state="pending"))
    visits = await made(world)
    assert set(visits) == EVERYBODY
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        yield Crowd(world, http, visits)


async def made(world: World) -> dict[str, Visit]:
    links, sessions = world.bot.page_links, world.bot.page_sessions
    now, name = world.clock.now(), Cookies(world.url).name()
    room_s = {alias: LinkFor(LinkKind.OVERLAY, address=alias) for alias in (KERNEL, CLOUD)}
    talk_s = {
        (talk, kind): LinkFor(kind, talk=talk)
        for talk in ("talk-1", "talk-2", "talk-11")
        for kind in (LinkKind.SPEAKER, LinkKind.MODERATOR)
    }
    async with world.database.write() as session:

        async def key(for_what: LinkFor) -> Visit:
            return Visit(key=await links.make(session, for_what, "Ada", now))

        async def cookie(token: str | None) -> Visit:
            return Visit({"Cookie": f"{name}={token}"})

        async def person(id_: str) -> Visit:
            return await cookie(await sessions.start(session, id_, ""))

        bearer = await sessions.start(session, ADA, "Ada")
        later = now + timedelta(hours=1)
        revoked = await key(talk_s["talk-2", LinkKind.MODERATOR])
        await links.revoke(session, now)
        expired = await key(talk_s["talk-2", LinkKind.MODERATOR])
        # Its talk would give it more time.
        old = update(PageLink).where(PageLink.revoked_at.is_(None))
        long_ago = now - timedelta(days=1)
        await session.execute(old.values(expires=long_ago, talk="a talk that is gone"))
        return {
            "nobody": Visit(),
            "attendee": await person(ADA),
            "moderator": await person(MODERATOR),
            "attendee in a frame": Visit({"Authorization": f"Bearer {bearer}"}, origin=None),
            "attendee from another site": replace(
                await person(ADA), origin="https://evil.example.org"
            ),
            "attendee of another site": replace(await person(ADA), origin=None),
            "moderator from another site": replace(await person(MODERATOR), origin="null"),
            "session that is over": Visit({"Authorization": "Bearer over"}),
            "wrong key": Visit(key="x" * 32),
            "revoked key": revoked,
            "expired key": expired,
            "speaker's link": await key(talk_s["talk-1", LinkKind.SPEAKER]),
            "moderators' link": await key(talk_s["talk-1", LinkKind.MODERATOR]),
            "other speaker's link": await key(talk_s["talk-2", LinkKind.SPEAKER]),
            "other room's link": await key(talk_s["talk-11", LinkKind.MODERATOR]),
            "overlay's link": await key(room_s[KERNEL]),
            "other overlay's link": await key(room_s[CLOUD]),
            "guest": await cookie(await sessions.start_guest(session, "talk-1", later)),
            "other room's guest": await cookie(
                await sessions.start_guest(session, "talk-11", later)
            ),
        }


def routes(world: World) -> list[str]:
    """All that there are; logging out comes last."""
    there = [f"{route.method} {route.path}" for route in world.bot.pages.app.routes.all]
    return sorted(there, key=lambda route: route.endswith("/logout"))


async def test_every_route_is_decided_about(world: World) -> None:
    assert set(routes(world)) - set(DECIDED) == set(), "say in DECIDED who gets in"


async def state(world: World) -> tuple[object, ...]:
    """What was done, and what there is."""
    async with world.database.read() as session:
        acts = await session.scalar(select(func.count(Act.cause)))
        questions = await session.execute(
            select(Question.number, Question.state, Question.votes, Question.skipped)
        )
        return acts, *map(tuple, questions)


async def test_everybody_at_every_route(crowd: Crowd) -> None:
    wrong: list[str] = []
    for who, route in product(sorted(EVERYBODY), routes(crowd.world)):
        does = route.startswith("POST")
        before = await state(crowd.world) if does else ()
        status, said = await crowd.send(who, route, f"Asked by {who}")
        if route.endswith("/ask") and status in (200, 303):
            crowd.asked[who] = await newest(crowd.world)
        is_in = status in (200, 303) or route == "GET /readyz"
        if is_in != (who in DECIDED[route]):
            wrong.append(f"{who} at {route}: {status} {said[:150]}")
        if does and not is_in and await state(crowd.world) != before:
            wrong.append(f"{who} at {route}: refused, and did something")
        if not is_in and not 400 <= status < 500:
            wrong.append(f"{who} at {route}: {status} is no refusal")
        if HIDDEN in said and who not in ("moderator", "moderators' link", *FOREIGN):
            wrong.append(f"{who} at {route}: reads what waits for a moderator")
        if (key := crowd.visits[who].key) and key in said and not is_in:
            wrong.append(f"{who} at {route}: the key stands in a refusal")
    assert not wrong, "\n".join(wrong)


async def test_everybody_with_a_good_code(crowd: Crowd) -> None:
    """Whoever has an account stays who they are, and another site lets nobody in."""
    crowd.world.say(MODERATOR, "!qa guests ask")
    crowd.code = crowd.world.bot.hall_codes.code(KERNEL)

    async def is_open() -> bool:
        return (await crowd.send("nobody", "GET /g/{code}", ""))[0] == 200

    await wait_for(is_open, what="guests in the hall")
    found = {
        route: {who for who in EVERYBODY if (await crowd.send(who, route, ""))[0] in (200, 303)}
        for route in ("GET /g/{code}", "POST /g/{code}")
    }
    assert found == {
        "GET /g/{code}": KNOWN,
        "POST /g/{code}": KNOWN - FOREIGN - {"attendee in a frame"},
    }
    for who in EVERYBODY:
        assert HIDDEN not in (await crowd.send(who, "GET /g/{code}", ""))[1]


async def newest(world: World) -> int:
    async with world.database.read() as session:
        return await session.scalar(select(func.max(Question.number))) or 0
