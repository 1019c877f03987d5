"""Lists of questions that were answered: what waits to be sent is said without a question that
is redacted meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fosdembot.db.engine import WriteSession
from fosdembot.matrix.content import PARTS, notice
from fosdembot.matrix.outbox import Outbox
from fosdembot.questions.shown import forget, show
from fosdembot.texts import listing as texts
from fosdembot.texts.render import Text, items, lines, say, sentences


@dataclass(frozen=True, slots=True)
class Section:
    """The questions of one talk."""

    heading: Text
    entries: tuple[tuple[int, Text], ...]
    """Each with the id of its question."""
    rest: Text | None
    """What is said below."""
    empty: Text
    """What is said instead where there is no entry."""
    bridged: bool

    def lines(self) -> list[Text]:
        said = [entry for _, entry in self.entries]
        if not said:
            return [self.empty]
        below = [self.rest] if self.rest is not None else []
        if not self.bridged:
            return [self.heading, items(said), *below]
        first = say(texts.FIRST, heading=self.heading, entry=said[0])
        *others, last = [first, *said[1:]]
        return [*others, sentences([last, *below])]


def compose(sections: Iterable[Section]) -> Text:
    return lines(line for section in sections for line in section.lines())


async def keep(
    outbox: Outbox, session: WriteSession, key: str, sections: Sequence[Section]
) -> None:
    """Remember of the message with this key what it is made of."""
    row = await outbox.find(session, key)
    if row is not None:
        row.content = {**row.content, PARTS: [_to_json(section) for section in sections]}
        shown = [question for section in sections for question, _ in section.entries]
        await show(session, key, shown, renewed=False)


async def say_without(outbox: Outbox, session: WriteSession, key: str, question: int) -> bool:
    """Let a list that is not sent yet be said without a question; whether it is one."""
    row = await outbox.find(session, key)
    if row is None or row.state not in ("queued", "sending") or PARTS not in row.content:
        return False
    sections = [
        replace(section, entries=tuple(e for e in section.entries if e[0] != question))
        for section in map(_from_json, row.content[PARTS])
    ]
    content = {**row.content, **notice(compose(sections))}
    if await outbox.rewrite(session, key, content, row.expires):
        await forget(session, [key])
        await keep(outbox, session, key, sections)
        return True
    # It may be in the room already: there it is taken back, and said anew.
    await outbox.redact(session, f"redact/{key}", target=key)
    again = f"{key}/anew"
    await outbox.message(session, again, row.room_id, content, row.urgency)
    await keep(outbox, session, again, sections)
    return True


def _to_json(section: Section) -> dict[str, Any]:
    return {
        "heading": _pair(section.heading),
        "entries": [[question, *_pair(entry)] for question, entry in section.entries],
        "rest": _pair(section.rest) if section.rest is not None else None,
        "empty": _pair(section.empty),
        "bridged": section.bridged,
    }


def _from_json(fields: dict[str, Any]) -> Section:
    return Section(
        heading=Text(*fields["heading"]),
        entries=tuple((entry[0], Text(*entry[1:])) for entry in fields["entries"]),
        rest=Text(*fields["rest"]) if fields["rest"] is not None else None,
        empty=Text(*fields["empty"]),
        bridged=fields["bridged"],
    )


def _pair(text: Text) -> list[str]:
    return [text.plain, text.html]
