"""A transcript as pages on the web: all is in them, nothing runs, nothing is loaded."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import IO, Any

from jinja2 import Environment
from markupsafe import Markup, escape

from fosdembot.texts import transcript_pages as words
from fosdembot.texts.harmless import harmless

from . import facts as telling
from .chat_pages import LINES, ChatPages, Row, page_name
from .clean_html import clean
from .facts import Facts, web
from .model import Line, Message, Transcript
from .page_frame import data, environment, policy, source

_URL = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,:;!?)\]']")
_STYLE = "templates/talk.css"


def write(folder: Path, transcript: Transcript, lines: Iterable[Line], length: int = LINES) -> None:
    """Write the pages, of `length` lines of the chat; `lines` are read once, as they are needed.
    Raises `OSError`."""
    facts = Facts(transcript)
    asked = {question.event: question.number for question in transcript.questions if question.event}
    chat = ChatPages(lines if facts.shows_chat else (), facts, asked, _renderer(facts), length)
    shared = {
        "transcript": transcript,
        "talk": transcript.talk,
        "facts": facts,
        "policy": policy(style=source(_STYLE)),
        "style": Markup(source(_STYLE)),
    }
    is_empty = not chat.more
    # The first page names what is on the others, and so is written last.
    with tempfile.TemporaryFile("w+", encoding="utf-8", newline="\n") as first:
        first.writelines(chat.page())
        while chat.more:
            items = chat.page()
            more = {"items": items, "number": chat.number + 1, "more": lambda: chat.more}
            _write(folder / page_name(chat.number + 1), "talk_page.html", shared | more)
        first.seek(0)
        more = {
            "items": _read(first),
            "is_empty": is_empty,
            "more": lambda: chat.number > 1,
            "starts": chat.starts,
            "places": chat.asked,
            "linked_data": linked_data(facts) if transcript.privacy.indexed else None,
        }
        _write(folder / page_name(1), "talk.html", shared | more)


def linked_data(facts: Facts) -> Markup | None:
    """What search engines read of a recording and the questions in it (schema.org, JSON-LD)."""
    if facts.recording is None:
        return None
    clips = [
        {
            "@type": "Clip",
            "name": harmless(question.text),
            "startOffset": int(question.spoken.second),
            "url": facts.in_recording(question),
        }
        for question in facts.transcript.questions
        if question.spoken is not None
    ]
    talk = facts.talk
    event = {
        "@type": "Event",
        "name": harmless(facts.transcript.conference),
        "startDate": telling.iso(talk.actual.start),
        "endDate": telling.iso(talk.actual.end),
    }
    video = {
        "@context": "https://schema.org",
        "@type": "VideoObject",
        "name": harmless(talk.title),
        "description": harmless(talk.subtitle or talk.title),
        "contentUrl": facts.recording,
        "recordedAt": event,
        "hasPart": clips,
    }
    return data(video)


def linked(text: str) -> Markup:
    """`text` with its web addresses as links."""
    text = harmless(text)
    if "://" not in text:
        return escape(text)
    parts: list[str] = []
    end = 0
    for found in _URL.finditer(text):
        if (url := web(found[0])) is not None:
            parts.append(str(escape(text[end : found.start()])))
            parts.append(
                f'<a href="{escape(url)}" rel="noopener nofollow noreferrer">{escape(url)}</a>'
            )
            end = found.end()
    parts.append(str(escape(text[end:])))
    return Markup("".join(parts))


def body(message: Message) -> Markup:
    """What somebody wrote, with its markup where that is fit."""
    # Cleaned again, whoever made the model.
    cleaned = None if message.html is None else clean(message.html)
    return linked(message.text) if cleaned is None else Markup(cleaned)


def _renderer(facts: Facts) -> Any:
    macro = _environment().get_template("talk_message.html").module.message  # type: ignore[attr-defined]

    def render(row: Row) -> str:
        return str(macro(row, row.message, facts, words))

    return render


def _write(path: Path, template: str, values: Mapping[str, Any]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(_environment().get_template(template).generate(values))


def _read(file: IO[str]) -> Iterator[Markup]:
    while piece := file.read(1 << 16):
        yield Markup(piece)


@cache
def _environment() -> Environment:
    made = environment(
        body=body,
        caption=telling.caption,
        iso=telling.iso,
        kind=telling.kind,
        linked=linked,
        reaction=telling.reaction,
        seconds=telling.seconds,
    )
    made.globals.update(t=words, page_name=page_name)
    return made
