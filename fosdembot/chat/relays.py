"""Who speaks in a message of an account that speaks for many, by the formats of the settings
(`<{nick}> {text}`). Formats are no regular expressions of the operator's: no message can stall
them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

LONGEST_NICK = 120
_FIELD = re.compile(r"\{(nick|any|text)\}")
_BLANKS = re.compile(r"(\s+)")
# Nobody writes so by chance; `[ada] …` and `ada: …` people do.
_BETWEEN = "<{nick}>"
_SET_OFF = re.compile(r"<\{nick\}>|\*\*\{nick\}\*\*:|\*\*\{nick\}:\*\*")

Split = tuple[str, str]
"""The nick, and what was said."""


class Formats:
    def __init__(self, formats: Iterable[str]) -> None:
        formats = tuple(formats)
        self._all = [(_compiled(each), _BETWEEN in each) for each in formats]
        set_off = [_SET_OFF.search(each) is not None for each in formats]
        self._set_off = [each for each, sure in zip(self._all, set_off, strict=True) if sure]

    def split(
        self,
        texts: Iterable[str],
        *,
        listed: bool,
        is_nick: Callable[[str], bool],
        asks: Callable[[str], bool],
    ) -> Split | None:
        """Who says what in one of the `texts`, which are forms of one message: by the format in
        which it asks something of the bot, else by the first that fits.

        `listed`: whether the account is known to speak for many. Of others only those formats
        are believed that set the nick off, and not what `is_nick` does not take for one.
        """
        found = list(self._fitting(texts, self._all if listed else self._set_off, is_nick))
        asking = (split for split in found if asks(split[1]))
        return next(asking, found[0] if found else None)

    def _fitting(
        self,
        texts: Iterable[str],
        patterns: list[tuple[re.Pattern[str], bool]],
        is_nick: Callable[[str], bool],
    ) -> Iterator[Split]:
        for text in texts:
            for pattern, between in patterns:
                match = pattern.match(text)
                nick = match["nick"].strip("* \t") if match is not None else ""
                # Between `<>` stands a name, whatever it is; or a link.
                known = "://" not in nick if between else is_nick(nick)
                if match is not None and known:
                    yield nick, match["text"]


def _compiled(template: str) -> re.Pattern[str]:
    """A field holds no line break, and nothing of what stands beside it: it can match in one
    way only."""
    parts = _FIELD.split(template)
    pattern = ""
    for index, part in enumerate(parts):
        if index % 2 == 0:
            pattern += "".join(
                r"\s+" if piece.isspace() else re.escape(piece) for piece in _BLANKS.split(part)
            )
        elif part == "text":
            pattern += "(?P<text>.*)"
        else:
            beside = re.escape(parts[index - 1][-1:].strip() + parts[index + 1][:1].strip())
            blank = r"\s" if parts[index + 1][:1].isspace() else ""
            name = "?P<nick>" if part == "nick" else "?:"
            # A nick of characters that nobody sees is none, and yet somebody's.
            least = 0 if part == "nick" and _BETWEEN in template else 1
            pattern += f"({name}[^{beside}{blank}\n]{{{least},{LONGEST_NICK}}})"
    return re.compile(pattern, re.DOTALL)
