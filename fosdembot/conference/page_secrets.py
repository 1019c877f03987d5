"""Secrets of pages: made at random, shown once, and kept as a hash."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable

LONGEST = 100
"""Characters of what we look up at all; our own have 32."""
BYTES = 24
"""Of a secret: nobody guesses 192 bits."""
NewSecret = Callable[[], str]


def new_secret() -> str:
    """A secret that may stand in an address."""
    return secrets.token_urlsafe(BYTES)


def may_be_one(shown: str) -> bool:
    """Whether it is worth looking for what somebody shows as a secret."""
    return 0 < len(shown) <= LONGEST


def hashed(secret: str) -> str:
    """What is kept of it. A secret of full length needs no slow hash."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()
