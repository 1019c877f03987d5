"""What files are called, from ids that others chose."""

from __future__ import annotations

import hashlib
import re

LONGEST = 60
_OTHER = re.compile(r"[^a-z0-9]+")
_SAFE = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
_DEVICE = re.compile(r"con|prn|aux|nul|(?:com|lpt)[0-9]")
"""Windows takes these for no file or folder."""


def file_name(guid: str) -> str:
    """A talk's guid as the name of a file or folder: on every system, no two the same. What is
    already fit stays as it is; anything else gets a digest behind it."""
    if _SAFE.fullmatch(guid) and not _DEVICE.fullmatch(guid):
        return guid
    digest = hashlib.sha256(guid.encode(errors="surrogatepass")).hexdigest()[:12]
    readable = _OTHER.sub("-", guid.lower()).strip("-")[: LONGEST - 13].strip("-")
    return f"{readable}-{digest}" if readable else digest
