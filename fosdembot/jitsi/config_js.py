"""Values in a Jitsi server's `config.js`. Pure.

It is a script, which browsers run. We do not: we look for strings that are given to a key.
"""

from __future__ import annotations

import re

MOST_CHARACTERS = 300_000
"""The stock one has 70,000."""
_LONGEST = 1000
_STRING = r"""'[^'\\\n]*(?:\\.[^'\\\n]*)*'?|"[^"\\\n]*(?:\\.[^"\\\n]*)*"?"""
# In strings nothing is a comment, in comments nothing is a string. What is not closed goes on to
# the end (a comment) or to the end of the line (a string), so no piece is looked at twice.
_PIECES = re.compile(rf"(?P<string>{_STRING})|//[^\n]*|/\*(?s:.*?)(?:\*/|\Z)")
_STRINGS = re.compile(_STRING)


def without_comments(script: str) -> str:
    return _PIECES.sub(lambda found: found["string"] or " ", script[:MOST_CHARACTERS])


def value(script: str, key: str) -> str:
    """The text that a key of a script without comments has, empty if it has none: its strings
    joined, without what stands between them (`'conference.' + subdomain + 'meet.jitsi'`)."""
    found = re.search(rf"""(?<![\w'"]){key}\s*[:=]([^,;\n}}]*)""", script) or re.search(
        rf"""(['"]){key}\1\s*:([^,;\n}}]*)""", script
    )
    if found is None:
        return ""
    strings = _STRINGS.findall(found[found.lastindex or 0][: 2 * _LONGEST])
    return "".join(each.strip("'\"") for each in strings)[:_LONGEST]
