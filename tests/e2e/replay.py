"""What the rooms' histories say became of questions and votes: told to the plain model,
event by event, in the room's order."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from fosdembot.actions.undoing import OWN_FIRST
from tests.questions.model import Model, No, Question

from .storm import Meant

EDITS_WITHIN = 300_000
"""Milliseconds within which an edit may become a command."""
HAND_OVER = 600_000
"""Milliseconds within which an asker may move a question to the next talk."""
AT_ONCE = 5_000
"""Milliseconds within which two moderators decide the same without knowing of each other."""


class Replay:
    def __init__(
        self,
        model: Model,
        meant: Mapping[str, Meant],
        moderators: Collection[str],
        hand_over: float,
    ) -> None:
        """`hand_over`: the homeserver's time, in milliseconds, from which on the second talk
        of each room is on."""
        self.model = model
        self._meant = meant
        self._moderators = moderators
        self._hand_over = hand_over
        self._at: dict[str, float] = {}
        self._senders: dict[str, str] = {}
        self._asked: dict[str, float] = {}

    def tell(self, room: str, talks: tuple[str, str], event: dict[str, Any]) -> None:
        """An event of a Matrix room (its id); `talks`: the guids of what takes place there."""
        self._room, self._talks, self._event = room, talks, str(event["event_id"])
        self._sender, self._ts = event["sender"], float(event["origin_server_ts"])
        self._at[self._event], self._senders[self._event] = self._ts, self._sender
        if event["type"] == "m.room.member":
            self._member(event)
        elif (meant := self._meant.get(self._event)) is not None and meant.what != "lost":
            try:
                getattr(self, f"_{meant.what}")(meant)
            except No:
                return

    @property
    def _talk(self) -> str:
        """The one that is on."""
        return self._talks[self._ts >= self._hand_over]

    @property
    def _has_power(self) -> bool:
        return self._sender in self._moderators

    def _numbered(self, meant: Meant) -> Question:
        found = self.model.numbered(self._room, meant.number or 0)
        if found is None:
            raise No("no such question")
        return found

    def _member(self, event: dict[str, Any]) -> None:
        person, membership = event["state_key"], event["content"]["membership"]
        self.model.membership(self._room, person, membership, removed=self._sender != person)

    # Askers.

    def _ask(self, meant: Meant) -> None:
        self._take_in(meant, self._event, meant.talk)

    def _take_in(self, meant: Meant, event: str, talk_id: str | None = None) -> None:
        trusted = self._has_power and meant.nick is None
        talk = f"talk-{talk_id}" if talk_id else self._talk
        self.model.ask(
            event,
            self._room,
            talk,
            self._sender,
            meant.text,
            nick=meant.nick,
            trusted=trusted,
        )
        self._asked[event] = self._ts

    def _edit(self, meant: Meant) -> None:
        question = self.model.asked_by(meant.target)
        if question is not None:
            if question.asker == self._sender and question.nick == meant.nick:
                self.model.edit(meant.target, meant.text)
            return
        if meant.target in self.model.marks and self._senders[meant.target] == self._sender:
            # What a vote means follows its edits, however late.
            self.model.redact(meant.target)
        elif self._ts - self._at[meant.target] > EDITS_WITHIN:
            return
        if meant.number is None:
            # What was declined may be asked better.
            if self._senders[meant.target] == self._sender:
                self._take_in(meant, meant.target)
        else:
            self._vote_for(self._numbered(meant), meant.target)

    def _redact(self, meant: Meant) -> None:
        if self._meant[meant.target].what == "tap":
            self.model.undo_cause(meant.target)
        self.model.redact(meant.target)

    def _withdraw(self, meant: Meant) -> None:
        question = self._numbered(meant)
        if question.asker == self._sender and question.nick is None:
            self.model.withdraw(question)

    # Voters.

    def _react(self, meant: Meant) -> None:
        question = self.model.asked_by(meant.target)
        if question is not None and meant.number in (None, question.number):
            self.model.vote(self._event, question, self._sender)

    def _vote(self, meant: Meant) -> None:
        self._vote_for(self._numbered(meant), self._event)

    def _reply(self, meant: Meant) -> None:
        question = self.model.asked_by(meant.target)
        if question is not None:
            self._vote_for(question, self._event)

    def _vote_for(self, question: Question, event: str) -> None:
        askers = {q.asker for q in self.model.group(question.root)}
        closed = {question.state, question.root.state} & {"dismissed", "withdrawn"}
        if closed or self._sender in askers or self._is_barred():
            raise No("vote")
        self.model.marks.pop(event, None)
        self.model.vote(event, question, self._sender)

    def _unvote(self, meant: Meant) -> None:
        question = self._numbered(meant)
        if not self._is_barred():
            self.model.unvote(question, self._sender)

    def _is_barred(self) -> bool:
        return any((room, who) == (self._room, self._sender) for room, who, _ in self.model.barred)

    # Moderators.

    def _act(self, meant: Meant) -> None:
        if self._has_power:
            question = self._numbered(meant) if meant.number else self._obvious(meant.action)
            self.model.act(self._event, question, meant.action)

    def _obvious(self, action: str) -> Question:
        """The one that is meant where none is named."""
        talk, model = self._talk, self.model
        answering = [q for q in model.board(talk) if q.state == "answering"]
        if action == "done" and answering:
            return answering[0]
        last = [d for d in model.decisions if d.question.talk == talk][-1:]
        if last and last[0].action == action and self._ts - self._at[last[0].event] < AT_ONCE:
            return last[0].question
        if action == "done":
            return self._still_answering()
        for question in model.board(talk):
            if action == "skip" or question not in answering:
                return question
        raise No("which")

    def _still_answering(self) -> Question:
        """The one of the first talk, until the second has one of its own."""
        first, second = self._talks
        if self._talk == second:
            theirs = [q.since for q in self.model.board(second) if q.state == "answering"]
            theirs += [q.since for q in self.model.answered(second)]
            for question in self.model.board(first):
                if question.state == "answering" and question.since > max(theirs, default=0):
                    return question
        raise No("which")

    def _tap(self, meant: Meant) -> None:
        question = self.model.asked_by(meant.target)
        if question is None or not self._has_power:
            return
        action = meant.action
        if action == "check":
            last = [d for d in self.model.decisions if d.question is question][-1:]
            approved = last and last[0].action == "approve"
            at_once = approved and self._ts - self._at[last[0].event] < AT_ONCE
            action = "approve" if question.state == "pending" or at_once else "done"
        self.model.act(self._event, question, action)

    def _merge(self, meant: Meant) -> None:
        into = self.model.numbered(self._room, meant.other or 0)
        if self._has_power and into is not None:
            self.model.merge(self._event, self._numbered(meant), into)

    def _move(self, meant: Meant) -> None:
        question = self._numbered(meant)
        own = question.asker == self._sender and question.nick is None
        late = self._ts - self._asked[question.event] > HAND_OVER
        if not (self._has_power or (meant.talk == "next" and own and not late)):
            return
        if meant.talk == "next" and question.talk == self._talks[1]:
            raise No("there is none")
        talk = self._talks[1] if meant.talk == "next" else f"talk-{meant.talk}"
        self.model.move(self._event, question, talk, decided=self._has_power)

    def _undo(self, _: Meant) -> None:
        if self._has_power:
            since = self._ts - OWN_FIRST.total_seconds() * 1000
            senders = self._senders.items()
            own = {e for e, sender in senders if sender == self._sender and self._at[e] > since}
            self.model.undo(self._room, own)

    def _approve_all(self, _: Meant) -> None:
        if self._has_power:
            for question in list(self.model.questions):
                if question.talk == self._talk and question.state == "pending":
                    self.model.act(self._event, question, "approve")

    def _qa(self, meant: Meant) -> None:
        if meant.action in ("moderated", "unmoderated"):
            self.model.moderated[self._room] = meant.action == "moderated"
        elif meant.action == "close":
            self.model.closed.add(self._talk)
        else:
            self.model.closed.discard(self._talk)
