"""`fosdembot transcript forget`: for those who can no longer redact what they wrote."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

import click

from fosdembot.cli.transcripts.common import folder_argument, opened, progress, tell, writing
from fosdembot.texts.words import count
from fosdembot.transcripts.forgotten import BadList
from fosdembot.transcripts.rewriting import forget as rewrite

# Old ids hold almost anything; newer ones name no server in those of events.
_USER = re.compile(r"@[^\s:@<>\"]{1,200}:[A-Za-z0-9.\-:\[\]]{1,200}")
_EVENT = re.compile(r"\$[^\s$/?#]{1,254}")
# What clients copy as the link to a message, or to a person.
_LINK = re.compile(r"(?:https?://\S*?#/|matrix:)(?:\S*/)?(\$[^\s/?#]+|@[^\s/?#]+)(?:\?\S*)?")
_URI = re.compile(r"matrix:(?:u|\S+/e)/([^\s/?#]+)(?:\?\S*)?")


@click.command()
@folder_argument
@click.argument("subjects", metavar="USER|EVENT…", nargs=-1, required=True)
def forget(directory: Path, subjects: tuple[str, ...]) -> None:
    """Take people or single messages out of all transcripts in DIR, for ever.

    USER is a Matrix id (@name:server); EVENT is the id of a message ('$…', in single quotes) or
    the link to it that clients copy. All that a person wrote, asked and answered goes, with what
    others quoted of it. Other people's own words stay.
    """
    folder = opened(directory)
    known = [_subject(subject) for subject in subjects]
    with writing(), progress(len(folder.names()), "looking") as passed:
        try:
            done = rewrite(folder, known, passed)
        except BadList as err:
            raise click.ClickException(str(err)) from None
    click.echo(f"It was in {count(done.transcripts, 'transcript')}, and will be in no other.")
    tell(done.problems, "may still have it")
    if done.problems:
        raise SystemExit(1)


def _subject(text: str) -> str:
    """A user's or an event's id. Raises `ClickException` if it is neither."""
    given = unquote(text.strip())
    if uri := _URI.fullmatch(given):
        given = f"{'@' if given[7:9].lower() == 'u/' else '$'}{uri[1]}"
    elif link := _LINK.fullmatch(given):
        given = link[1]
    if _USER.fullmatch(given) or _EVENT.fullmatch(given):
        return given
    raise click.ClickException(
        f"{text} is neither a user (@name:server) nor a message ('$…' in single quotes, or the "
        "link to it): nothing was forgotten"
    )
