"""The documents agree with the code."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from fosdembot.chat.commands.hosts_words import has_shape
from fosdembot.chat.meant.room import follows_room
from fosdembot.cli.checks.meetings import REMEDIES
from fosdembot.conference.meeting_words import trouble_words
from fosdembot.jitsi.hearing import Word
from fosdembot.jitsi.meeting import Trouble
from fosdembot.settings import NO_SAFE_DEFAULT, Settings
from fosdembot.talks.decisions import Decision
from fosdembot.texts.jitsi import TROUBLES
from fosdembot.transcripts.schema import schema

ROOT = Path(__file__).parents[1]
_ROW = re.compile(r"^\| `([a-z_.]+)` \| `([^`]*)` \| (.+) \|$", re.MULTILINE)


def leaves(model: BaseModel, prefix: str = "") -> dict[str, Any]:
    """Key → default of every setting."""
    found: dict[str, Any] = {}
    for name in type(model).model_fields:
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            found |= leaves(value, f"{prefix}{name}.")
        else:
            found[prefix + name] = list(value) if isinstance(value, tuple) else value
    return found


def test_every_setting_is_documented_with_its_default() -> None:
    rows = _ROW.findall((ROOT / "docs/settings.md").read_text())
    documented = {key: json.loads(default) for key, default, _ in rows}
    assert documented == leaves(Settings())


def test_the_settings_that_stop_the_start_are_named() -> None:
    text = (ROOT / "docs/settings.md").read_text()
    named = re.search(r"Where a default could do harm \(([^)]*)\)", text)
    assert named is not None
    assert sorted(re.findall(r"`(\w+)`", named[1])) == sorted(NO_SAFE_DEFAULT)


def test_links_between_documents_lead_somewhere() -> None:
    for document in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)", document.read_text()):
            if not target.startswith("http"):
                assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_the_schema_of_transcripts_is_that_of_the_code() -> None:
    """If not: python -m fosdembot.transcripts.schema > docs/transcript.schema.json"""
    assert (ROOT / "docs/transcript.schema.json").read_text() == schema()


ACTIONS = ROOT / "docs/architecture.md"
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def actions() -> Iterator[tuple[str, set[str]]]:
    """The classes of `actions/` that do something, each with the methods that faces call."""
    for path in (ROOT / "fosdembot/actions").glob("*.py"):
        for node in ast.parse(path.read_text()).body:
            if not isinstance(node, ast.ClassDef):
                continue
            methods = [each for each in node.body if isinstance(each, FUNCTIONS)]
            if any(isinstance(each, ast.AsyncFunctionDef) for each in methods):
                yield node.name, {each.name for each in methods if not each.name.startswith("_")}


def test_every_action_is_listed() -> None:
    rows = re.findall(r"^\| `([A-Z]\w+)` \| (.+) \|$", ACTIONS.read_text(), re.MULTILINE)
    listed = {name: set(re.findall(r"`(\w+)`", methods)) for name, methods in rows}
    assert listed == dict(actions())


MEETINGS = (ROOT / "docs/jitsi.md").read_text()


def test_each_trouble_of_a_meeting_is_documented_with_what_is_said_of_it() -> None:
    rows = re.findall(r"^\| ([a-zA-Z ]+) \| (.+?) \| (.*?) ?\|$", MEETINGS, re.MULTILINE)
    documented = {word: (line, remedy) for word, line, remedy in rows if word in TROUBLES}
    assert documented == {
        trouble.value: (
            trouble_words(trouble.value, "", "kernel", "!").plain,
            REMEDIES.get(trouble, ""),
        )
        for trouble in Trouble
    }


def test_each_command_of_a_meeting_is_documented() -> None:
    documented = re.findall(r"^\| `!(\w+)[^|]*` ?[^|]*\| [^|]+ \|$", MEETINGS, re.MULTILINE)
    assert set(documented) == {word.value for word in Word} | {"jitsi"}


def typed_by_moderators() -> Iterator[str]:
    """The commands in the table of docs/questions.md. Where the first words of one are left out,
    they are those of the one before it: `!qa close`, `open`."""
    text = (ROOT / "docs" / "questions.md").read_text(encoding="utf-8")
    table = text.partition("| typed |")[2].partition("\n\n")[0]
    for row in table.splitlines()[2:]:
        before: list[str] = []
        for typed in re.findall(r"`(.+?)`", row.split("|")[1]):
            words = typed.removeprefix("!").split()
            words = words if typed.startswith("!") else [*before, *words]
            before = words[:-1]
            yield " ".join(words)


def test_who_forgets_the_room_is_told_what_to_type() -> None:
    """And not that no room is called `page`."""
    commands = [command.split() for command in typed_by_moderators()]
    behind = [
        (words[0], words[1]) for words in commands if words[0] in ("talk", "widget") and words[1:]
    ]
    assert ("talk", "page") in behind
    for command, word in behind:
        assert follows_room(command, word), f"{command} {word}"


def test_hosts_type_each_command_of_moderators_without_a_prefix() -> None:
    """Behind the name of a room, as docs/questions.md says."""
    commands = [*typed_by_moderators(), *(f"talk {decision}" for decision in Decision)]
    assert "qa open" in commands
    for command in commands:
        shown = {"…": "12", "ID": "12", "ADDRESS": "https://meet.example.org/hall"}
        words = [shown.get(word, word) for word in command.split()]
        minutes = ["10"] if words[-1] == Decision.DELAY else []
        assert has_shape(words[0], " ".join([*words[1:], *minutes])), command
