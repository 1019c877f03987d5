"""The chat of a talk on a real homeserver: every event is in it or accounted for, compared with
what an independent client reads of the room."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from yarl import URL

from fosdembot.clock import WallClock
from fosdembot.matrix.api import Api, Json, MatrixError
from fosdembot.matrix.relays import RelayReader
from fosdembot.settings import Settings
from fosdembot.transcripts import history
from fosdembot.transcripts.chat import People
from fosdembot.transcripts.chat_lines import Relays
from fosdembot.transcripts.history import Wanted, read_chat
from fosdembot.transcripts.model import Message
from fosdembot.transcripts.window import Window
from simulation.client import Client
from simulation.homeserver import Homeserver
from tests.conftest import MakePerson

BEFORE, FIRST, SECOND, AFTER = "before", "first", "second", "after"
HOSTILE = '<script>alert(1)</script><b onclick="x()">bold</b><img src="https://evil.example/x">'
POLLS = ("m.poll", "org.matrix.msc3381.poll")


class Login:
    def __init__(self, url: str, token: str) -> None:
        self.base_url, self.token = URL(url), token


class WithoutDates(Api):
    """A homeserver that cannot find events by date."""

    async def request(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
        timeout: float = 60,
    ) -> Json:
        if "timestamp_to_event" in path:
            raise MatrixError(404, "M_UNRECOGNIZED", "what?")
        return await super().request(method, path, body, query, timeout)


@dataclass
class Room:
    """What takes place in a room, and which lines are to come of it."""

    id: str
    bot: Client
    lines: dict[str, list[str]] = field(default_factory=lambda: {t: [] for t in (FIRST, SECOND)})
    ids: dict[str, str] = field(default_factory=dict)
    """By names that the test gives."""

    async def say(self, talk: str, who: Client, name: str, body: str = "", **content: Any) -> str:
        """A message that becomes a line of `talk`."""
        event = await who.send(self.id, body or name, **content)
        return self.note(talk, name, event)

    async def event(self, talk: str, who: Client, name: str, kind: str, content: Json) -> str:
        return self.note(talk, name, await who.send_event(self.id, kind, content))

    def note(self, talk: str, name: str, event: str) -> str:
        self.ids[name] = event
        if talk in self.lines:
            self.lines[talk].append(event)
        return event


async def call(room: Room, who: Client, name: str) -> None:
    """There, and at once."""
    member = {"membership": "join", "displayname": name}
    await who.set_state(room.id, "m.room.member", member, who.user_id)


def in_reply_to(event: str) -> Json:
    return {"m.relates_to": {"m.in_reply_to": {"event_id": event}}}


def in_thread(root: str) -> Json:
    reply = {"is_falling_back": True, "m.in_reply_to": {"event_id": root}}
    return {"m.relates_to": {"rel_type": "m.thread", "event_id": root, **reply}}


def referring(event: str) -> Json:
    return {"m.relates_to": {"rel_type": "m.reference", "event_id": event}}


def html(formatted: str) -> Json:
    return {"format": "org.matrix.custom.html", "formatted_body": formatted}


def poll(name: str) -> Json:
    text = "m.text" if name == POLLS[0] else "org.matrix.msc1767.text"

    def says(words: str) -> Json:
        return {text: [{"body": words}] if name == POLLS[0] else words}

    key = "m.id" if name == POLLS[0] else "id"
    answers = [{key: "y", **says("Yes")}, {key: "n", **says("No")}]
    block = name if name == POLLS[0] else f"{name}.start"
    return {block: {"question": says("Tabs?"), "answers": answers, "max_selections": 1}}


def voting(name: str, poll: str, answer: str) -> Json:
    stable = name == POLLS[0]
    chosen = {"m.selections": [answer]} if stable else {f"{name}.response": {"answers": [answer]}}
    return {**referring(poll), **chosen}


@pytest.fixture
async def room(homeserver: Homeserver, person: MakePerson) -> Room:
    """Two talks, one after the other."""
    ada, bob, carol = await person("ada"), await person("bob"), await person("carol")
    relay, ghost, bot = await person("matterbridge"), await person("irc_dora"), await person("bot")
    room = Room(await ada.create_room(), bot)
    for guest, name in ((bob, "Bob"), (carol, "Carol"), (relay, "Relay"), (ghost, "dora")):
        await guest.join(room.id)
        await call(room, guest, name)
    await bot.join(room.id)
    await bob.send(room.id, "long before")
    await room.say(BEFORE, bot, "notice before", msgtype="m.notice")
    await room.say(BEFORE, bob, "before")
    await _words(room, ada, bob, carol)
    await _relations(room, ada, bob, carol)
    await _others(room, ada, bob)
    await _names(room, relay, ghost, carol)
    burst = [bob.send(room.id, f"burst {number}") for number in range(40)]
    for number, event in enumerate(await asyncio.gather(*burst)):
        room.note(FIRST, f"burst {number}", event)
    await _second(room, ada, bob)
    return room


async def _words(room: Room, ada: Client, bob: Client, carol: Client) -> None:
    await room.say(FIRST, ada, "first begins")
    await room.say(FIRST, bob, "hostile", "plain", **html(HOSTILE))
    await room.say(FIRST, bob, "emote", "waves", msgtype="m.emote")
    gone = await carol.send(room.id, "regretted")
    await room.say(FIRST, bob, "reply to gone", **in_reply_to(gone))
    await carol.redact(room.id, gone)
    edited = await room.say(FIRST, carol, "edited", "first words")
    await carol.edit(room.id, edited, "second words")
    await carol.edit(room.id, edited, "last words")
    await bob.edit(room.id, edited, "not mine to edit")
    taken_back = await carol.edit(room.id, edited, "taken back")
    await carol.redact(room.id, taken_back)
    board = await room.say(FIRST, room.bot, "board", "Now: 1", msgtype="m.notice")
    await room.bot.edit(room.id, board, "Now: 2")


async def _relations(room: Room, ada: Client, bob: Client, carol: Client) -> None:
    root = await room.say(FIRST, ada, "root")
    await room.say(FIRST, bob, "between")
    await room.say(FIRST, carol, "in thread", **in_thread(root))
    quoted = "> <@x:y> root\n\nAn answer"
    await room.say(FIRST, bob, "answer", quoted, **in_reply_to(root))
    for who, key in ((bob, "👍"), (carol, "👍"), (ada, "❤️"), (room.bot, "Q1")):
        await who.react(room.id, root, key)
    await bob.redact(room.id, await bob.react(room.id, root, "🎉"))
    for name in POLLS:
        asked = await room.event(FIRST, ada, name, f"{name}.start", poll(name))
        for who, answer in ((ada, "y"), (bob, "y"), (bob, "n"), (carol, "n"), (carol, "nonsense")):
            await who.send_event(room.id, f"{name}.response", voting(name, asked, answer))
        await ada.send_event(room.id, f"{name}.end", referring(asked))
        await carol.send_event(room.id, f"{name}.response", voting(name, asked, "y"))


async def _others(room: Room, ada: Client, bob: Client) -> None:
    info = {"mimetype": "application/pdf", "size": 12345}
    file: Json = {"msgtype": "m.file", "url": "mxc://conference.localhost/x", "info": info}
    await room.say(FIRST, ada, "slides.pdf", **file)
    sticker = {"body": "A cat", "url": "mxc://conference.localhost/y", "info": {}}
    await room.event(FIRST, bob, "sticker", "m.sticker", sticker)
    await room.say(FIRST, bob, "place", "The bar", msgtype="m.location", geo_uri="geo:50.8,4.4")
    encrypted = {"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "x", "session_id": "x"}
    await room.event(FIRST, bob, "encrypted", "m.room.encrypted", encrypted)
    await room.event(FIRST, bob, "dance", "org.example.dance", {"steps": [1, 2, 3]})
    await room.event(FIRST, bob, "malformed", "m.poll.start", {"m.poll": []})
    await ada.set_state(room.id, "m.room.topic", {"topic": "Tiny kernels"})


async def _names(room: Room, relay: Client, ghost: Client, carol: Client) -> None:
    await room.say(FIRST, relay, "relayed", "<erin> from IRC")
    await room.say(FIRST, ghost, "bridged", "from IRC as well")
    await room.say(FIRST, carol, "as Carol")
    await call(room, carol, "Caroline")
    await room.say(FIRST, carol, "as Caroline")
    await ghost.leave(room.id)


async def _second(room: Room, ada: Client, bob: Client) -> None:
    await room.say(SECOND, ada, "second begins")
    await room.say(FIRST, bob, "late answer", **in_reply_to(room.ids["root"]))
    await room.say(FIRST, bob, "late in thread", **in_thread(room.ids["root"]))
    await room.say(SECOND, bob, "of the second")
    await room.say(AFTER, ada, "after begins")
    await room.say(
        SECOND, bob, "late answer to the second", **in_reply_to(room.ids["of the second"])
    )
    await ada.edit(room.id, room.ids["second begins"], "second begins, edited much later")


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@dataclass
class Read:
    lines: list[Message]
    accounts: Counter[str]
    begins: str | None
    people: int
    messages: int

    def by_id(self, event: str) -> Message:
        return next(line for line in self.lines if line.id == event)


async def read(api: Api, room: Room, wanted: Wanted, folder: Path) -> Read:
    relays = Relays(RelayReader(Settings()), "!", lambda: ("bot",))
    people = People(room.bot.user_id, relays)
    with await read_chat(api, wanted, people, WallClock(), folder) as chat:
        lines = [line for line in chat.lines() if isinstance(line, Message)]
        return Read(lines, chat.accounts(), chat.begins, chat.people, chat.messages)


def windows(room: Room, events: list[Json]) -> tuple[Window, Window]:
    """As the homeserver dates the messages with which the talks begin."""
    dates = {event["event_id"]: event["origin_server_ts"] for event in events}
    start, middle, end = (
        datetime.fromtimestamp(dates[room.ids[name]] / 1000, UTC)
        for name in ("first begins", "second begins", "after begins")
    )
    return Window(start, middle), Window(middle, end)


async def test_every_event_is_in_the_chat_of_its_talk_or_accounted_for(
    homeserver: Homeserver,
    room: Room,
    http: aiohttp.ClientSession,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(history, "PAGE", 9)
    events = await room.bot.events(room.id)
    first, second = windows(room, events)
    login = Login(homeserver.url, room.bot.account.access_token)
    api = Api(http, login)
    wanted = Wanted(room.id, first, (first, second))
    chat = await read(api, room, wanted, tmp_path)
    assert sorted(line.id for line in chat.lines) == sorted(room.lines[FIRST])
    _check_accounts(chat, events)
    _check_lines(chat, room)
    _check_order(chat, room, events)
    # Whichever way the beginning is found, the chat is the same.
    again = Wanted(room.id, first, (first, second), begins=chat.begins)
    assert (await read(api, room, again, tmp_path)).lines == chat.lines
    assert (await read(WithoutDates(http, login), room, wanted, tmp_path)).lines == chat.lines
    other = await read(api, room, Wanted(room.id, second, (first, second)), tmp_path)
    assert [line.id for line in other.lines] == room.lines[SECOND]
    # What is not read any more may still edit what is.
    monkeypatch.setattr(history, "PAGE", 1)
    monkeypatch.setattr(history, "FOLLOW", timedelta(0))
    short = await read(api, room, Wanted(room.id, second), tmp_path)
    assert "edit" not in short.accounts
    assert short.by_id(room.ids["second begins"]).text == "second begins, edited much later"
    assert list(tmp_path.iterdir()) == []


def _check_accounts(chat: Read, events: list[Json]) -> None:
    """By type, as the other client sees them; the reading began before the talk."""
    ids = [event["event_id"] for event in events]
    seen = events[ids.index(str(chat.begins)) :]
    state = [event for event in seen if "state_key" in event]
    redacted = [e for e in seen if "redacted_because" in e["unsigned"] and e not in state]
    rest = [event for event in seen if event not in state and event not in redacted]
    edits = [e for e in rest if e["content"].get("m.relates_to", {}).get("rel_type") == "m.replace"]
    types = Counter(event["type"] for event in rest if event not in edits)
    counted = {
        "state": len(state),
        "redacted": len(redacted),
        "edit": len(edits),
        "reaction": types.pop("m.reaction"),
        "redaction": types.pop("m.room.redaction"),
        "vote": sum(types.pop(f"{name}.response") for name in POLLS),
        "poll end": sum(types.pop(f"{name}.end") for name in POLLS),
    }
    said = {"shown", "of another talk", "of no talk"}
    assert {key: n for key, n in chat.accounts.items() if key not in said} == counted
    assert sum(chat.accounts[key] for key in said) == types.total()
    assert chat.accounts["shown"] == len(chat.lines)
    assert counted["redacted"] == 3


def _check_lines(chat: Read, room: Room) -> None:
    def line(name: str) -> Message:
        return chat.by_id(room.ids[name])

    assert line("hostile").html == "<b>bold</b>"
    assert line("emote").type == "emote"
    assert line("edited").text == "last words"
    assert line("edited").edited is not None
    assert (line("board").is_bot, line("board").text) == (True, "Now: 2")
    quotes = {name: line(name).reply_to for name in ("reply to gone", "answer", "late answer")}
    assert [quote and (quote.name, quote.text) for quote in quotes.values()] == [
        ("", ""),
        (line("root").name, "root"),
        (line("root").name, "root"),
    ]
    assert line("answer").text == "An answer"
    assert line("in thread").thread == line("late in thread").thread == room.ids["root"]
    reactions = {one.key: len(one.events) for one in line("root").reactions}
    assert reactions == {"👍": 2, "❤️": 1}
    for name in POLLS:
        assert [(one.text, one.votes) for one in line(name).poll] == [("Yes", 1), ("No", 1)]
    file = line("slides.pdf").file
    assert file is not None
    assert (file.name, file.mimetype, file.bytes) == ("slides.pdf", "application/pdf", 12345)
    kinds = ("sticker", "place", "encrypted", "dance", "malformed")
    assert [(line(name).type, line(name).text) for name in kinds] == [
        ("sticker", "A cat"),
        ("location", "The bar"),
        ("unreadable", ""),
        ("other", "org.example.dance"),
        ("unreadable", ""),
    ]
    names = ("relayed", "bridged", "as Carol", "as Caroline")
    assert [line(name).name for name in names] == ["erin", "dora", "Carol", "Caroline"]
    assert chat.messages == len(chat.lines) - 1
    assert chat.people == 5


def _check_order(chat: Read, room: Room, events: list[Json]) -> None:
    """That of the room, but for threads, which stand below their beginning."""
    order = [event["event_id"] for event in events]
    alone = [line.id for line in chat.lines if line.thread is None]
    assert alone == sorted(alone, key=order.index)
    ids = [line.id for line in chat.lines]
    root = ids.index(room.ids["root"])
    assert ids[root + 1 : root + 3] == [room.ids["in thread"], room.ids["late in thread"]]
