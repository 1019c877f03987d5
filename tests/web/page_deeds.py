"""What people do in chat and on pages, in random stories."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st
from sqlalchemy import select

from fosdembot.db.question_tables import Answer, Question
from simulation.conference import Planned

from .world import ADA, BOB, CLOUD, EVE, HOST, HOSTS, KERNEL, MODERATOR, PROGRAMME, World

PEOPLE = (ADA, BOB, EVE)
FIRST = {each.id: each for each in PROGRAMME}
OTHERWISE: Mapping[str, Mapping[str, Any]] = {
    "retime": {"at": 75},
    "rename": {"title": "Another title"},
    "move": {"chat_room": CLOUD, "place": "Attic"},
    "overlap": {"at": 60, "place": "Corner"},
    "place": {"place": "Corner"},
}
"""How a new schedule has a talk."""
TYPED = (
    *("!undo", "!undo", "!take", "!done", "!approve all"),
    *("!qa close", "!qa open", "!qa moderated", "!qa unmoderated"),
    *("!qa guests off", "!qa guests ask", "!qa guests vote"),
)
ABOUT_A_TALK = (
    *("next", "finish", "pass", "undo", "undo", "close", "open", "moderate", "unmoderate"),
)
ABOUT_A_QUESTION = ("take", "done", "skip", "star", "unstar", "approve", "dismiss", "restore")

people = st.sampled_from(PEOPLE)
guests = st.integers(0, 2)
places = st.integers(0, 5)
"""Of a question among those asked, the newest first."""
talks = st.sampled_from((1, 1, 2, 3))
words = st.sampled_from(("vote", "vote", "unvote", "withdraw"))
deeds = st.sampled_from(ABOUT_A_QUESTION)
helpers = st.sampled_from(("speaker", "link", "host", "host"))
"""Who has a talk's page: by the speaker's secret link, by a moderator's, and logged in."""
yes_or_no = st.booleans()

KINDS: dict[str, tuple[int, tuple[st.SearchStrategy[Any], ...]]] = {
    "ask": (6, (people,)),
    "ask_on_page": (5, (people, yes_or_no, talks, yes_or_no)),
    "ask_as_guest": (5, (guests,)),
    "edit": (3, (places,)),
    "redact": (2, (places,)),
    "react": (5, (people, places)),
    "take_reaction_back": (4, (people, places)),
    "say": (5, (people, words, places)),
    "do_on_page": (9, (people, words, places)),
    "do_as_guest": (7, (guests, words, places)),
    "vote_at_once": (4, (st.lists(people, min_size=2, max_size=4), places)),
    "moderate": (6, (deeds, places, yes_or_no)),
    "merge": (5, (places, places)),
    "move": (2, (places, talks)),
    "type": (5, (st.sampled_from(TYPED),)),
    "mute": (2, (people, yes_or_no)),
    "answer": (1, (places,)),
    "press": (9, (helpers, deeds, places)),
    "press_for_talk": (6, (helpers, st.sampled_from(ABOUT_A_TALK), talks)),
    "press_merge": (5, (helpers, places, places)),
    "press_move": (2, (helpers, places, talks)),
    "press_mute": (2, (helpers, places, yes_or_no)),
    "press_delay": (1, (talks, st.sampled_from((0, 5, 15)))),
    "write_answer": (3, (helpers, places)),
    "change_answer": (2, (helpers, places, yes_or_no)),
    "come_or_go": (2, (people, st.sampled_from(("join", "leave", "kick", "ban")))),
    "opt": (1, (people, st.sampled_from(("out", "in")))),
    "change_talk": (
        5,
        (st.sampled_from(("delay 10", "start", "end", "cancel", "noshow", "reset", "now")), talks),
    ),
    "publish": (6, (st.sampled_from(("drop", "back", *OTHERWISE)), talks)),
    "empower": (1, (yes_or_no,)),
}
"""How often, and with what."""


