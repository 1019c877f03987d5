"""The chat of a talk, read and in order: what `history.read_chat` gives."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from types import TracebackType
from typing import Any, Self

from fosdembot.clock import Clock
from fosdembot.matrix.api import Json
from fosdembot.texts.render import clean

from .chat_events import Kind, reaction_group
from .chat_lines import Relays, Shown, shown
from .forgetting import Hidden
from .model import Gap, Line, Message, PollOption, Quote, Reaction
from .staging import CHUNK, Row, Staging

MOST_KEYS = 50
"""Different reactions to one message that are shown."""
_MOST_QUOTES = 500
"""That are remembered: popular messages are answered often."""


@dataclass(frozen=True, slots=True)
class People:
    """Who is who in a room."""

    me: str
    """The bot."""
    relays: Relays


class Chat:
    """To be closed, by `with` or `close`: it lies in a temporary file. Not to be used by two
    threads at once."""

    def __init__(self, staging: Staging, people: People, clock: Clock, begins: str | None) -> None:
        self.messages, self.people = staging.count(people.me)
        """Lines that people wrote; and how many people wrote them."""
        self.begins = begins
        """The event with which the reading began, to begin with it again."""
        self.lacks: str | None = None
        """Why a part of it could not be read now, where it may be later."""
        self._staging = staging
        self._people = people
        self._clock = clock
        self._quotes: dict[str, Quote] = {}

    @classmethod
    def of(cls, staging: Staging, people: People, clock: Clock, begins: str | None) -> Chat:
        return cls(staging, people, clock, begins)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._staging.close()

    def names(self) -> Iterator[tuple[str, str]]:
        """People, and what they were called in what was read, whichever talk's it is; of those whom
        the bot addressed, also what it calls who has no name."""
        yield from self._staging.names()
        for content in self._staging.mentions(self._people.me):
            for user in _mentioned(json.loads(content)):
                yield user, user.removeprefix("@").partition(":")[0]

    def said_by(self, people: Collection[str]) -> Mapping[str, str]:
        """The messages of these people, whichever talk's, and by whom each is."""
        return self._staging.said_by(people)

    def accounts(self) -> Counter[str]:
        """What became of each event that was read."""
        return self._staging.accounts()

    def lines(self, questions: Container[str] = (), hidden: Hidden | None = None) -> Iterator[Line]:
        """In order, threads under their beginnings, read as they are asked for.

        `questions` are the events that asked one. Reactions and votes of people who are removed
        do not count: whose they are, the lines do not say. What else `hidden` people are to be
        left out of, see `forgetting.without`.
        """
        rows = self._staging.lines()
        while chunk := list(islice(rows, CHUNK)):
            reactions = self._staging.reactions([row.id for row in chunk])
            for row in chunk:
                if row.kind == Kind.GAP:
                    yield Gap(after=self._at(row.moment), why=clean(row.content, 200))
                    continue
                yield self._message(row, row.id in questions, reactions.get(row.id, {}), hidden)

    def _at(self, moment: int) -> datetime:
        return self._clock.from_wall(datetime.fromtimestamp(moment / 1000, UTC))

    def _message(
        self,
        row: Row,
        is_question: bool,
        reactions: dict[str, list[tuple[str, str, str]]],
        hidden: Hidden | None,
    ) -> Message:
        if row.kind == Kind.KEPT:
            return self._kept(row, is_question, reactions, hidden)
        is_bot = row.sender == self._people.me
        said, edited = self._said(row)
        return Message(
            id=row.id,
            at=self._at(row.moment),
            name=said.nick or row.name,
            by=row.sender,
            type=said.type,
            text=said.text,
            html=said.html,
            is_bot=is_bot,
            is_question=is_question,
            edited=edited,
            reply_to=self._quote(row.about) if row.about is not None else None,
            thread=row.thread,
            reactions=self._reactions(reactions, hidden),
            poll=self._tally(row, said, hidden),
            file=said.file,
        )

    def _kept(
        self,
        row: Row,
        is_question: bool,
        reactions: dict[str, list[tuple[str, str, str]]],
        hidden: Hidden | None,
    ) -> Message:
        """As it was, with what came later and can be read."""
        line = Message.model_validate_json(row.content)
        changes: dict[str, Any] = {"thread": row.thread, "is_question": is_question}
        if row.new_content is not None:
            said = self._shown(row.type, row.sender, json.loads(row.new_content))
            if said.type != "unreadable":
                now = {"type": said.type, "text": said.text, "html": said.html, "file": said.file}
                changes |= now | {"edited": row.edit}
        found = {reaction_group(each.key): each for each in line.reactions}
        for each in self._reactions(reactions, hidden):
            before = found.setdefault(reaction_group(each.key), each)
            events = tuple(dict.fromkeys((*before.events, *each.events)))
            found[reaction_group(each.key)] = before.model_copy(update={"events": events})
        return line.model_copy(update={**changes, "reactions": tuple(found.values())})

    def _said(self, row: Row) -> tuple[Shown, str | None]:
        """What it says, after its last edit, and that."""
        content = json.loads(row.content)
        if row.new_content is not None:
            # An edit says nothing of what its message answers.
            kept = {"m.relates_to": content["m.relates_to"]} if "m.relates_to" in content else {}
            said = self._shown(row.type, row.sender, {**json.loads(row.new_content), **kept})
            if said.type != "unreadable":
                return said, row.edit
        return self._shown(row.type, row.sender, content), None

    def _shown(self, kind: str, sender: str, content: Json) -> Shown:
        is_own = sender == self._people.me
        return shown(kind, content, sender, None if is_own else self._people.relays)

    def _quote(self, event_id: str) -> Quote:
        known = self._quotes.get(event_id)
        if known is None:
            if len(self._quotes) >= _MOST_QUOTES:
                self._quotes.clear()
            known = self._quotes[event_id] = self._read_quote(event_id)
        return known

    def _read_quote(self, event_id: str) -> Quote:
        found = self._staging.event(event_id)
        if found is None:
            return Quote(id=event_id)  # it is older than what was read
        if found.kind not in (Kind.SAID, Kind.KEPT):
            return Quote(id="")
        if found.kind == Kind.KEPT and found.new_content is None:
            line = Message.model_validate_json(found.content)
            said = Shown(line.type, line.text, file=line.file)
        else:
            content = json.loads(found.new_content or found.content)
            said = self._shown(found.type, found.sender, content)
        name = said.nick or found.name
        return Quote(id=event_id, name=name, by=found.sender or None, text=said.quote)

    def _reactions(
        self, found: dict[str, list[tuple[str, str, str]]], hidden: Hidden | None
    ) -> tuple[Reaction, ...]:
        me, reactions = self._people.me, []
        for each in islice(found.values(), MOST_KEYS):
            # The bot's own are there to be tapped.
            others = [one for one in each if one[2] != me]
            if hidden is not None:
                others = [one for one in others if not hidden.removed(one[2])]
            if others:
                # With what asks for its coloured form, where somebody's client did.
                key = max((key for key, _, _ in others), key=lambda key: (len(key), key))
                reactions.append(Reaction(key=key, events=tuple(event for _, event, _ in others)))
        return tuple(reactions)

    def _tally(self, row: Row, said: Shown, hidden: Hidden | None) -> tuple[PollOption, ...]:
        if said.poll is None:
            return ()
        votes: Counter[str] = Counter()
        known = dict(said.poll.answers)
        for voter, content in self._staging.votes(row.id, row.sender):
            if hidden is None or not hidden.removed(voter):
                votes.update(_valid(json.loads(content), known, said.poll.most))
        return tuple(PollOption(text=text, votes=votes[name]) for name, text in known.items())


def _mentioned(content: Json) -> Iterator[str]:
    mentions = content.get("m.mentions")
    users = mentions.get("user_ids") if isinstance(mentions, dict) else None
    yield from (user for user in users or () if isinstance(user, str))


def _valid(selected: Sequence[str], known: Container[str], most: int) -> set[str]:
    """What somebody voted for; one wrong answer spoils all."""
    chosen = selected[:most]
    return set(chosen) if all(each in known for each in chosen) else set()
