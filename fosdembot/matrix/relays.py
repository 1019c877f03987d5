"""Who speaks in a message of an account that speaks for many, by the formats of the settings
(`<{nick}> {text}`). Formats are no regular expressions of the operator's: no message can stall
them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum
from functools import cache, lru_cache

from fosdembot.settings import Settings

from .mentions import LEAD, bold_first
from .power import is_bridged_by

LONGEST_NICK = 120
_MOST_ACCOUNTS = 5000
"""That are remembered."""
_FIELD = re.compile(r"\{(nick|any|text)\}")
_BLANKS = re.compile(r"(\s+)")
# Nobody writes so by chance; `[ada] …` and `ada: …` people do.
_BETWEEN = "<{nick}>"
_SET_OFF = re.compile(
    r"(?:[\[(]\{any\}[\])] |\* )?(?:\**<\{nick\}>|\*\*\{nick\}\*\*:|\*\*\{nick\}:\*\*)"
)
# Nor do people behind bridges, to one another.
_BRIDGED = re.compile(r"(?:\[\{any\}\] )?(?:\* \**\{nick\}|\{nick\}>)")
_EMOTE = re.compile(r"(?:\[\{any\}\] )?\* ")
_MARKS = "[*_`~]{0,3}"
_SIGNS = re.compile(r"(\*\*|\s*<|>|\*|\s+)")
_BEGINS_NICK = rf"\s*{_MARKS}<"
_LOOSELY = {
    "<": _BEGINS_NICK,
    " <": _BEGINS_NICK,
    ">": f">{_MARKS}",
    "**": "[*`]{1,3}",
    "*": "[*•·]{1,2}",
}
"""How the signs of a format are written as well."""


class Account(IntEnum):
    """What the settings say of who writes; each is believed in more formats."""

    ANYBODY = 0
    BRIDGED = 1
    LISTED = 2


@dataclass(frozen=True, slots=True)
class Split:
    nick: str
    text: str
    """What was said."""
    emote: bool = False
    """`* nick text`, which is `/me text`."""


@dataclass(frozen=True, slots=True)
class Relayed:
    """What somebody says, and through whom."""

    text: str
    nick: str | None
    """Who said it, where a relay speaks for many; "" where the relay does not tell."""
    edited: bool = False
    """Whether the relay says that it was edited."""
    emote: bool = False


class RelayReader:
    def __init__(self, settings: Settings) -> None:
        self._relays = settings.questions.relays
        self._bridged = settings.rooms.bridge_users
        self._formats = Formats(settings.questions.relay_formats)
        self._edit_marks = settings.questions.relay_edit_marks
        self.account = lru_cache(_MOST_ACCOUNTS)(self._account)
        """What the settings say of an account."""

    def read(
        self,
        sender: str,
        text: str,
        html: str,
        *,
        emote: bool,
        is_nick: Callable[[str], bool],
        asks: Callable[[str], bool],
    ) -> Relayed:
        """Who says what in a message of `sender`; see `Formats.split`."""
        account = self.account(sender)
        listed = account is Account.LISTED
        split = self._formats.split(
            _forms(text, bold_first(html), emote=emote and listed),
            account,
            is_nick=is_nick,
            asks=asks,
        )
        # Nobody behind a relay has its account's power, however it writes their names.
        nick, said = (split.nick, split.text) if split else ("" if listed else None, text)
        emote = emote or (split is not None and split.emote)
        said, edited = self._without_mark(said.strip()) if nick is not None else (said, False)
        return Relayed(said, nick, edited, emote)

    def _account(self, sender: str) -> Account:
        if is_bridged_by([sender], self._relays):
            return Account.LISTED
        return Account.BRIDGED if is_bridged_by([sender], self._bridged) else Account.ANYBODY

    def _without_mark(self, text: str) -> tuple[str, bool]:
        """A relayed text without the mark of an edit, and whether it had one."""
        bare = text.rstrip("*_ ")
        for mark in self._edit_marks:
            if bare.lower().endswith(mark.lower()) and len(bare) > len(mark):
                return bare[: -len(mark)].rstrip("*_ \n"), True
        return text, False


@dataclass(frozen=True, slots=True)
class _Format:
    exact: re.Pattern[str]
    loose: re.Pattern[str]
    """With other marks, without a blank, or with one colon more."""
    between: bool
    emote: bool
    least: Account
    """Of whom it is believed."""

    @classmethod
    def of(cls, template: str) -> _Format:
        least = Account.LISTED
        if _SET_OFF.match(template):
            least = Account.ANYBODY
        elif _BRIDGED.match(template):
            least = Account.BRIDGED
        return cls(
            exact=_compiled(template, loose=False),
            loose=_compiled(template, loose=True),
            between=_BETWEEN in template,
            emote=_EMOTE.match(template) is not None,
            least=least,
        )

    def split(self, text: str, *, loosely: bool) -> Split | None:
        match = (self.loose if loosely else self.exact).match(text)
        if match is None:
            return None
        return Split(match["nick"].strip("*`~ \t").rstrip(":,"), match["text"], self.emote)


class Formats:
    def __init__(self, formats: Iterable[str]) -> None:
        templates = tuple(formats)
        self._formats = [_Format.of(each) for each in templates]
        self._begin = {
            each[:1]
            for each, known in zip(templates, self._formats, strict=True)
            if known.least is Account.ANYBODY
        }
        """With what the message of anybody must begin to be believed to be somebody else's."""

    def split(
        self,
        texts: Iterable[str],
        account: Account,
        *,
        is_nick: Callable[[str], bool],
        asks: Callable[[str], bool],
    ) -> Split | None:
        """Who says what in one of the `texts`, which are forms of one message: by the format in
        which it asks something of the bot, else by the first that fits exactly.

        Believed are the formats that this kind of `account` may write in, and of them not what
        `is_nick` does not take for a nick.
        """
        first = None
        for text in texts:
            if account is Account.ANYBODY and text[:1] not in self._begin:
                continue  # nearly all
            for each in self._formats:
                if each.least > account:
                    continue
                # Who is not known for a relay may just write so.
                for loosely in (False, True)[: 1 if account is Account.ANYBODY else 2]:
                    split = each.split(text, loosely=loosely)
                    if split is None or not _is_known(split, each, account, is_nick):
                        continue
                    if asks(split.text):
                        return split
                    # People write lists with `*` and code with backticks.
                    is_sure = not loosely and (
                        each.least is Account.ANYBODY or account is Account.LISTED
                    )
                    first = first or (split if is_sure else None)
        return first


