"""Which version this is, and where more stands about it."""

from __future__ import annotations

__version__ = "0.1.0"
HOME_PAGE = "https://fosdembot.org"
