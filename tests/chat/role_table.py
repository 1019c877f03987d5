"""What may become of a question in each state, and what somebody with each power may do about it.

Each row and state is tried for everybody by `tests/actions/test_role_table.py`, without a face;
through the chat, in each place, by `test_role_table.py`, for people of each power.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import CompoundSelect, func, literal, null, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.db.question_tables import Question, QuestionLog, Speaker, Vote
from fosdembot.db.tables import TalkLog
from tests.chat.crowd import PEOPLE, RELAYED, STATES

WHO = [*PEOPLE, RELAYED]

# Command; who may at least; what each state becomes, in the order of `STATES`: `=` it stands
# so already, `-` that cannot be done, `→2` for the second talk. Columns are two blanks apart.
# About what waits for a moderator, a speaker decides nothing.
OUTCOMES = """
take 1         speaker    answering  answering  answering  =          answering  -     -     -
done 1         speaker    -          answered   answered   answered   =          -     -     -
skip 1         speaker    -          skipped    skipped    skipped    -          -     -     -
star 1         speaker    starred    starred    =          starred    -          -     -     -
unstar 1       speaker    -          =          open       -          -          -     -     -
approve 1      moderator  open       =          -          -          -          -     -     -
dismiss 1      moderator  dismissed  dismissed  dismissed  dismissed  -          =     -     -
dismiss 1 why  moderator  dismissed  dismissed  dismissed  dismissed  -          =     -     -
restore 1      moderator  -          =          -          -          open       open  open  -
merge 1 9      moderator  merged     merged     merged     merged     -          -     -     -
move 1 2       moderator  pending→2  open→2     open→2     open→2     -          -     -     -
move 1 next    moderator  pending→2  open→2     open→2     open→2     -          -     -     -
✅             speaker    open       answered   answered   answered   =          -     -     -
⭐             speaker    starred    starred    =          starred    -          -     -     -
▶️             speaker    answering  answering  answering  =          answering  -     -     -
🚫             moderator  dismissed  dismissed  dismissed  dismissed  -          =     -     -
"""


def table(text: str) -> dict[str, list[str]]:
    """The first column → the others."""
    lines = (re.split(r"\s{2,}", line.strip()) for line in text.strip().splitlines())
    return {first: rest for first, *rest in lines}


COMMANDS = {row: cells for row, cells in table(OUTCOMES).items() if row[0].isascii()}
TAPS = {row: cells for row, cells in table(OUTCOMES).items() if row not in COMMANDS}


def stands_then(least: str, power: str, state: str, cell: str) -> str | None:
    """How the question stands after somebody with this power tried it; None: they may not."""
    may = power == "moderator" or (power == least == "speaker" and state != "pending")
    if not may:
        return None
    return state if cell in ("=", "-") else cell


def telling_states(cells: Sequence[str]) -> set[str]:
    """Two in which a row tells who may: one in which something comes of it, and the one about
    which speakers decide nothing."""
    return {"pending", next(s for s, cell in zip(STATES, cells, strict=True) if cell not in "=-")}


def one_of_each(cells: Sequence[str]) -> set[str]:
    """The first state with each outcome."""
    return {STATES[cells.index(cell)] for cell in cells}


_DECIDED: CompoundSelect[Any] = union_all(
    *(
        select(literal("log"), func.count(), null(), null(), null()).select_from(log)
        for log in (QuestionLog, TalkLog, Vote)
    ),
    select(literal("speaker"), null(), Speaker.person, Speaker.confirmed, null()),
    select(literal("question"), Question.number, Question.state, Question.skipped, Question.talk),
)


async def decided(session: AsyncSession) -> list[Any]:
    """All that decisions leave behind."""
    return list((await session.execute(_DECIDED)).all())


def stands(rows: Sequence[Any], number: int) -> str:
    """The question with this number."""
    [(state, skipped, talk)] = [row[2:] for row in rows if row[:2] == ("question", number)]
    said = "skipped" if skipped else state
    return said if talk == "talk-1" else f"{said}→{talk.removeprefix('talk-')}"
