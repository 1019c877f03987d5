"""A storm: everybody asks, votes, changes their mind, comes and goes, and moderators decide,
all at random, a few at the same time. What each event means is noted, since what is redacted
loses its content."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

from simulation.client import Client, RequestError

from .storm_world import RELAYS, Room, World

AT_ONCE = 20
"""Events under way at the same time."""

FORMS = ("!ask", "!q", "！ASK", "! question\n", "Q:")
VOTES = ("👍", "👍️", "👍🏻", "👍🏽", "👍🏿", "❤️")
TAPS = {"✅": "check", "⭐": "star", "▶️": "take", "🚫": "dismiss"}
ACTIONS = ("take", "done", "skip", "star", "unstar", "dismiss", "restore", "approve")
WORDS = re.findall(r"\b[a-z]{3,12}\b", Path(__file__).read_text())
"""What they ask makes no sense."""


@dataclass(frozen=True)
class Meant:
    """What somebody meant by an event; `what` is a method of `Replay`, or `lost`."""

    what: str
    target: str = ""
    """The event that it is about."""
    text: str = ""
    nick: str | None = None
    number: int | None = None
    other: int | None = None
    action: str = ""
    talk: str | None = None


Sending = Callable[[], Awaitable[str]]
"""Returns the event; nothing, if none was sent after all."""
Seen = Callable[[str], Awaitable[bool]]
"""Whether an event has taken effect in the bot's database."""


