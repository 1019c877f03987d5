"""fosdembot runs the talk rooms of a conference on Matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # maubot finds the plugin class by this name, and looks for it in the
    # compiled module before it loads it.
    from .plugin import FosdemBot

__version__ = "0.1.0"


def __getattr__(name: str) -> type[FosdemBot]:
    # The command line reads schedules without maubot, in a tenth of the time.
    if name == "FosdemBot":
        from .plugin import FosdemBot

        return FosdemBot
    raise AttributeError(name)
