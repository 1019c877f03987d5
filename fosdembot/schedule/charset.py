"""The characters of a published schedule, where only the web server says how they are written."""

from __future__ import annotations

import codecs
import re

_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_NAMES_ITS_OWN = re.compile(rb"\s*<\?xml[^>]{0,200}?\sencoding\s*=", re.IGNORECASE)
_FOLD = re.compile(rb"(?:\r\n?|\n)[ \t]")
# Python knows other "encodings" as well, some of which take hours for a few megabytes.
_OF_TEXT = re.compile(
    r"ascii|utf-?(8|16|32).*|iso.*|cp\d+|koi8.*|mac.*|big5.*|gb.*|euc.*|shift.*|johab|hz|tis-620"
    r"|ptcp154|kz1048"
)


def as_utf8(data: bytes, charset: str | None) -> bytes:
    """`data` in UTF-8, read in the charset that came with it, where it names none itself.

    What is valid UTF-8 stays: servers name ISO-8859-1 for whatever they serve, and text
    in another charset is next to never valid UTF-8 by chance. What cannot be read in the
    charset stays, too, and the reader says what is wrong.
    """
    codec = _codec(charset)
    if codec is None or data.startswith(_MARKS) or _NAMES_ITS_OWN.match(data):
        return data
    if _is_utf8(data):
        return data
    try:
        return data.decode(codec).encode()
    except UnicodeError:
        return data


def _codec(charset: str | None) -> str | None:
    if not charset or len(charset) > 40:
        return None
    try:
        name = codecs.lookup(charset.strip().strip("\"'")).name
    except (LookupError, ValueError):
        return None
    return name if _OF_TEXT.fullmatch(name) and name not in ("utf-8", "ascii") else None


def _is_utf8(data: bytes) -> bool:
    """Also where iCalendar's folds cut characters in two.

    Zero bytes and escapes are those of UTF-16 and ISO-2022, each valid UTF-8.
    """
    if b"\x00" in data or b"\x1b" in data:
        return False
    try:
        _FOLD.sub(b"", data).decode()
    except UnicodeDecodeError:
        return False
    return True
