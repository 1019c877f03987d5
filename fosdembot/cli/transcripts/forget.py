"""`fosdembot transcript forget`: for those who can no longer redact what they wrote."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

import click

from fosdembot.cli.transcripts.common import folder_argument, opened, progress, tell, writing
from fosdembot.texts.words import count
from fosdembot.transcripts import model_file
from fosdembot.transcripts.folder import Folder
from fosdembot.transcripts.forgotten import BadList, Forgotten, question_id
from fosdembot.transcripts.model import Merged, Question
from fosdembot.transcripts.model_file import BadModel
from fosdembot.transcripts.rewriting import forget as rewrite

# Old ids hold almost anything; newer ones name no server in those of events.
_USER = re.compile(r"@[^\s:@<>\"]{1,200}:[A-Za-z0-9.\-:\[\]]{1,200}")
_EVENT = re.compile(r"\$[^\s$/?#]{1,254}")
_QUESTION = re.compile(r"([a-z0-9][a-z0-9-]{0,59})#(\d{1,9})")
# What clients copy as the link to a message, or to a person.
_LINK = re.compile(r"(?:https?://\S*?#/|matrix:)(?:\S*/)?(\$[^\s/?#]+|@[^\s/?#]+)(?:\?\S*)?")
_URI = re.compile(r"matrix:(?:u|\S+/e)/([^\s/?#]+)(?:\?\S*)?")


@click.command()
@folder_argument
@click.argument("subjects", metavar="USER|EVENT|QUESTION…", nargs=-1, required=True)
def forget(directory: Path, subjects: tuple[str, ...]) -> None:
    """Take people, single messages or questions out of all transcripts in DIR, for ever.

    USER is a Matrix id (@name:server); EVENT is the id of a message ('$…', in single quotes) or
    the link to it that clients copy. QUESTION is NAME#NUMBER, as the transcript NAME shows it: for
    those that were asked without a name, or not in the room.

    All that a person wrote, asked and answered goes, with what others quoted of it. Other people's
    own words stay.
    """
    folder = opened(directory)
    known = [part for subject in subjects for part in _subjects(folder, subject)]
    with writing(), progress(len(folder.names()), "looking") as passed:
        try:
            done = rewrite(folder, known, passed)
        except BadList as err:
            raise click.ClickException(str(err)) from None
    click.echo(f"It was in {count(done.transcripts, 'transcript')}, and will be in no other.")
    tell(done.problems, "may still have it")
    if done.problems:
        raise SystemExit(1)


def _subjects(folder: Folder, text: str) -> list[str]:
    """Of what was typed, whatever is to be forgotten. Raises `ClickException`."""
    found = _QUESTION.fullmatch(text.strip())
    return [_subject(text)] if found is None else _asked(folder, found[1], int(found[2]))


def _asked(folder: Folder, name: str, number: int) -> list[str]:
    """A question, and the message that asked it where there is one. Raises `ClickException` where
    there is no such question, nor was one that is forgotten already."""
    subject = question_id(name, number)
    try:
        questions = model_file.read(folder.model(name)).questions
        is_known = Forgotten.read(folder).hides(subject)
    except (BadModel, BadList) as err:
        raise click.ClickException(str(err)) from None
    asked: list[Question | Merged] = [*questions]
    asked += (part for question in questions for part in question.merged)
    for one in asked:
        if one.number == number:
            return [subject, *([one.event] if one.event is not None else [])]
    if is_known:
        return [subject]
    raise click.ClickException(
        f"the transcript {name} has no question {number}: nothing was forgotten"
    )


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
        "link to it) nor a question (NAME#NUMBER): nothing was forgotten"
    )
