"""Somebody is forgotten, or something: in all transcripts that are there, and in later ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from fosdembot.texts import transcript_findings as words

from . import index, model_file, rendering
from .folder import Folder
from .forgetting import Hidden, Named, Without, without
from .forgotten import Forgotten, question_id
from .mentioned import Hides
from .model import Answer, Line, Merged, Message, Question
from .model_file import BadModel
from .publishing_rules import only_kept
from .verify import not_as_written
from .writing import remove_all, sweep

_CRASHED = 3600
"""Seconds after which a file that is being written was left by a crash: a chat takes minutes to
read."""


@dataclass(slots=True)
class Rewritten:
    transcripts: int = 0
    """That had any of it."""
    problems: list[str] = field(default_factory=list)
    """What may still have it, in a line each with what helps."""


def forget(
    folder: Folder, subjects: Iterable[str], passed: Callable[[str], None] = lambda name: None
) -> Rewritten:
    """Take people and events out of all transcripts and their pages, and see to it that they get
    into none again. The bot may write meanwhile: it waits for one transcript at most.

    If it was broken off, the same once more does the rest. Raises `BadList`, and `OSError` where
    not even the list can be written.
    """
    gone = tuple(subjects)
    # The bot may have repeated a question in the chat of the next talk. We look before it knows, as
    # it may make that anew at once, in which the question stands; and afterwards, as it may have
    # made one meanwhile.
    said = defaultdict(list, _said(folder, Forgotten.read(folder).also(*gone).hides))
    Forgotten.read(folder).add(*gone)
    removed = Forgotten.read(folder).hides
    for name, some in _said(folder, removed):
        said[name] += some
    hidden = Hidden(
        removed=removed,
        texts=tuple(text for some in said.values() for text, _ in some),
        names=Named(removed=frozenset(name for some in said.values() for _, name in some)),
    )
    done = Rewritten()
    # Those last by which the others are known, in case this is broken off.
    for name in sorted(folder.names(), key=lambda name: (name in said, name)):
        with folder.locked():
            try:
                done.transcripts += _forgotten_in(folder, name, hidden)
            except BadModel as err:
                done.problems.append(words.PAGES_STAY.format(problem=err, name=name))
            except OSError as err:
                done.problems.append(words.AGAIN.format(name=name, problem=_why(err, folder)))
        passed(name)
    known = set(folder.names())
    done.problems += (
        f"public/{name}: {words.NO_MODEL}" for name in folder.published() if name not in known
    )
    with folder.locked():
        try:
            # What crashes left may have it as well.
            sweep(folder.root, older_than=_CRASHED)
            index.write(folder)
        except OSError as err:
            done.problems.append(words.AGAIN.format(name="index", problem=_why(err, folder)))
    return done


def _said(folder: Folder, removed: Hides) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """What those who are forgotten asked and answered, and under which name, by the transcript that
    has it."""
    for name in folder.names():
        try:
            questions = model_file.read(folder.model(name)).questions
        except BadModel:
            continue  # it is named later
        texts = [
            (one.text, _name(one) if removed(one.by) else "")
            for question in questions
            for one in _parts(question)
            if removed(one.by) or removed(one.event) or removed(_id(name, one))
        ]
        if texts:
            yield name, texts


def _id(name: str, one: Question | Merged | Answer) -> str | None:
    return None if isinstance(one, Answer) else question_id(name, one.number)


def _name(one: Question | Merged | Answer) -> str:
    return one.author if isinstance(one, Answer) else one.asker


def _parts(question: Question) -> tuple[Question | Merged | Answer, ...]:
    return (question, *question.merged, *question.answers)


def _forgotten_in(folder: Folder, name: str, hidden: Hidden) -> bool:
    """Whether a transcript had any of it."""
    had = take_out(folder, name, hidden)
    if had or _is_behind(folder, name):
        rendering.render(folder, name)
    return had


def take_out(folder: Folder, name: str, hidden: Hidden) -> bool:
    """Whether the model had any of it; then it is written anew without. Raises `BadModel` and
    `OSError`."""
    path = folder.model(name)
    there = 0

    def counted() -> Iterator[Line]:
        nonlocal there
        for line in model_file.lines(path):
            there += isinstance(line, Message) and not line.is_bot
            yield line

    # Once to see, as most have nothing of it, and to count.
    rest = Without(hidden)
    transcript = rest.transcript(model_file.read(path))
    for _ in rest.lines(counted()):
        pass
    if not rest.changed:
        return False
    messages = max(0, transcript.messages - (there - rest.messages))
    left, lines = without(model_file.read(path), model_file.lines(path), hidden)
    model_file.write(path, left.model_copy(update={"messages": messages}), lines)
    return True


def unpublish(folder: Folder, name: str) -> None:
    """A transcript is for nobody but the organisers any more. Raises `OSError`."""
    path = folder.model(name)
    with folder.locked():
        with suppress(BadModel):
            found = model_file.read(path)
            kept = found.model_copy(update={"privacy": only_kept(found.privacy)})
            model_file.write(path, kept, model_file.lines(path))
        remove_all(folder.talk(name))


def _is_behind(folder: Folder, name: str) -> bool:
    """Whether pages are older than the model, or not whole: something broke off the making of
    them, and they may show what the model has no more."""
    talk = folder.talk(name)
    if not talk.exists():
        return False
    if any(not_as_written(talk)):
        return True
    return (talk / rendering.SUMS).stat().st_mtime_ns < folder.model(name).stat().st_mtime_ns


def _why(err: OSError, folder: Folder) -> str:
    return f"{err.filename or folder.root} cannot be written: {err.strerror}"
