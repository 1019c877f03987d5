"""fosdembot runs the talk rooms of a conference on Matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .about import __version__ as __version__

if TYPE_CHECKING:
    # maubot finds the plugin class by this name, and looks for it in the
    # compiled module before it loads it.
    from .plugin import FosdemBot


def __getattr__(name: str) -> type[FosdemBot]:
    # The command line reads schedules without maubot, in a tenth of the time.
    if name == "FosdemBot":
        from .plugin import FosdemBot

        return FosdemBot
    raise AttributeError(name)
