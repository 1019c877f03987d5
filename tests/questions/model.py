"""What becomes of questions and votes, said as plainly as it can be.

It is told what happened in the order in which it happened, and shares no code with the
desk. Whatever can be worked out from what it was told is worked out each time anew: who is
for a question, what a question counts for, and what stands on a board.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

WAITING = ("answering", "starred", "open")
UNDECIDED = ("pending", *WAITING)
RELAYS = ("@relay",)
"""Accounts that are known to speak for many."""

OUTCOMES: dict[str, tuple[tuple[str, ...], str]] = {
    "approve": (("pending",), "open"),
    "take": (("pending", "open", "starred", "answered"), "answering"),
    "done": (WAITING, "answered"),
    "skip": (WAITING, "skipped"),
    "star": (("pending", "open", "answering"), "starred"),
    "unstar": (("starred",), "open"),
    "dismiss": (UNDECIDED, "dismissed"),
    "restore": (("answered", "dismissed", "merged"), "open"),
}
"""In which states something can be done to a question, and what it is then. `skipped` is
open, behind the others."""


class No(Exception):
    """That cannot be done; the argument says why."""


@dataclass(eq=False)
class Question:
    number: int
    room: str
    """The room in which it was asked, the first of those it was upgraded to."""
    talk: str
    asker: str
    nick: str | None
    """Of whom a relay speaks."""
    event: str
    text: str
    state: str
    skipped: bool = False
    since: int = 0
    """The step at which it came to its state."""
    into: Question | None = None
    """What it is merged into."""

    def __repr__(self) -> str:
        into = f" into {self.into.number}" if self.into else ""
        return f"<{self.room} {self.number} {self.talk} {self.state}{into} {self.text!r}>"

    @property
    def root(self) -> Question:
        return self if self.into is None else self.into.root


@dataclass
class Decision:
    """What a moderator did to a question by an event, as long as it was not taken back."""

    event: str
    action: str
    question: Question
    before: dict[str, Any]
    after: dict[str, Any]


@dataclass
class Model:
    longest: int = 500
    open_per_person: int = 5
    open_per_relay: int = 50
    moderated_by_default: bool = False
    count_own_votes: bool = False
    leaving_withdraws_votes: bool = False
    questions: list[Question] = field(default_factory=list)
    """In the order in which they were asked."""
    marks: dict[str, tuple[Question, str]] = field(default_factory=dict)
    """The events by which somebody voted and that still stand: for what, and who."""
    barred: set[tuple[str, str, str]] = field(default_factory=set)
    """Room, person, why."""
    moderated: dict[str, bool] = field(default_factory=dict)
    """Rooms for which it was decided."""
    closed: set[str] = field(default_factory=set)
    """Talks."""
    decisions: list[Decision] = field(default_factory=list)
    step: int = 0

    # What is asked.

    def ask(
        self,
        event: str,
        room: str,
        talk: str,
        person: str,
        text: str,
        *,
        nick: str | None = None,
        trusted: bool = False,
    ) -> Question:
        """Raises `No`."""
        self.step += 1
        self._check_text(text)
        if talk in self.closed and not trusted:
            raise No("closed")
        self._check_asker(room, person)
        waiting = [
            q
            for q in self.questions
            if q.talk == talk and q.asker == person and q.state in UNDECIDED
        ]
        if person in RELAYS:
            if nick is not None and len(waiting) >= self.open_per_relay:
                raise No("relay full")
            waiting = [q for q in waiting if _same(q.nick, nick)]
        if any(q.text.casefold() == text.casefold() for q in waiting):
            raise No("asked already")
        if len(waiting) >= self.open_per_person:
            raise No("too many")
        pending = self.is_moderated(room) and not trusted
        number = 1 + sum(q.room == room for q in self.questions)
        state = "pending" if pending else "open"
        question = Question(number, room, talk, person, nick, event, text, state, since=self.step)
        self.questions.append(question)
        if nick is not None and person in RELAYS:
            self.barred.add((room, person, "relay"))
        return question

    def edit(self, event: str, text: str) -> None:
        """The message by which a question was asked says something else now. Raises `No`."""
        self.step += 1
        question = self.asked_by(event)
        if question is None:
            return
        moderated = self.is_moderated(question.room)
        if question.state in ("answered", "withdrawn"):
            return
        if moderated and question.state in ("answering", "merged", "dismissed"):
            return
        self._check_text(text)
        if text == question.text:
            return
        self._check_asker(question.room, question.asker)
        if moderated:
            self._stand(question, "pending")
        question.text = text

    def _check_asker(self, room: str, person: str) -> None:
        if self.barred & {(room, person, "membership"), (room, person, "muted")}:
            raise No("barred")

    def withdraw(self, question: Question) -> None:
        """By its asker. Raises `No`."""
        self.step += 1
        if question.state not in UNDECIDED:
            raise No("state")
        self._take_back(question)

    def redact(self, event: str) -> None:
        """An event is gone: a question's message, or one by which somebody voted."""
        self.step += 1
        self.marks.pop(event, None)
        if (question := self.asked_by(event)) is not None:
            question.text = ""
            if question.state != "withdrawn":
                self._take_back(question)
            said = (question.room, question.asker)
            if question.nick is not None and not any(
                q.nick is not None and q.text and (q.room, q.asker) == said for q in self.questions
            ):
                self.barred.discard((*said, "relay"))

    def _take_back(self, question: Question) -> None:
        """What was merged into it is not lost: the earliest stands where it stood."""
        state, skipped, into = question.state, question.skipped, question.into
        question.into = None
        self._stand(question, "withdrawn")
        heir: Question | None = None
        for each in self.questions:
            if each.into is question and heir is None:
                heir = each
                self._stand(heir, "skipped" if skipped else state)
                heir.into = into
            elif each.into is question:
                each.into = heir

    # What is decided.

    def act(self, event: str, question: Question, action: str) -> None:
        """Raises `No`."""
        self.step += 1
        possible, outcome = OUTCOMES[action]
        if outcome == ("skipped" if question.skipped else question.state):
            return
        if question.state not in possible:
            raise No("state")
        if action == "take":
            for other in self.questions:
                if other.talk == question.talk and other.state == "answering":
                    self._decide(event, "done", other, "answered")
        self._decide(event, action, question, outcome)

    def merge(self, event: str, question: Question, into: Question) -> None:
        """Raises `No`."""
        self.step += 1
        if question.talk != into.talk:
            raise No("other talk")
        if question in (into, into.root):
            raise No("itself")
        if question.state not in UNDECIDED or into.root.state in ("dismissed", "withdrawn"):
            raise No("state")
        self._decide(event, "merge", question, "merged", into=into)

    def move(self, event: str, question: Question, talk: str, *, decided: bool) -> None:
        """`decided`: by a moderator, who may take it back. Raises `No`."""
        self.step += 1
        if question.state not in UNDECIDED:
            raise No("state")
        if question.talk == talk:
            return
        for each in self.group(question):
            state = "open" if each.state in ("answering", "starred") else _standing(each)
            self._decide(event, "move", each, state, into=each.into, talk=talk, decided=decided)

    def undo(self, room: str, own: Collection[str] = ()) -> None:
        """Take the last decision in a room back that was not taken back; where some of the events
        are their `own`, the last about the same questions as the last of these."""
        status = [d for d in self.decisions if d.question.room == room]
        if theirs := [d.event for d in status if d.event in own]:
            same = [d.question.number for d in status if d.event == theirs[-1]]
            status = [d for d in status if d.question.number in same]
        if status:
            self.undo_cause(status[-1].event)

    def undo_cause(self, event: str) -> None:
        """Take back what an event decided, as far as nothing else became of it since."""
        self.step += 1
        for decision in [d for d in reversed(self.decisions) if d.event == event]:
            self.decisions.remove(decision)
            if self._can_go_back(decision):
                for name, value in decision.before.items():
                    setattr(decision.question, name, value)
                if decision.before.keys() & {"state", "skipped"}:
                    decision.question.since = self.step
        for question in self.questions:
            # A question is for the talk of what it is merged into.
            question.talk = question.root.talk

    def _can_go_back(self, decision: Decision) -> bool:
        question, before = decision.question, decision.before
        if not before or any(getattr(question, n) != v for n, v in decision.after.items()):
            return False
        state = before.get("state", question.state)
        if before.get("skipped", question.skipped) and state != "open":
            return False
        talk = before.get("talk", question.talk)
        if state == "answering" and any(
            q.state == "answering" and q.talk == talk for q in self.questions if q is not question
        ):
            return False
        into = before.get("into")
        return into is None or (
            into.root is not question
            and into.talk == talk
            and into.root.state not in ("dismissed", "withdrawn")
        )

    def _decide(
        self,
        event: str,
        action: str,
        question: Question,
        state: str,
        *,
        into: Question | None = None,
        talk: str | None = None,
        decided: bool = True,
    ) -> None:
        was = _fields(question)
        question.into, question.talk = into, talk or question.talk
        self._stand(question, state)
        now = _fields(question)
        before = {name: value for name, value in was.items() if now[name] != value}
        after = {name: now[name] for name in before}
        if decided:
            self.decisions.append(Decision(event, action, question, before, after))

    def _stand(self, question: Question, state: str) -> None:
        if _standing(question) != state:
            question.since = self.step
        question.state = "open" if state == "skipped" else state
        question.skipped = state == "skipped"

    # Rooms and people.

    def is_moderated(self, room: str) -> bool:
        return self.moderated.get(room, self.moderated_by_default)

    def mute(self, room: str, person: str) -> None:
        self.barred.add((room, person, "muted"))

    def unmute(self, room: str, person: str) -> None:
        self.barred -= {(room, person, "muted"), (room, person, "relay")}

    def membership(self, room: str, person: str, membership: str, *, removed: bool) -> None:
        """`removed`: it is not the person's own doing."""
        if membership == "ban" or (
            membership == "leave" and (removed or self.leaving_withdraws_votes)
        ):
            self.barred.add((room, person, "membership"))
        elif membership == "join":
            self.barred.discard((room, person, "membership"))

    # Votes.

    def vote(self, event: str, question: Question, person: str) -> None:
        self.marks[event] = (question, person)

    def unvote(self, question: Question, person: str) -> None:
        """Whatever he voted by, also for what was merged into it."""
        for event, (voted, voter) in list(self.marks.items()):
            if voter == person and voted.root is question.root:
                del self.marks[event]

    # What comes of it.

    def asked_by(self, event: str) -> Question | None:
        return next((q for q in self.questions if q.event == event), None)

    def numbered(self, room: str, number: int) -> Question | None:
        found = (q for q in self.questions if (q.room, q.number) == (room, number))
        return next(found, None)

    def group(self, question: Question) -> list[Question]:
        """The question and what was merged into it."""
        return [q for q in self.questions if q.root is question]

    def voters(self, question: Question) -> set[str]:
        """Who is for a question that is not merged, and counts."""
        group = self.group(question)
        own = set() if self.count_own_votes else {q.asker for q in group}
        barred = {person for room, person, _ in self.barred if room == question.room}
        return {person for voted, person in self.marks.values() if voted in group} - own - barred

    def board(self, talk: str) -> list[Question]:
        """What waits for an answer, the best first."""
        waiting = [q for q in self.questions if q.talk == talk and q.state in WAITING]
        return sorted(
            waiting,
            key=lambda q: (
                WAITING.index(q.state),
                q.skipped,
                -len(self.voters(q)),
                self.questions.index(q),
            ),
        )

    def answered(self, talk: str) -> list[Question]:
        """The newest first."""
        done = [q for q in self.questions if q.talk == talk and q.state == "answered"]
        return sorted(done, key=lambda q: (q.since, self.questions.index(q)), reverse=True)

    def faults(self) -> Iterator[str]:
        """What is not as it must be."""
        for talk in {q.talk for q in self.questions}:
            if sum(q.talk == talk and q.state == "answering" for q in self.questions) > 1:
                yield f"{talk} answers two"
        for q in self.questions:
            if q.root.talk != q.talk or q.root.room != q.room:
                yield f"{q} counts elsewhere"
            if (q.into is None) == (q.state == "merged"):
                yield f"{q} is merged or not"

    def _check_text(self, text: str) -> None:
        if not text:
            raise No("empty")
        if len(text) > self.longest:
            raise No("too long")


def _same(nick: str | None, other: str | None) -> bool:
    return (nick and nick.casefold()) == (other and other.casefold())


def _standing(question: Question) -> str:
    return "skipped" if question.skipped else question.state


def _fields(question: Question) -> dict[str, Any]:
    return {name: getattr(question, name) for name in ("state", "skipped", "into", "talk")}