def _forms(text: str, bold: str, *, emote: bool) -> list[str]:
    """A message in plain text; with the marks of the bold words that its HTML begins with,
    where the plain text has none; and an `emote` as relays write it in plain text."""
    forms = [text]
    lead = LEAD.match(text)
    start = lead.end() if lead is not None else 0
    if bold and text.startswith(bold, start) and "*" not in bold:
        forms.append(f"{text[:start]}**{bold}**{text[start + len(bold) :]}")
    if emote:
        forms += [f"* {form}" for form in forms]
    return forms


def _is_known(split: Split, by: _Format, account: Account, is_nick: Callable[[str], bool]) -> bool:
    """Whether what stands where the nick should is one."""
    nick = split.nick
    if by.between:
        # A name, whatever it is; or a link, or HTML that somebody typed.
        return "://" not in nick and f"</{nick}>" not in split.text
    if by.least is Account.BRIDGED and account is Account.BRIDGED:
        one_word = re.search(r"[\s<>*]", nick) is None and any(map(str.isalnum, nick))
        return one_word and is_nick(nick)
    return is_nick(nick)


@cache
def _compiled(template: str, *, loose: bool) -> re.Pattern[str]:
    """A field holds no line break, and nothing of what stands beside it: it can match in one
    way only."""
    parts = _FIELD.split(template)
    pattern = ""
    for index, part in enumerate(parts):
        if index % 2 == 0:
            is_last = index == len(parts) - 3
            pattern += _loosely(part, is_last) if loose else _exactly(part)
        elif part == "text":
            pattern += "(?P<text>.*)"
        else:
            beside = parts[index - 1][-1:].strip() + parts[index + 1][:1].strip()
            beside = re.escape(beside + ("`" if loose and "*" in beside else ""))
            blank = r"\s" if parts[index + 1][:1].isspace() else ""
            name = "?P<nick>" if part == "nick" else "?:"
            # A nick of characters that nobody sees is none, and yet somebody's.
            least = 0 if part == "nick" and _BETWEEN in template else 1
            pattern += f"({name}[^{beside}{blank}\n]{{{least},{LONGEST_NICK}}})"
    return re.compile(pattern, re.DOTALL)


def _exactly(literal: str) -> str:
    return "".join(
        r"\s+" if piece.isspace() else re.escape(piece) for piece in _BLANKS.split(literal)
    )


def _loosely(literal: str, is_last: bool) -> str:
    """`is_last`: it stands before the text."""
    bare = literal.rstrip() if is_last else literal
    if not bare:
        return _exactly(literal)
    pattern = "".join(map(_sign, _SIGNS.split(bare)))
    if not is_last or bare == literal:
        return pattern
    if bare[-1].isalnum():
        return pattern + r"\s+"
    return pattern + (r"\s*" if bare.endswith(":") else r"\s*[:：,]?\s*")


def _sign(sign: str) -> str:
    if sign.isspace():
        return r"\s+"
    return _LOOSELY.get(sign) or re.escape(sign)
