"""Whether the speaker was shown the right questions in the meeting, and obeyed there."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .acts import Decide, Deed, Told
from .history import History, Message
from .judge_questions import Questions
from .sample import LOFT
from .sample_meeting import MEETING, TALK_AT
from .tally import ranking
from .verdict import Verdict

_SHOWN = re.compile(r"(?:^|\. )(?:First|Next|Now|Now on top): (\d+) \((\d+) votes?\): ")


def compare_meeting(
    history: History,
    deeds: Iterable[Deed],
    told: Iterable[Told],
    questions: Questions,
    verdict: Verdict,
) -> set[str]:
    """Returns the lines that the bot rightly said besides what had to be `told`."""
    known: set[str] = set()
    for deed in deeds:
        if deed.room is MEETING and isinstance(deed.act, Decide):
            known |= _answered(history, deed, deed.act.answer or "", verdict)
    words = tuple(item.words for item in told if item.room is MEETING)
    shown: set[str] = set()
    for message in history.said:
        if (found := _SHOWN.search(message.text)) is None:
            continue
        if not _is_true(message, int(found[1]), int(found[2]), questions):
            verdict.faults.append(f"{MEETING.name} was shown the wrong question: {message.shown}")
        # Which is the best may change at any moment; to say so once is right.
        if not message.text.startswith(words) and message.text not in shown:
            known.add(message.event_id)
        shown.add(message.text)
    verdict.in_meeting = len(history.said)
    return known


def _answered(history: History, deed: Deed, words: str, verdict: Verdict) -> set[str]:
    asked_at = history.sent_at[deed.event_id]
    answers = [m for m in history.said if m.text.startswith(words) and m.at >= asked_at]
    verdict.commands += 1
    if not answers:
        verdict.lost += 1
        verdict.faults.append(f"{MEETING.name}: no such answer to {deed.said}")
        return set()
    verdict.answers += 1
    wait = answers[0].at - asked_at
    verdict.waits.append(wait)
    if wait > verdict.late_after:
        verdict.late += 1
        verdict.faults.append(f"{MEETING.name}: waited {wait:.1f} s for an answer to {deed.said}")
    return {answers[0].event_id}


def _is_true(message: Message, number: int, votes: int, questions: Questions) -> bool:
    """Whether that was the best question, with these votes, when it was said or a little before."""
    item = questions.on(LOFT, TALK_AT)
    for standing in questions.lately(message.at):
        best = ranking(questions.of_talk(item, standing))[:1] if item else []
        if best == [number] and standing[LOFT, number].votes == votes:
            return True
    return False
