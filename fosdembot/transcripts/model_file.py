"""The stored model: one JSON document, the lines of the chat one by one.

So that memory does not grow with the chat, the first line holds all but the chat, and each
message has a line of its own:

    {"version":1,…,"chat":[
    {"kind":"message",…},
    {"kind":"gap",…}
    ]}

The same model is the same bytes. A document that is laid out otherwise is read as well, up to a
bound.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TextIO

from pydantic import TypeAdapter, ValidationError

from .model import VERSION, Line, Transcript
from .writing import replacing

LARGEST_OTHER = 64 * 1024 * 1024
"""Bytes of a document that is not laid out as ours, which has to be read as a whole."""
LONGEST_LINE = 16 * 1024 * 1024
_OPEN, _CLOSE = ',"chat":[\n', "]}\n"
_LINE: TypeAdapter[Line] = TypeAdapter(Line)


class BadModel(Exception):
    """A file is no transcript that we can read; the message is one line with the remedy."""


def write(path: Path, transcript: Transcript, lines: Iterable[Line]) -> None:
    """Put the model in place of what is there, at once and durably. Raises `OSError`."""
    with replacing(path) as file:
        head = transcript.model_dump_json(exclude_defaults=False)
        file.write(head[:-1] + _OPEN)
        first = True
        for line in lines:
            file.write(("" if first else ",\n") + line.model_dump_json(exclude_defaults=True)[:-1])
            # What tells the kinds apart is a default, and is needed.
            file.write(f',"kind":"{line.kind}"}}')
            first = False
        file.write(("" if first else "\n") + _CLOSE)


def read(path: Path) -> Transcript:
    """All but the chat. Raises `BadModel`."""
    with _opened(path) as file:
        return _transcript(path, _head(path, file))


def lines(path: Path) -> Iterator[Line]:
    """The lines of the chat, read as they are asked for. Raises `BadModel`."""
    with _opened(path) as file:
        head = _head(path, file)
        if "chat" in head:
            # Laid out otherwise, and read as a whole.
            for line in head["chat"]:
                yield _line(path, line)
            return
        for number, text in enumerate(file, start=2):
            if text == _CLOSE:
                return
            yield _line(path, text.rstrip().removesuffix(","), number)
        raise BadModel(f"{path.name} ends in the middle: make it anew")


def _opened(path: Path) -> TextIO:
    try:
        return path.open(encoding="utf-8", newline="\n")
    except OSError as err:
        raise BadModel(f"{path} cannot be read: {err.strerror}") from None


def _head(path: Path, file: TextIO) -> dict[str, Any]:
    try:
        first = file.readline(LONGEST_LINE)
        if first.endswith(_OPEN):
            head = json.loads(first[: -len(_OPEN)] + "}")
        else:
            head = json.loads(first + file.read(LARGEST_OTHER))
    except (ValueError, RecursionError):
        raise BadModel(f"{path.name} is no transcript: it is not JSON") from None
    if not isinstance(head, dict) or not isinstance(head.get("chat", []), list):
        raise BadModel(f"{path.name} is no transcript")
    version = head.get("version")
    if isinstance(version, int) and version > VERSION:
        raise BadModel(
            f"{path.name} was made by a newer fosdembot (model {version}, known is {VERSION}): "
            "update fosdembot"
        )
    return head


def _transcript(path: Path, head: dict[str, Any]) -> Transcript:
    try:
        return Transcript.model_validate_json(
            json.dumps({key: value for key, value in head.items() if key != "chat"})
        )
    except ValidationError as err:
        raise BadModel(f"{path.name} is no transcript: {_why(err)}") from None


def _line(path: Path, line: str | Any, number: int | None = None) -> Line:
    try:
        text = line if isinstance(line, str) else json.dumps(line)
        return _LINE.validate_json(text)
    except ValidationError as err:
        where = "a message" if number is None else f"line {number}"
        raise BadModel(f"{path.name}, {where}: {_why(err)}") from None


def _why(err: ValidationError) -> str:
    first = err.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"{where}: {first['msg']}" if where else first["msg"]
