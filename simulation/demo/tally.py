"""What became of the questions, by what people did: plain counting, and nothing of the bot.

It knows only what the script does. A vote for one's own question does not count, one by
the same person for two questions that are one now counts once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from .acts import Act, Ask, Decide, Edit, Room, Told, Unvote, Vote, Write
from .sample_meeting import MEETING

_RANKS = {"answering": 0, "starred": 1, "open": 2}


@dataclass(slots=True)
class Question:
    ask: Ask
    state: str
    text: str
    into: Question | None = None
    """The one that it is a part of now."""
    decided_by: str = ""
    """Who decided its state in a meeting; empty: that was done elsewhere."""
    votes_by: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Client → the ways in which that person voted, without those taken back."""
    parts: list[Question] = field(default_factory=list)
    """It, and those that are a part of it now."""

    @property
    def votes(self) -> int:
        voters = {who for part in self.parts for who, ways in part.votes_by.items() if ways}
        return len(voters - {part.ask.who for part in self.parts})

    @property
    def askers(self) -> list[str]:
        """Those who gave their name."""
        return [part.ask.who for part in self.parts if not part.ask.nameless]


Key = tuple[Room, int]
"""A talk room, and a question's number there."""
Standing = dict[Key, Question]


def tally(acts: Iterable[Act]) -> Standing:
    """How the questions stand after that."""
    standing: Standing = {}
    for act in acts:
        match act:
            case Ask():
                question = Question(act, "pending" if act.pending else "open", act.text)
                question.parts.append(question)
                standing[act.room, act.number] = question
            case Vote():
                standing[act.room, act.number].votes_by[act.who].append(act.how)
            case Unvote():
                _unvote(standing[act.room, act.number], act)
            case Edit():
                standing[act.room, act.number].text = act.text
            case Decide():
                _decide(standing, act)
            case Write():
                standing[act.room, act.number].state = "answered"
    return standing


def ranking(questions: Iterable[Question]) -> list[int]:
    """The numbers of those that wait for an answer, the best first."""
    waiting = [question for question in questions if question.state in _RANKS]
    waiting.sort(key=lambda q: (_RANKS[q.state], -q.votes, q.ask.number))
    return [question.ask.number for question in waiting]


def on_at(told: Iterable[Told], room: Room, clock: str) -> Told | None:
    """The notice of the talk that was told to be on last at that time."""
    on = [item for item in told if item.kind == "now" and item.room is room]
    return next((item for item in reversed(on) if (item.at or "") <= clock), None)


def of_talk(item: Told, standing: Standing, told: Sequence[Told]) -> list[Question]:
    """The questions for the talk that was told to be on by `item`: those that were asked since,
    and those that are replies to such."""

    def talk(ask: Ask) -> Told | None:
        if ask.to is not None:
            return talk(standing[ask.room, ask.to].ask)
        return on_at(told, ask.room, ask.at)

    return [question for question in standing.values() if talk(question.ask) is item]


def _unvote(question: Question, act: Unvote) -> None:
    if act.how.startswith("!"):
        question.votes_by.pop(act.who, None)
    else:
        question.votes_by[act.who].remove(act.how)


def _decide(standing: Standing, act: Decide) -> None:
    question = standing[act.room, act.number]
    if act.state == "answering":
        for other in _answering(standing, act.room):
            other.state = "answered"
    question.state = act.state
    question.decided_by = act.who if act.by is MEETING else ""
    if act.into is not None:
        question.into = standing[act.room, act.into]
        question.into.parts.append(question)


def _answering(standing: Standing, room: Room) -> Sequence[Question]:
    """There is one at the most; the script leaves none of them to the next talk."""
    return [q for (where, _), q in standing.items() if where is room and q.state == "answering"]
