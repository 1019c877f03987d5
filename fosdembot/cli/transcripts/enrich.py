"""`fosdembot transcript enrich`: the seconds of questions, and answers, from subtitles."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from pathlib import Path

import click

from fosdembot.cli.transcripts.common import folder_argument, opened, progress, tell, writing
from fosdembot.schedule.text import clean
from fosdembot.texts.words import count
from fosdembot.transcripts import index, model_file
from fosdembot.transcripts.enriching import enrich as enriched
from fosdembot.transcripts.enriching import found_in
from fosdembot.transcripts.fetching import MOST_MEGABYTES, NoSubtitles, fetch_best
from fosdembot.transcripts.folder import Folder
from fosdembot.transcripts.model import Transcript
from fosdembot.transcripts.model_file import BadModel
from fosdembot.transcripts.rendering import render
from fosdembot.transcripts.subtitles import BadSubtitles, Cue, read


@click.command()
@folder_argument
@click.option(
    "--subtitles",
    "given",
    multiple=True,
    metavar="NAME=FILE",
    help="Subtitles of one transcript, in a .vtt file; then only such transcripts are done.",
)
def enrich(directory: Path, given: tuple[str, ...]) -> None:
    """Find where questions were read aloud in the recordings of the transcripts in DIR.

    Fetches the subtitles that the schedule links. Questions get their second in the recording,
    and what was answered there; chapters and pages are made anew.
    """
    folder = opened(directory)
    files = _files(folder, given)
    names = sorted(files) if files else folder.names()
    problems: list[str] = []
    asked = found = changed = 0
    with writing(), progress(len(names), "enriching") as passed:
        for name in names:
            try:
                done = _one(folder, name, files)
            except (BadModel, BadSubtitles, NoSubtitles) as err:
                problems.append(f"{name}: {err}")
            else:
                if done is not None:
                    changed += 1
                    asked += len(done.questions)
                    found += found_in(done)
            passed(name)
        if changed:
            with folder.locked():
                index.write(folder)
    tell(problems)
    click.echo(f"{count(changed, 'transcript')}: {found} of {count(asked, 'question')} found")


def _files(folder: Folder, given: Iterable[str]) -> Mapping[str, Path]:
    files = {}
    for each in given:
        name, sign, file = each.partition("=")
        if not sign or not file:
            raise click.ClickException(f"--subtitles {clean(each, 80)}: write NAME=FILE")
        if name not in folder.names():
            raise click.ClickException(
                f"--subtitles: there is no transcript {clean(name, 80)!r} in {folder.models}"
            )
        files[name] = Path(file)
    return files


def _one(folder: Folder, name: str, files: Mapping[str, Path]) -> Transcript | None:
    """The transcript as it is then; None where there are no subtitles. Raises what says why."""
    if name in files:
        cues = _from_file(files[name])
    else:
        cues = asyncio.run(fetch_best(model_file.read(folder.model(name))))
    if not cues:
        return None
    with folder.locked():
        path = folder.model(name)
        # Read now: the bot may have changed it while subtitles were fetched.
        transcript = enriched(model_file.read(path), cues)
        model_file.write(path, transcript, model_file.lines(path))
        render(folder, name)
    return transcript


def _from_file(path: Path) -> tuple[Cue, ...]:
    try:
        with path.open("rb") as file:
            data = file.read(MOST_MEGABYTES * 1_000_000 + 1)
    except OSError as err:
        raise BadSubtitles(f"{path} cannot be read: {err.strerror}") from None
    if len(data) > MOST_MEGABYTES * 1_000_000:
        raise BadSubtitles(f"{path} has more than {MOST_MEGABYTES} MB: is it the video?")
    try:
        return read(data)
    except BadSubtitles as err:
        raise BadSubtitles(f"{path}: {err}") from None
