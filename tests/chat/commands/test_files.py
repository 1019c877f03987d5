"""What somebody types is found by the first lines of files."""

from __future__ import annotations

import sys

from tests.stage import Stage

ALIASES = {"announce!": "announce", "q": "ask", "question": "ask", "upvote": "vote"}


async def test_the_file_of_a_command_begins_with_it(conference: Stage) -> None:
    commands = conference.router.runner.commands
    assert {"ask", "vote", "dismiss", "talk", "conf"} <= commands.keys()
    missing = {
        word: entry.handler.__module__
        for word, entry in commands.items()
        if f"`!{ALIASES.get(word, word)}"
        not in (sys.modules[entry.handler.__module__].__doc__ or "")
    }
    assert missing == {}
