"""Whether what the rooms show of the questions is what people made of them."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from .acts import Ask, Decide, Deed, Room, Say, Told, Write
from .history import History, Message
from .sample import DIRECT_CHATS, HOSTS, SERVER_NAME
from .tally import Key, Question, Standing, of_talk, on_at, ranking, tally
from .verdict import Verdict

_BUTTONS = ("✅", "⭐", "▶️", "🚫")
_ON_A_CARD = {
    "": "open",
    "⏳ waits for you": "pending",
    "⭐ next": "starred",
    "▶ being answered": "answering",
    "✅ answered": "answered",
    "🚫 dismissed": "dismissed",
    "taken back": "withdrawn",
}
"""What stands on a card behind the question's number."""
_LISTED = re.compile(r"^(?:[▶★✓⏳ ]|now:|next:)*(\d+) \(([\d,]+) votes?\) ", re.MULTILINE)
_MOST_ON_BOARD = 5
_NOT_LISTED = ("withdrawn", "dismissed", "merged")
_AT_LAST = float("inf")


@dataclass(frozen=True, slots=True)
class _Letter:
    """What was to be written to a speaker."""

    room: Room
    """The direct chat."""
    at: str
    lists: Room


class Questions:
    """`told`: what the rooms had to be told besides."""

    def __init__(
        self,
        histories: Mapping[Room, History],
        deeds: Sequence[Deed],
        told: Sequence[Told],
        verdict: Verdict,
    ) -> None:
        self._histories = histories
        timed = ((histories[deed.room].sent_at[deed.event_id], deed) for deed in deeds)
        self._deeds = sorted(timed, key=lambda entry: entry[0])
        self._standings: dict[int, Standing] = {}
        """By how many deeds were done."""
        self._told = told
        self._verdict = verdict
        self._known: set[str] = set()

    def compare(self) -> set[str]:
        """Returns the events by which the bot said what it had to."""
        for asked_at, deed in self._deeds:
            if isinstance(deed.act, Ask):
                self._confirmed(deed, asked_at)
        for at, deed in self._deeds:
            if isinstance(deed.act, Decide):
                self._asker_told(deed.act, at)
            elif isinstance(deed.act, Write):
                self._answer_posted(deed.act, at)
        for question in self._at(_AT_LAST).values():
            self._shown_to_hosts(question)
        return self._known

    # What is said of each question.

    def _confirmed(self, deed: Deed, at: float) -> None:
        """The asker sees its number; one asked in a direct chat stands in the room."""
        act = deed.act
        assert isinstance(act, Ask)
        if act.by is not None:
            post = self._only(act.room, f"{act.number} {act.text}", at, _begins(f"{act.number} "))
            if post is not None:
                self._known |= {e.event_id for e in self._edits(act.room, post)}
            return
        chips = [m for m in self._histories[act.room].replies[deed.event_id] if m.text[:1] == "Q"]
        self._known |= {chip.event_id for chip in chips}
        self._verdict.commands += 1
        if any(chip.text != f"Q{act.number}" for chip in chips) or not chips:
            self._verdict.lost += 1
            self._verdict.faults.append(f"{act.room.name}: not numbered {act.number}: {deed.said}")
            return
        self._verdict.answers += 1
        self._wait(act.room, chips[0], self._let_in_at(act, at), deed.said)
        if len(chips) > 1:
            self._verdict.doubled += 1
            self._verdict.faults.append(f"{act.room.name}: numbered twice: {deed.said}")

    def _let_in_at(self, act: Ask, at: float) -> float:
        """When a moderator let it in; until then another number stood there."""
        if not act.pending:
            return at
        decided = [(at, deed.act) for at, deed in self._deeds if isinstance(deed.act, Decide)]
        key = act.room, act.number
        return min(at for at, decision in decided if (decision.room, decision.number) == key)

    def _shown_to_hosts(self, question: Question) -> None:
        """There is a card, with buttons, that says at last how the question stands."""
        act = question.ask
        begins, asked_at = f"{act.room.alias} {act.number}", self._asked_at(act)
        card = self._only(HOSTS, f"card {begins}", asked_at, _begins(begins))
        if card is None:
            return
        history = self._histories[HOSTS]
        buttons = history.replies.get(card.event_id, [])
        self._known |= {m.event_id for m in (*buttons, *self._edits(HOSTS, card))}
        if sorted(button.text for button in buttons) != sorted(_BUTTONS):
            self._verdict.faults.append(f"{HOSTS.name}: other buttons than these: {card.shown}")
        shown, _, text = history.now_says(card).removeprefix(begins).strip().partition(":")
        if question.decided_by:
            shown, by, _ = shown.partition(f" by {question.decided_by} in the meeting")
            if not by:
                fault = f"{begins} does not say that {question.decided_by} decided that"
                self._verdict.faults.append(fault)
        state = "merged" if shown.startswith("is one with ") else _ON_A_CARD.get(shown, shown)
        self._verdict.questions[state] += 1
        if state != question.state:
            self._verdict.faults.append(f"{begins} is {state}, and should be {question.state}")
        if question.text not in text:
            self._verdict.faults.append(f"{begins} does not say: {question.text}")

    def _asker_told(self, act: Decide, at: float) -> None:
        question = self._at(at)[act.room, act.number]
        if act.state == "answering":
            words = f"question {act.number} is being answered"
            self._mentioned(act.room, words, at, question.askers)
        elif act.reason:
            # Not in the talk room: nobody has let it be posted there.
            for chat in DIRECT_CHATS:
                if chat.person in question.askers:
                    self._mentioned(chat, act.reason, at, [chat.person])

    def _answer_posted(self, act: Write, at: float) -> None:
        question = self._at(at)[act.room, act.number]
        posted = self._mentioned(act.room, act.text, at, question.askers)
        chats = {part.ask.by for part in question.parts if part.ask.nameless and part.ask.by}
        for chat in chats:
            posted = self._mentioned(chat, act.text, at, [question.ask.who]) and posted
        self._verdict.answers_written += posted

    def _mentioned(self, room: Room, words: str, at: float, people: Iterable[str]) -> bool:
        """Whether a message with these words notifies these people, and nobody else."""
        ids = {f"@{who}:{SERVER_NAME}" for who in people}
        found = self._only(room, words, at, lambda m: words in m.text and m.mentions == ids)
        return found is not None

    def _only(
        self, room: Room, what: str, since: float, fits: Callable[[Message], bool]
    ) -> Message | None:
        """The only message of the bot there that fits, said because of something at `since`."""
        history = self._histories[room]
        replies = (reply for replies in history.replies.values() for reply in replies)
        found = [message for message in (*history.said, *replies) if fits(message)]
        self._known |= {message.event_id for message in found}
        if not found:
            self._verdict.lost += 1
            self._verdict.faults.append(f"{room.name} was not told: {what}")
            return None
        self._wait(room, found[0], since, what)
        for message in found[1:]:
            self._verdict.doubled += 1
            self._verdict.faults.append(f"{room.name} was told twice: {message.shown}")
        return found[0]

    def _wait(self, room: Room, message: Message, since: float, what: str) -> None:
        wait = message.at - since
        self._verdict.waits.append(wait)
        if wait > self._verdict.late_after:
            self._verdict.late += 1
            self._verdict.faults.append(f"{room.name} waited {wait:.1f} s for: {what}")

    def _edits(self, room: Room, message: Message) -> list[Message]:
        return self._histories[room].edits.get(message.event_id, [])

    # Order and votes.

    def compare_board(
        self, history: History, item: Told, message: Message, until: float | None
    ) -> None:
        """The pinned message of the talk that was told by `item` shows at last, or `until`
        the next one was, the best of its questions."""
        shown = [number for number, _ in _listed(history.now_says(message))]
        rankings = [
            ranking(self.of_talk(item, standing))[:_MOST_ON_BOARD]
            for standing in self.lately(_AT_LAST if until is None else until)
        ]
        if shown in rankings:
            self._verdict.boards += 1
        else:
            right = ", ".join(map(str, rankings[-1])) or "none"
            fault = f"{history.room.name} should have been shown questions {right}: {message.shown}"
            self._verdict.faults.append(fault)
        for letter in self._letters():
            if self.on(letter.lists, letter.at) is item:
                self._compare_before(history, letter, message)

    def _compare_before(self, history: History, letter: _Letter, message: Message) -> None:
        """The next talk's pinned message says how many questions went to the speaker."""
        sent = sum(len(_listed(m.text)) for m in self._histories[letter.room].said)
        if sent and f'", {sent} questions went to the speaker' not in history.now_says(message):
            fault = f"{history.room.name} should know that {sent} questions went to the speaker"
            self._verdict.faults.append(f"{fault}: {message.shown}")

    def compare_votes(self) -> None:
        """What the bot says last of each question's votes is as many as there were then."""
        counted: dict[Key, tuple[float, int]] = {}
        for room, message in sorted(self._lists(), key=lambda entry: entry[1].at):
            for number, votes in _listed(message.text):
                counted[room, number] = (message.at, votes)
        for key, question in self._at(_AT_LAST).items():
            if question.state not in _NOT_LISTED:
                self._compare_votes_of(key, question, counted.get(key))

    def _compare_votes_of(
        self, key: Key, question: Question, counted: tuple[float, int] | None
    ) -> None:
        if counted is None:
            self._verdict.votes_expected += question.votes
            self._verdict.faults.append(f"{key[0].name}: question {key[1]} was in no list")
            return
        at, votes = counted
        possible = [standing[key].votes for standing in self.lately(at) if key in standing]
        # A question that was counted before it was asked is another, of somebody not in the script.
        now = possible[-1] if possible else question.votes
        right = votes if votes in possible else now
        self._verdict.votes_expected += right
        self._verdict.votes_counted += votes
        if votes != right:
            fault = f"{key[0].name}: question {key[1]} has {right} votes, and {votes} are counted"
            self._verdict.faults.append(fault)

    def _lists(self) -> Iterable[tuple[Room, Message]]:
        """What the bot said that lists questions of a talk room."""
        for _, deed in self._deeds:
            if isinstance(deed.act, Say) and deed.act.lists is not None:
                for message in self._histories[deed.room].replies.get(deed.event_id, []):
                    yield deed.act.lists, message
        for letter in self._letters():
            for message in self._histories[letter.room].said:
                yield letter.lists, message

    def _letters(self) -> list[_Letter]:
        return [_Letter(i.room, i.at, i.lists) for i in self._told if i.at and i.lists]

    # How the questions stood.

    def _at(self, moment: float) -> Standing:
        done = bisect_right(self._deeds, moment, key=lambda entry: entry[0])
        if done not in self._standings:
            self._standings[done] = tally(deed.act for _, deed in self._deeds[:done])
        return self._standings[done]

    def lately(self, moment: float) -> list[Standing]:
        """How they stood at a moment, and in the time before it in which the bot may still
        have been about to say so."""
        since = moment - self._verdict.late_after
        moments = [at for at, _ in self._deeds if since < at <= moment]
        return [self._at(then) for then in (since, *moments)]

    def _asked_at(self, ask: Ask) -> float:
        return min(at for at, deed in self._deeds if deed.act is ask)

    def of_talk(self, item: Told, standing: Standing) -> list[Question]:
        """The questions for the talk that was told to be on by `item`."""
        return of_talk(item, standing, self._told)

    def on(self, room: Room, clock: str) -> Told | None:
        """The notice of the talk that was on last at that time."""
        return on_at(self._told, room, clock)


def _begins(words: str) -> Callable[[Message], bool]:
    """Whether a message begins with these words, and no longer number."""
    return lambda message: (
        message.text.startswith(words) and not message.text[len(words) :][:1].isdigit()
    )


def _listed(text: str) -> list[tuple[int, int]]:
    """The questions that stand in a message, with their votes."""
    return [(int(number), int(votes.replace(",", ""))) for number, votes in _LISTED.findall(text)]
