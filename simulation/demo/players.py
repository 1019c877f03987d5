"""Does in the rooms what the script says, as people do it at their clients."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fosdembot.matrix.relations import annotation
from simulation.client import Client
from simulation.events import Json

from .acts import Act, Ask, Decide, Deed, Delete, Edit, Join, Leave, Room, Say, Unvote, Vote, Write
from .eyes import Eyes
from .meeting import Meeting
from .sample_meeting import MEETING


class _Missing(Exception):
    """Something to act on is not there."""


class Players:
    """`hosts` is the room in which moderators decide."""

    def __init__(
        self,
        people: Mapping[str, Client],
        eyes: Eyes,
        bot_id: str,
        hosts: Room,
        meeting: Meeting | None = None,
    ) -> None:
        self.deeds: list[Deed] = []
        self.faults: list[str] = []
        """What could not be done."""
        self._people = people
        self._eyes = eyes
        self._bot_id = bot_id
        self._hosts = hosts
        self._meeting = meeting
        self._asked: dict[tuple[Room, int], Deed] = {}
        self._reactions: dict[tuple[str, Room, int, str], str] = {}

    async def perform(self, act: Act) -> None:
        """What is done to something that is not to be seen yet waits for that, but not long."""
        try:
            match act:
                case Join():
                    await self._join(act)
                case Leave():
                    self._in_meeting.go()
                case Say():
                    await self._say(act, act.who, act.room, act.text)
                case Delete():
                    await self._delete(act)
                case Ask():
                    await self._ask(act)
                case Vote():
                    await self._vote(act)
                case Unvote():
                    await self._unvote(act)
                case Edit():
                    await self._edit(act)
                case Decide():
                    await self._decide(act)
                case Write():
                    await self._say(act, act.who, act.by, f"{act.number}: {act.text}")
        except _Missing as missing:
            self.faults.append(f"{missing}: {act}")

    @property
    def _in_meeting(self) -> Meeting:
        if self._meeting is None:
            raise _Missing("there is no meeting")
        return self._meeting

    async def _join(self, act: Join) -> None:
        person = self._people[act.who]
        if act.room.person is None:
            await person.join(self._eyes.rooms[act.room])
        elif not act.invited:
            self._eyes.rooms[act.room] = await person.begin_chat(self._bot_id)
            # It obeys nothing that was said before it came.
            if await self._eyes.find(act.room, _joins(self._bot_id)) is None:
                raise _Missing("the bot does not come")
        else:
            invitation = await self._eyes.invitation(person)
            if invitation is None:
                raise _Missing(f"{act.who} was not invited")
            self._eyes.rooms[act.room] = invitation
            await person.join(invitation)

    async def _delete(self, act: Delete) -> None:
        said = [deed for deed in self.deeds if isinstance(deed.act, Say) and _is(act, deed.act)]
        if not said:
            raise _Missing(f"{act.who} has not said that")
        room = self._eyes.rooms[act.room]
        event_id = await self._people[act.who].redact(room, said[-1].event_id)
        self._did(act, act.room, event_id, act.who, f"deletes: {act.text}")

    async def _ask(self, act: Ask) -> None:
        room = act.by or act.room
        to = None if act.to is None else await self._question(act.room, act.to)
        asked = await self._say(act, act.who, room, act.said, to)
        self._asked[act.room, act.number] = asked
        # Without waiting it would be chance whether the next question is numbered before.
        if act.how == "❓":
            await self._people[act.who].react(self._eyes.rooms[room], asked.event_id, act.how)
            await self._eyes.find(room, _reacts_to(asked.event_id, self._bot_id))
        elif act.by is not None:
            await self._eyes.find(act.room, _says(f"{act.number} ", self._bot_id))

    async def _vote(self, act: Vote) -> None:
        question = await self._question(act.room, act.number)
        if act.how.startswith(("!", "Q")):  # The number is to be seen first.
            await self._eyes.find(act.room, _reacts_to(question, self._bot_id))
        if act.how.startswith("!"):
            await self._say(act, act.who, act.room, act.how)
        elif act.how == "+1":
            await self._say(act, act.who, act.room, act.how, question)
        else:
            reaction = await self._react(act, act.who, act.room, question, act.how)
            self._reactions[act.who, act.room, act.number, act.how] = reaction

    async def _unvote(self, act: Unvote) -> None:
        if act.how.startswith("!"):
            await self._say(act, act.who, act.room, act.how)
            return
        reaction = self._reactions.pop((act.who, act.room, act.number, act.how), None)
        if reaction is None:
            raise _Missing(f"{act.who} has not reacted so")
        room = self._eyes.rooms[act.room]
        event_id = await self._people[act.who].redact(room, reaction)
        self._did(act, act.room, event_id, act.who, f"takes back {act.how}")

    async def _edit(self, act: Edit) -> None:
        asked = self._asked.get((act.room, act.number))
        if asked is None or not isinstance(asked.act, Ask):
            raise _Missing("nobody has asked that")
        said = act.text if asked.act.how == "❓" else f"{asked.act.how} {act.text}"
        room = self._eyes.rooms[asked.room]
        event_id = await self._people[act.who].edit(room, asked.event_id, said)
        self._did(act, asked.room, event_id, act.who, said)

    async def _decide(self, act: Decide) -> None:
        if act.by is MEETING:
            await self._decide_in_meeting(act)
            return
        card = await self._card(act.room, act.number)  # Nobody decides before it is there.
        if act.is_tap:
            await self._react(act, act.who, self._hosts, card, act.how)
        else:
            reply_to = card if act.to_card else None
            await self._say(act, act.who, act.by or self._hosts, act.how, reply_to)

    async def _decide_in_meeting(self, act: Decide) -> None:
        if act.sees and await self._eyes.find(MEETING, _mentions(act.sees, self._bot_id)) is None:
            raise _Missing(f"{act.who} does not see {act.sees.strip(': (')}")
        said = self._in_meeting.speak(act.how)
        self._did(act, MEETING, said, act.who, act.how)

    async def _say(
        self, act: Act, who: str, room: Room, text: str, reply_to: str | None = None
    ) -> Deed:
        room_id = self._eyes.rooms.get(room)
        if room_id is None:
            raise _Missing(f"{who} has no such chat")
        person = self._people[who]
        if reply_to is None:
            event_id = await person.send(room_id, text)
        else:
            event_id = await person.reply(room_id, reply_to, text)
        return self._did(act, room, event_id, who, text)

    async def _react(self, act: Act, who: str, room: Room, event_id: str, key: str) -> str:
        reaction = await self._people[who].react(self._eyes.rooms[room], event_id, key)
        self._did(act, room, reaction, who, key)
        return reaction

    def _did(self, act: Act, room: Room, event_id: str, who: str, said: str) -> Deed:
        deed = Deed(act, room, event_id, f"{who}: {said}")
        self.deeds.append(deed)
        return deed

    async def _question(self, room: Room, number: int) -> str:
        """The event by which a question stands in its room: the asker's, or the bot's where
        it was asked in a direct chat."""
        asked = self._asked.get((room, number))
        if asked is not None and asked.room is room:
            return asked.event_id
        return await self._said_by_bot(room, f"{number} ")

    async def _card(self, room: Room, number: int) -> str:
        return await self._said_by_bot(self._hosts, f"{room.alias} {number}")

    async def _said_by_bot(self, room: Room, words: str) -> str:
        found = await self._eyes.find(room, _says(words, self._bot_id))
        if found is None:
            raise _Missing(f"there is no {words.strip()}")
        return found


def _is(deleted: Delete, said: Say) -> bool:
    return (deleted.who, deleted.room, deleted.text) == (said.who, said.room, said.text)


def _joins(who: str) -> Callable[[Json], bool]:
    return lambda event: (
        event.get("state_key") == who and event["content"].get("membership") == "join"
    )


def _reacts_to(event_id: str, who: str) -> Callable[[Json], bool]:
    def fits(event: Json) -> bool:
        found = annotation(event)
        return event["sender"] == who and found is not None and found[0] == event_id

    return fits


def _mentions(words: str, who: str) -> Callable[[Json], bool]:
    return lambda event: event["sender"] == who and words in event["content"].get("body", "")


def _says(words: str, who: str) -> Callable[[Json], bool]:
    """Whether an event is a message that begins with these words, and no longer number."""

    def fits(event: Json) -> bool:
        body = event["content"].get("body")
        said = event["sender"] == who and isinstance(body, str) and body.startswith(words)
        return bool(said and not body[len(words) :][:1].isdigit())

    return fits