class Deeds:
    """Each is a method. Nobody waits for what comes of it, but the bot has rested before a
    question is picked."""

    def __init__(self) -> None:
        self.world: World
        self.talks: dict[int, Planned] = dict(FIRST)
        """As they are published now."""
        self.persons: dict[str, Mapping[str, Any]] = {}
        """Logged in: see `PageClient.request`."""
        self.guests: list[Mapping[str, Any]] = []
        self.links: dict[str, Mapping[str, Any]] = {}
        self._texts = 0

    # In chat.

    async def ask(self, person: str) -> None:
        self.world.say(person, f"!ask {self._text()}")

    async def edit(self, place: int) -> None:
        if (question := await self._pick_asked_in_chat(place)) is not None:
            text = f"!ask {self._text()}"
            content: dict[str, Any] = {
                "m.new_content": {"msgtype": "m.text", "body": text},
                "m.relates_to": {"rel_type": "m.replace", "event_id": question.source},
            }
            self.world.say(str(question.asker), f"* {text}", KERNEL, **content)

    async def redact(self, place: int) -> None:
        if (question := await self._pick_asked_in_chat(place)) is not None:
            self.world.running.room(KERNEL).redact(str(question.asker), str(question.source))

    async def react(self, person: str, place: int) -> None:
        if (question := await self._pick_asked_in_chat(place)) is not None:
            self.world.react(person, str(question.source))

    async def take_reaction_back(self, person: str, place: int) -> None:
        room = self.world.running.room(KERNEL)
        mine = [
            event["event_id"]
            for event in room.events
            if event["type"] == "m.reaction" and event["sender"] == person and event["content"]
        ]
        if mine:
            room.redact(person, mine[-1 - place % len(mine)])

    async def say(self, person: str, word: str, place: int) -> None:
        if (question := await self._pick(place)) is not None:
            self.world.say(person, f"!{word} {question.number}")

    async def moderate(self, deed: str, place: int, among_hosts: bool) -> None:
        if (question := await self._pick(place)) is not None:
            if among_hosts:
                self.world.say(HOST, f"kernel {deed} {question.number}", HOSTS)
            else:
                self.world.say(MODERATOR, f"!{deed} {question.number}")

    async def merge(self, place: int, other: int) -> None:
        question, into = await self._pick(place), await self._pick(other)
        if question is not None and into is not None:
            self.world.say(MODERATOR, f"!merge {question.number} {into.number}")

    async def move(self, place: int, talk: int) -> None:
        if (question := await self._pick(place)) is not None:
            self.world.say(MODERATOR, f"!move {question.number} {talk}")

    async def type(self, command: str) -> None:
        self.world.say(MODERATOR, command)

    async def mute(self, person: str, mutes: bool) -> None:
        self.world.say(HOST, f"kernel qa {'mute' if mutes else 'unmute'} {person}", HOSTS)

    async def answer(self, place: int) -> None:
        if (question := await self._pick(place)) is not None:
            self.world.say(MODERATOR, f"!answer {question.number} {self._text()}")

    async def come_or_go(self, person: str, what: str) -> None:
        room = self.world.running.room(KERNEL)
        before = room.membership(person)
        if what == "join" and before != "join":
            room.set_membership(person, person, "join", displayname=person[1:4])
        elif what == "leave" and before == "join":
            room.set_membership(person, person, "leave")
        elif what == "kick" and before == "join":
            room.set_membership(MODERATOR, person, "leave")
        elif what == "ban" and before != "ban":
            room.set_membership(MODERATOR, person, "ban")

    async def opt(self, person: str, how: str) -> None:
        self.world.say(person, f"!privacy opt{how}")

    async def change_talk(self, how: str, talk: int) -> None:
        self.world.say(MODERATOR, f"!talk {how} {talk}")

    async def empower(self, has: bool) -> None:
        """The moderator, or not any more."""
        room = self.world.running.room(KERNEL)
        users = room.state["m.room.power_levels", ""]["content"]["users"]
        levels = {**users, MODERATOR: 50 if has else 0}
        room.add(next(iter(users)), "m.room.power_levels", {"users": levels}, "")

    async def publish(self, how: str, talk: int) -> None:
        if how == "drop":
            self.talks.pop(talk, None)
        elif how == "back" or talk not in self.talks:
            self.talks[talk] = FIRST[talk]
        else:
            self.talks[talk] = replace(self.talks[talk], **OTHERWISE[how])
        self.world.publish(*self.talks.values())
        await self.world.stepped.rest()

    # On pages.

    async def ask_on_page(self, person: str, nameless: bool, talk: int, names: bool) -> None:
        form = {"text": self._text()}
        form |= {"nameless": "yes"} if nameless else {}
        form |= {"talk": f"talk-{talk}"} if names else {}
        await self._post("/r/kernel/ask", form, self.persons[person])

    async def ask_as_guest(self, guest: int) -> None:
        await self._post("/r/kernel/ask", {"text": self._text()}, self.guests[guest])

    async def do_on_page(self, person: str, word: str, place: int) -> None:
        await self._do(word, place, self.persons[person])

    async def do_as_guest(self, guest: int, word: str, place: int) -> None:
        await self._do(word, place, self.guests[guest])

    async def _do(self, word: str, place: int, who: Mapping[str, Any]) -> None:
        if (question := await self._pick(place)) is not None:
            await self._post(f"/r/kernel/{word}", {"question": str(question.id)}, who)

    async def vote_at_once(self, persons: Iterable[str], place: int) -> None:
        """By chat and on the page, and guests as well."""
        if (question := await self._pick_asked_in_chat(place)) is not None:
            for person in persons:
                self.world.react(person, str(question.source), "👍🏽")
            form = {"question": str(question.id)}
            voters = [*(self.persons[each] for each in persons), *self.guests]
            await asyncio.gather(*(self._post("/r/kernel/vote", form, who) for who in voters))

    async def press(self, who: str, deed: str, place: int) -> None:
        if (question := await self._pick(place)) is not None:
            await self._press(who, f"{deed} {question.id}")

    async def press_for_talk(self, who: str, deed: str, talk: int) -> None:
        await self._press(who, f"{deed} talk-{talk}")

    async def press_merge(self, who: str, place: int, other: int) -> None:
        question, into = await self._pick(place), await self._pick(other)
        if question is not None and into is not None:
            await self._press(who, f"merge {question.id}", into=str(into.id))

    async def press_move(self, who: str, place: int, talk: int) -> None:
        if (question := await self._pick(place)) is not None:
            await self._press(who, f"move {question.id}", to=f"talk-{talk}")

    async def press_mute(self, who: str, place: int, mutes: bool) -> None:
        await self.press(who, "mute" if mutes else "unmute", place)

    async def press_delay(self, talk: int, minutes: int) -> None:
        await self._press("host", f"delay {minutes} talk-{talk}")

    async def write_answer(self, who: str, place: int) -> None:
        if (question := await self._pick(place)) is not None:
            await self._press(who, f"answer {question.id}", text=self._text())

    async def change_answer(self, who: str, place: int, removes: bool) -> None:
        async with self.world.database.read() as session:
            found = list(await session.scalars(select(Answer.id).order_by(Answer.id.desc())))
        if found and removes:
            await self._press(who, f"remove {found[place % len(found)]}")
        elif found:
            await self._press(who, f"reword {found[place % len(found)]}", text=self._text())

    async def _press(self, who: str, what: str, **form: str) -> None:
        if who == "host":
            await self._post("/r/kernel/moderate", {"do": what, **form}, self.persons[HOST])
        else:
            await self._post("/talk/do", {"do": what, **form}, self.links[who])

    async def _post(self, path: str, form: Mapping[str, str], who: Mapping[str, Any]) -> None:
        """It is done, or refused in words."""
        answer = await self.world.post(path, form, **who)
        assert answer.status < 500, (path, form, answer.status, answer.text)
        assert answer.json.keys() & {"said", "error"}, (path, form, answer.text)

    # How they do it.

    def _text(self) -> str:
        self._texts += 1
        return f"Question {self._texts}{'x' * (self._texts % 3)}?"

    async def _pick(self, place: int) -> Question | None:
        await self.world.stepped.rest()
        async with self.world.database.read() as session:
            newest = select(Question).order_by(Question.id.desc()).limit(6)
            found = list(await session.scalars(newest))
        return found[place % len(found)] if found else None

    async def _pick_asked_in_chat(self, place: int) -> Question | None:
        question = await self._pick(place)
        in_chat = question is not None and (question.source or "").startswith("$")
        return question if in_chat else None
