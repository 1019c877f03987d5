"""Where the bot repeats, in the chat, what is gone from the questions."""

from __future__ import annotations

import re

from fosdembot.texts.invisible import only_seen

_TOLD_BY = 40
"""Characters of a question or an answer by which a message of the bot is known to repeat it: the
bot shortens what is long."""
SURELY_TOLD = 12
"""Characters from which on we take it for the repetition of a message that was no question."""
_SHORT = 8
"""Characters under which several words say no more than a single one."""


class Told:
    """Beginnings of what is gone, by which it is known where it is repeated.

    Those that say little ("a", "?", "test") stand in much that has nothing to do with them: they
    count as repeated where the bot repeats questions, behind a number, and where they are all that
    a line of its says.
    """

    def __init__(self) -> None:
        self._long: set[str] = set()
        self._short: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def add(self, begin: str) -> None:
        is_short = len(begin) < (_SHORT if " " in begin else SURELY_TOLD)
        if begin and is_short:
            self._short.add(begin)
            self._pattern = None
        elif begin:
            self._long.add(begin)

    def is_in(self, line: str, by_bot: bool) -> bool:
        if not (self._long or self._short):
            return False
        flat = _flat(line)
        if any(told in flat for told in self._long) or (by_bot and flat in self._short):
            return True
        return bool(self._short) and self._numbered().search(flat) is not None

    def _numbered(self) -> re.Pattern[str]:
        """As "12 (3 votes) test", "12: test" and "12 test – Bob"."""
        if self._pattern is None:
            any_ = "|".join(map(re.escape, sorted(self._short)))
            self._pattern = re.compile(
                rf'(?<!\w)\d+(?: \([^)]*\))?:? "?(?:{any_})"?(?=$| –| \d+ \()'
            )
        return self._pattern


def _flat(text: str) -> str:
    # What is put into "@room" is in the question and not in the chat, or the other way round.
    return " ".join(only_seen(text).split()).casefold()


def begin_of(text: str) -> str:
    return _flat(text)[:_TOLD_BY].strip()
