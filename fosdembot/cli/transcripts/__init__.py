"""`fosdembot transcript …`: what is done with transcripts that are there, without a homeserver."""

from __future__ import annotations

import click

from fosdembot.cli import Lazy

# As in `fosdembot/cli/__init__.py`.
_COMMANDS = {
    "forget": "fosdembot.cli.transcripts.forget:forget",
    "enrich": "fosdembot.cli.transcripts.enrich:enrich",
    "index": "fosdembot.cli.transcripts.index:index",
    "report": "fosdembot.cli.transcripts.report:report",
    "verify": "fosdembot.cli.transcripts.verify:verify",
    "render": "fosdembot.cli.transcripts.render:render",
}


@click.command(cls=Lazy, places=_COMMANDS)
def transcript() -> None:
    """Render, search, check and mend the transcripts of talks."""
