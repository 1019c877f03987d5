"""Draws the page of a talk room: its parts, its list, its clock. What is of one person alone is in
`room_personal.py`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from fosdembot.conference.addresses import short_name
from fosdembot.conference.page_addresses import PageAddresses
from fosdembot.questions.orders import Order
from fosdembot.questions.states import State
from fosdembot.questions.views import QuestionView
from fosdembot.schedule.model import Talk
from fosdembot.talks.naming import title_of
from fosdembot.talks.phases import Phase
from fosdembot.talks.slots import AudienceSlot
from fosdembot.texts import page_room as texts
from fosdembot.texts import pages as page_texts
from fosdembot.texts.render import clean, say
from fosdembot.texts.words import clock_time, count, names

from .rendering import Rendering
from .room_reading import Board, RoomState, today
from .screens import Countdown, Item, Screen

WARNS = timedelta(minutes=1)
"""So long before the next moment the clock looks another way."""
_KEPT = 5_000
"""Questions as HTML that are kept: most look as they did before."""
_LONGEST_SAID = 200
_MOST_CANCELLED = 3
_MOMENTS = {Phase.LIVE: texts.BEGINS, Phase.QA: texts.QA_BEGINS, Phase.OVER: texts.ENDS}


@dataclass(slots=True)
class RoomDrawing:
    rendering: Rendering
    addresses: PageAddresses
    _question: Any = field(init=False)

    def __post_init__(self) -> None:
        self._question = lru_cache(_KEPT)(self._drawn)

    def screen(self, state: RoomState, order: Order) -> Screen:
        moment = state.moment
        label = self._label(state)
        countdown = Countdown(moment.at, label, moment.at - WARNS) if moment is not None else None
        return Screen(
            parts=self._parts(state, label),
            items=tuple(self._items(state)),
            countdown=countdown,
            redraw_at=state.redraw_at(order),
            announced=self._announced(state, label),
            facts=state,
        )

    def with_questions(self, drawn: Screen, state: RoomState) -> Screen:
        """The same, where nothing but questions may be others."""
        label = drawn.countdown.label if drawn.countdown is not None else ""
        return replace(
            drawn,
            parts={**drawn.parts, **self._parts_of_questions(state)},
            items=tuple(self._items(state)),
            announced=self._announced(state, label),
            facts=state,
        )

    def with_votes(self, screen: Screen, state: RoomState, pressed: frozenset[str]) -> Screen:
        """The same for who has voted for these questions (their keys)."""
        if not pressed:
            return screen
        return replace(screen, items=tuple(self._items(state, pressed)))

    def title(self, state: RoomState) -> str:
        room = short_name(state.address)
        return room if state.single is None else f"{title_of(state.single)} – {room}"

    def when(self, state: RoomState, moment: datetime) -> str:
        return clock_time(moment, state.talks.zone, state.now)

    # The parts.

    def _parts(self, state: RoomState, label: str) -> dict[str, str]:
        page = self.rendering.page
        return {
            "now": page("room_now.html", **self._now(state)),
            "moment": page("plain.html", text=label),
            # For `mine.js`: what it says is for guests alone.
            "guests": state.rules.guests.value,
            "which": page("room_which.html", talks=self.which(state)),
            "earlier": page("room_earlier.html", **self._earlier(state)),
            **self._parts_of_questions(state),
        }

    def _parts_of_questions(self, state: RoomState) -> dict[str, str]:
        page = self.rendering.page
        return {
            "notes": page(
                "room_notes.html",
                notes=list(self._notes(state)),
                closed=bool(state.boards) and all(board.closed for board in state.boards),
            ),
            "left": page("plain.html", text=self._left(state)),
            "answered": page("room_answered.html", boards=self._answered(state)),
        }

    def _now(self, state: RoomState) -> dict[str, Any]:
        if state.single is not None:
            [board] = state.boards
            return {
                "on": [self._line(state, board.talk, board.slot)],
                "next": [],
                "off": [],
                "transcript": board.transcript,
            }
        day = today(state.talks)
        off = [slot for slot in day if not slot.takes_place and slot.end > state.now]
        coming = [slot for slot in state.talks.next if slot in day] or state.talks.next[:1]
        nothing = texts.NOTHING_ON if coming else texts.NOTHING_TODAY
        return {
            "on": [self._line(state, slot.talk, slot) for slot in state.talks.on],
            "nothing": say(nothing),
            "transcript": "",
            "next": [self._line(state, slot.talk, slot) for slot in coming],
            "off": [self._off(state, slot) for slot in off[:_MOST_CANCELLED]],
        }

    def _line(self, state: RoomState, talk: Talk, slot: AudienceSlot | None) -> dict[str, Any]:
        """A talk, and when it is."""
        start = slot.start if slot is not None else talk.start
        template, time = texts.AT, start
        if slot is not None:
            match state.talks.phase(slot):
                case Phase.LIVE | Phase.QA if slot.is_break:
                    template, time = texts.ON_BREAK, slot.end
                case Phase.LIVE:
                    template, time = texts.ON, slot.end
                case Phase.QA:
                    template, time = texts.ON_QA, slot.end
                case Phase.OVER:
                    template, time = texts.OVER, slot.end
                case Phase.CANCELLED:
                    return {"title": title_of(talk), "speakers": "", "when": self._off(state, slot)}
        return {
            "title": title_of(talk),
            "speakers": names(talk.persons),
            "when": say(template, time=self.when(state, time)),
        }

    def _off(self, state: RoomState, slot: AudienceSlot) -> Any:
        template = texts.CANCELLED if slot.cancelled else texts.NO_SPEAKER
        return say(template, title=title_of(slot.talk), time=self.when(state, slot.start))

    def _label(self, state: RoomState) -> str:
        moment = state.moment
        if moment is None:
            return ""
        return say(_MOMENTS[moment.kind], time=self.when(state, moment.at)).plain

    def _notes(self, state: RoomState) -> Iterator[Any]:
        if state.rules.is_paused:
            yield say(page_texts.PAUSED)
        for board in state.boards:
            if board.closed and state.several:
                yield say(texts.CLOSED_FOR, title=title_of(board.talk))
            elif board.closed:
                yield say(texts.CLOSED)
        if state.rules.moderated:
            yield say(texts.MODERATED)

    def _left(self, state: RoomState) -> str:
        if not any(board.waiting.total for board in state.boards):
            return texts.NONE_YET if state.boards and state.still is None else ""
        left = sum(board.waiting.left for board in state.boards)
        return say(texts.MORE_LEFT, count=count(left, "question")).plain if left else ""

    def _answered(self, state: RoomState) -> list[dict[str, Any]]:
        return [
            {
                "title": title_of(board.talk) if state.several else "",
                "count": say(texts.ANSWERED, count=count(board.answered.total, "question")),
                "left": board.answered.left,
                "questions": board.answered.entries,
            }
            for board in state.boards
            if board.answered.total
        ]

    def which(self, state: RoomState) -> list[dict[str, str]]:
        """The talks among which who asks has to choose."""
        if not state.several:
            return []
        return [{"guid": each.talk.guid, "title": title_of(each.talk)} for each in state.boards]

    def _earlier(self, state: RoomState) -> dict[str, Any]:
        path = self.addresses.talk_path
        entries = [
            {
                "path": path(state.address, each.talk.guid),
                "title": title_of(each.talk),
                "time": self.when(state, each.start),
                "transcript": each.transcript,
            }
            for each in state.earlier.entries
        ]
        return {"entries": entries, "left": state.earlier.left}

    # The list.

    def _items(self, state: RoomState, pressed: frozenset[str] = frozenset()) -> Iterator[Item]:
        undo = f"{self.addresses.base}{self.addresses.room_path(state.address)}/unvote"
        if state.still is not None:
            key = key_of(state.still.id)
            yield Item(key, self._question(state.still, undo if key in pressed else ""))
        for board in state.boards:
            if state.several and board.waiting.entries:
                yield self._heading(board)
            for question in board.waiting.entries:
                key = key_of(question.id)
                yield Item(key, self._question(question, undo if key in pressed else ""))

    def _heading(self, board: Board) -> Item:
        digest = hashlib.blake2b(board.talk.guid.encode(errors="replace"), digest_size=6)
        html = self.rendering.page("room_heading.html", title=title_of(board.talk))
        return Item(f"t{digest.hexdigest()}", html)

    def _drawn(self, question: QuestionView, undo: str) -> str:
        """`undo`: where the vote of who looks is taken back, if there is one."""
        values = {"question": question, "undo": undo, "state": shown_as(question)}
        return self.rendering.page("question.html", **values)

    def _announced(self, state: RoomState, label: str) -> str:
        taken = state.answering
        if taken is None:
            return label
        text = clean(taken.text, _LONGEST_SAID)
        said = say(texts.SAY_ANSWERING, number=str(taken.number), text=text).plain
        return f"{said}. {label}" if label else said


def key_of(question: int) -> str:
    """Of a question (its id) in the list."""
    return f"q{question}"


def shown_as(question: QuestionView) -> str:
    """How it stands, by a word of `texts.STATE`."""
    is_skipped = question.skipped and question.state is State.OPEN
    return "skipped" if is_skipped else str(question.state)
