"""Log lines that nobody else writes: ids, names and errors come from other servers."""

from __future__ import annotations

import logging
import re

_FORMATTER = logging.Formatter()
_CONTROLS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_INDENT = "  | "


class _OneLine(logging.Filter):
    """Escapes what would begin a new line, or change how one is read; a traceback is marked as
    one."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = escaped(record.getMessage()), None
        if record.exc_info and not record.exc_text:
            text = _FORMATTER.formatException(record.exc_info)
            record.exc_text = "\n".join(_INDENT + escaped(line) for line in text.split("\n"))
        return True


_FILTER = _OneLine()


def child(log: logging.Logger, name: str) -> logging.Logger:
    """The logger for a part, each message of which stays on its line."""
    part = log.getChild(name)
    part.addFilter(_FILTER)
    return part


def escaped(text: str) -> str:
    return _CONTROLS.sub(lambda found: ascii(found[0])[1:-1], text)