class Storm:
    """What is redacted before the bot reads it, the bot never knows. So while it runs only
    what it has seen is redacted, and while it does not, what is lost is noted as lost."""

    def __init__(self, world: World, seen: Seen, seed: int) -> None:
        self.world = world
        self.bot_runs = True
        self._seen = seen
        self.meant: dict[str, Meant] = {}
        self.rounds: dict[str, int] = {}
        """Of those events: what is sent at the same time is of one round."""
        self.sent = 0
        self._rounds = 0
        self._chance = random.Random(seed)
        self._kinds: list[tuple[int, Callable[[Room, Client], None]]] = [
            (15, self._ask),
            (3, self._ask_for_others),
            (36, self._react),
            (12, self._vote),
            (4, self._plus_one),
            (4, self._unvote),
            (7, self._take_vote_back),
            (6, self._edit),
            (2, self._edit_vote),
            (2, self._redact),
            (1, self._withdraw),
            (1, self._move_own),
            (8, self._decide),
            (4, self._decide_by_tap),
            (2, self._untap),
            (1, self._room),
            (2, self._presume),
        ]
        self._round: list[Callable[[], Awaitable[None]]] = []

    async def blow(self, events: int) -> None:
        """Until so many more have been sent."""
        until = self.sent + events
        while self.sent < until:
            while len(self._round) < AT_ONCE:
                room = self._chance.choice(self.world.rooms)
                who = self._chance.choice(room.inside)
                kinds = [kind for _, kind in self._kinds]
                weights = [weight for weight, _ in self._kinds]
                self._chance.choices(kinds, weights)[0](room, who)
            doing, self._round = self._round, []
            self._rounds += 1
            await asyncio.gather(*(do() for do in doing))
            # Alone: where it stands among what others send at that moment is nobody's to say.
            await self._come_or_go(self._chance.choice(self.world.rooms))

    def _send(
        self, sending: Sending, meant: Meant, known: list[tuple[Client, str]], who: Client
    ) -> None:
        async def send() -> None:
            try:
                event = await sending()
            except RequestError as err:
                # Nobody can react twice by the same key.
                if err.code != "M_DUPLICATE_ANNOTATION":
                    raise
                return
            if event:
                self.meant[event], self.rounds[event] = meant, self._rounds
                known.append((who, event))
                self.sent += 1

        self._round.append(send)

    def _say(
        self,
        room: Room,
        who: Client,
        body: str,
        meant: Meant,
        known: list[tuple[Client, str]] | None = None,
    ) -> None:
        known = known if known is not None else []
        self._send(lambda: who.send(room.id, body), meant, known, who)

    # Attendees.

    def _ask(self, room: Room, who: Client) -> None:
        text, form = self._text(), self._chance.choice(FORMS)
        talk = self._chance.choice(room.talks) if self._chance.random() < 0.05 else None
        body = f"{form} {talk}: {text}" if talk else f"{form} {text}"
        self._say(room, who, body, Meant("ask", text=text, talk=talk), room.asked)

    def _ask_for_others(self, room: Room, _: Client) -> None:
        """Some speak for many, as a bridge's account does."""
        relays = [who for who in room.inside if who in self.world.people[:RELAYS]]
        if relays:
            nick = self._chance.choice(("zoe", "Émile", "émile"))
            text = self._text()
            meant = Meant("ask", text=text, nick=nick)
            self._say(room, self._chance.choice(relays), f"<{nick}> !ask {text}", meant, room.asked)

    def _text(self) -> str:
        if self._chance.random() < 0.1:
            return self._chance.choice(("How?", "Why?"))
        return " ".join(self._chance.choices(WORDS, k=5)) + "?"

    def _react(self, room: Room, who: Client) -> None:
        if not room.asked:
            return
        target, number = self._some(room.asked), self._number(room)
        chip = self._chance.random() < 0.15
        key = f"Q{number}" if chip else self._chance.choice(VOTES)
        meant = Meant("react", target, number=number if chip else None)
        self._send(lambda: who.react(room.id, target, key), meant, room.voted, who)

    def _vote(self, room: Room, who: Client) -> None:
        number = self._number(room)
        body = self._chance.choice(("!vote {}", "!vote #{}", "! Vote q{}")).format(number)
        self._say(room, who, body, Meant("vote", number=number), room.typed)

    def _plus_one(self, room: Room, who: Client) -> None:
        if room.asked:
            target = self._some(room.asked)
            meant = Meant("reply", target)
            self._send(lambda: who.reply(room.id, target, "+1"), meant, room.voted, who)

    def _unvote(self, room: Room, who: Client) -> None:
        number = self._number(room)
        self._say(room, who, f"!unvote {number}", Meant("unvote", number=number))

    def _take_vote_back(self, room: Room, _: Client) -> None:
        votes = self._chance.choice((room.voted, room.voted, room.typed))
        self._redact_one(room, votes)

    def _redact(self, room: Room, _: Client) -> None:
        self._redact_one(room, room.asked, gone=False)

    def _redact_one(
        self, room: Room, events: list[tuple[Client, str]], *, gone: bool = True
    ) -> None:
        if not events:
            return
        who, target = self._chance.choice(events)
        if gone:
            events.remove((who, target))
        if who not in room.inside or self._chance.random() < 0.2:
            who = self._chance.choice(self.world.moderators)

        async def redact() -> str:
            if not await self._seen(target):
                if self.bot_runs:
                    return ""
                self.meant[target] = replace(self.meant[target], what="lost")
            return await who.redact(room.id, target)

        self._send(redact, Meant("redact", target), [], who)

    def _edit(self, room: Room, other: Client) -> None:
        if not room.asked:
            return
        who, target = self._chance.choice(room.asked)
        meant = self.meant[target]
        # An edit by somebody else is one only to look at.
        editor = other if who not in room.inside or self._chance.random() < 0.1 else who
        nick, text = meant.nick, self._text()
        body = f"<{nick}> !ask {text}" if nick else f"!ask {text}"
        meant = Meant("edit", target, text=text, nick=nick)
        self._send(lambda: editor.edit(room.id, target, body), meant, [], editor)

    def _edit_vote(self, room: Room, _: Client) -> None:
        if room.typed:
            who, target = self._chance.choice(room.typed)
            if who in room.inside:
                number = self._number(room)
                meant = Meant("edit", target, number=number)
                self._send(lambda: who.edit(room.id, target, f"!vote {number}"), meant, [], who)

    def _withdraw(self, room: Room, who: Client) -> None:
        number = self._number(room)
        self._say(room, who, f"!withdraw {number}", Meant("withdraw", number=number))

    def _move_own(self, room: Room, who: Client) -> None:
        number = self._number(room)
        self._say(room, who, f"!move {number} next", Meant("move", number=number, talk="next"))

    # Moderators.

    def _moderator(self) -> Client:
        return self._chance.choice(self.world.moderators)

    def _decide(self, room: Room, _: Client) -> None:
        self._command(room, self._moderator())

    def _presume(self, room: Room, who: Client) -> None:
        """Somebody commands or taps who has no power."""
        if self._chance.random() < 0.5:
            self._command(room, who)
        else:
            self._tap(room, who)

    def _command(self, room: Room, who: Client) -> None:
        number, other = self._number(room), self._number(room)
        kind = self._chance.choice(
            ("act", "act", "act", "obvious", "obvious", "merge", "merge", "move", "undo", "all")
        )
        if kind == "act":
            action = self._chance.choice(ACTIONS)
            body, meant = f"!{action} {number}", Meant("act", number=number, action=action)
        elif kind == "obvious":
            action = self._chance.choice(("take", "take", "done", "skip"))
            body, meant = f"!{action}", Meant("act", action=action)
        elif kind == "merge":
            body, meant = f"!merge {number} {other}", Meant("merge", number=number, other=other)
        elif kind == "move":
            talk = self._chance.choice((*room.talks, "next"))
            body = f"!move {number} {talk}"
            meant = Meant("move", number=number, talk=talk)
        elif kind == "undo":
            body, meant = "!undo", Meant("undo")
        else:
            body, meant = "!approve all", Meant("approve_all")
        self._say(room, who, body, meant)

    def _room(self, room: Room, _: Client) -> None:
        action = self._chance.choice(("moderated", "unmoderated", "close", "open", "open"))
        self._say(room, self._moderator(), f"!qa {action}", Meant("qa", action=action))

    def _decide_by_tap(self, room: Room, _: Client) -> None:
        self._tap(room, self._moderator())

    def _tap(self, room: Room, who: Client) -> None:
        if room.asked:
            target, key = self._some(room.asked), self._chance.choice(tuple(TAPS))
            meant = Meant("tap", target, action=TAPS[key])
            self._send(lambda: who.react(room.id, target, key), meant, room.tapped, who)

    def _untap(self, room: Room, _: Client) -> None:
        self._redact_one(room, room.tapped)

    # Coming and going.

    async def _come_or_go(self, room: Room) -> None:
        draw = self._chance.random()
        if room.banned and draw < 0.35:
            who = room.banned.pop(0)
            await self.world.admin.unban(room.id, who.user_id)
            room.kicked.append(who)
        elif room.kicked and draw < 0.7:
            who = room.kicked.pop(0)
            await who.join(room.id)
            room.inside.append(who)
        elif len(room.inside) > 5 and draw < 0.98:
            who = room.inside.pop(self._chance.randrange(len(room.inside)))
            await self._remove(room, who)
        else:
            return
        self.sent += 1

    async def _remove(self, room: Room, who: Client) -> None:
        draw = self._chance.random()
        if draw < 0.3:
            room.banned.append(who)
            await self.world.admin.ban(room.id, who.user_id)
            return
        room.kicked.append(who)
        if draw < 0.6:
            await self.world.admin.kick(room.id, who.user_id)
        else:
            await who.leave(room.id)

    # Which.

    def _some(self, events: list[tuple[Client, str]]) -> str:
        """More likely a late one."""
        place = min(self._chance.randrange(len(events)), self._chance.randrange(len(events)))
        return events[-1 - place][1]

    def _number(self, room: Room) -> int:
        """Of a question that there is, mostly: nobody waits for the bot to tell it."""
        return self._chance.randint(1, max(1, len(room.asked)))
