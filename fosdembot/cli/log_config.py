"""How a bot logs where its operator has not said so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

LOGGING: Mapping[str, Any] = {
    "version": 1,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"level": "INFO", "handlers": ["console"]},
}
"""Of Python's `logging.config.dictConfig`: plain lines on standard error, INFO and above."""
