"""What lies at the top of the repository agrees with itself."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from pkgutil import get_data
from typing import Any

import pytest
from maubot.loader.meta import PluginMeta
from packaging.requirements import Requirement
from ruamel.yaml import YAML

import fosdembot
from fosdembot import settings

ROOT = Path(__file__).parents[1]
LOCKS = ("product", "dev")

MOST_PARTS = 8
"""What a constructor takes, at most. One that needs more does several things: reading, deciding,
wording, sending."""
VALUES = {
    "Ask",
    "Command",
    "LetterReply",
    "Message",
    "NewQuestion",
    "Notice",
    "Personal",
    "QuestionView",
    "RoomPlan",
    "ScheduleDiff",
    "Talk",
}
"""What is known of one thing, made in one place by the names of its fields."""
BAGS = {"CommandParts", "Hearers", "Parts", "_Shared"}
"""What is handed on to the modules that tie the parts of chat together; they do nothing."""


def read_yaml(name: str) -> Any:
    return YAML().load((ROOT / name).read_text())


def locked(name: str) -> dict[str, str]:
    """Package → exact version."""
    lines = (ROOT / "requirements" / f"{name}.txt").read_text().splitlines()
    pins = [Requirement(line.rstrip(" \\")) for line in lines if re.match(r"\w", line)]
    return {pin.name: str(pin.specifier) for pin in pins}


def test_maubot_reads_the_manifest() -> None:
    manifest = PluginMeta.deserialize(read_yaml("plugin.yaml"))
    assert str(manifest.version) == fosdembot.__version__
    assert all(list(ROOT.glob(pattern)) for pattern in manifest.extra_files)


def test_maubot_yaml_is_a_link_to_the_manifest() -> None:
    assert (ROOT / "maubot.yaml").readlink() == Path("plugin.yaml")


def test_what_the_manifest_needs_is_locked() -> None:
    needed = {Requirement(line).name for line in read_yaml("plugin.yaml")["dependencies"]}
    assert needed <= set(locked("product"))


def test_both_locks_agree_on_exact_versions() -> None:
    product, dev = locked("product"), locked("dev")
    assert product.items() <= dev.items()
    assert all(re.fullmatch(r"==[\w.]+", version) for version in dev.values())


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_place(lock: str) -> None:
    text = (ROOT / "requirements" / f"{lock}.txt").read_text()
    assert not re.search(r"://|--index|--find-links|^/", text, re.MULTILINE)


def test_an_operator_installs_no_homeserver() -> None:
    assert not {"matrix-synapse", "matrix-nio", "pytest"} & set(locked("product"))


def test_the_example_configuration_is_complete_and_safe() -> None:
    example = read_yaml("example-standalone.yaml")
    _, problems = settings.load(example["plugin_config"])
    assert problems == []
    assert example["user"]["sync"] is False
    assert example["user"]["autojoin"] is False
    assert example["server"]["hostname"] == "127.0.0.1"
    theirs = YAML().load(get_data("maubot", "standalone/example-config.yaml"))
    for section in ("user", "server", "database_opts"):
        assert set(example[section]) == set(theirs[section])
    assert set(example) == set(theirs)


def test_the_image_is_made_of_files_that_are_there_and_not_left_out() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    copied = {source for line in lines if line.startswith("COPY") for source in line.split()[1:-1]}
    let_in = {
        line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line[0] == "!"
    }
    assert copied == let_in
    assert all((ROOT / source).exists() for source in copied)


def test_it_is_measured_as_it_is_to_be_run() -> None:
    """With the same environment."""
    setting = r"\b(?:PYTHONMALLOC|GLIBC_TUNABLES)=\S+"
    service, image, bench = (
        re.findall(setting, "\n".join(re.findall(rf"^{before}.*", text, re.MULTILINE)))
        for before, text in (
            ("Environment=", (ROOT / "docs/operating.md").read_text()),
            ("ENV ", (ROOT / "Dockerfile").read_text()),
            ("bench: export ", (ROOT / "Makefile").read_text()),
        )
    )
    assert service == image == bench
    assert len(service) == 2


@dataclass(frozen=True)
class Facts:
    """What a file holds."""

    constructors: Sequence[tuple[str, int]]
    """Each class with what its constructor takes."""
    functions: Sequence[tuple[str, int]]
    """Each with its lines."""
    opened: Set[str]
    """The parts of an event that are taken out of JSON."""


@cache
def facts(path: Path) -> Facts:
    """Read once, as that takes longer than all that is asked about it."""
    nodes = list(ast.walk(ast.parse(path.read_text())))
    return Facts(
        [(node.name, taken(node)) for node in nodes if isinstance(node, ast.ClassDef)],
        list(functions(nodes)),
        set(opened(nodes)),
    )


def taken(node: ast.ClassDef) -> int:
    """By `__init__`, or by the fields of a dataclass; inherited ones are not counted."""
    for part in node.body:
        if isinstance(part, ast.FunctionDef) and part.name == "__init__":
            given = part.args
            return len(given.posonlyargs + given.args + given.kwonlyargs) - 1
    if not any("dataclass" in ast.unparse(decorator) for decorator in node.decorator_list):
        return 0
    fields = [ast.unparse(part) for part in node.body if isinstance(part, ast.AnnAssign)]
    return sum("init=False" not in field and "ClassVar" not in field for field in fields)


def test_no_part_is_made_of_more_than_eight() -> None:
    files = (ROOT / "fosdembot").rglob("*.py")
    made = [each for path in files for each in facts(path).constructors]
    assert {name for name, takes in made if takes > MOST_PARTS} == VALUES | BAGS


LONGEST_FILE = 400
LONGEST_FUNCTION = 60
"""Lines: a screen on which it is read in one go."""


def functions(nodes: Sequence[ast.AST]) -> Iterator[tuple[str, int]]:
    for node in nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            yield node.name, node.end_lineno - node.lineno + 1


def test_everything_can_be_read_in_one_go() -> None:
    files = {
        path.relative_to(ROOT).as_posix(): len(path.read_text().splitlines())
        for package in ("fosdembot", "simulation", "bench", "tests")
        for path in sorted((ROOT / package).rglob("*.py"))
    }
    assert {path: lines for path, lines in files.items() if lines > LONGEST_FILE} == {}
    parts = {
        f"{path}: {name}": lines
        for path in files
        if not path.startswith("tests/")
        for name, lines in facts(ROOT / path).functions
    }
    assert {name: lines for name, lines in parts.items() if lines > LONGEST_FUNCTION} == {}


EVENT_KEYS = {
    *("body", "content", "event_id", "filename", "formatted_body", "msgtype"),
    *("origin_server_ts", "redacts", "sender", "state_key", "type", "unsigned"),
}
OPENERS = {"fosdembot.matrix.relations", "fosdembot.matrix.timeline"}
"""What takes an event's JSON apart for others."""


def opened(nodes: Sequence[ast.AST]) -> Iterator[str]:
    for node in nodes:
        key: ast.expr | None = None
        if isinstance(node, ast.Subscript):
            key = node.slice
        elif isinstance(node, ast.Call) and node.args and isinstance(node.func, ast.Attribute):
            key = node.args[0] if node.func.attr in ("get", "pop", "setdefault") else None
        elif isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In | ast.NotIn):
            key = node.left
        elif isinstance(node, ast.ImportFrom) and node.module in OPENERS:
            yield node.module
        found = key.value if isinstance(key, ast.Constant) else None
        if isinstance(found, str) and (found in EVENT_KEYS or found.startswith("m.")):
            yield found


def test_chat_reads_events_in_one_place() -> None:
    chat = ROOT / "fosdembot" / "chat"
    found = {
        path.relative_to(chat).as_posix(): set(facts(path).opened) for path in chat.rglob("*.py")
    }
    assert found.pop("reading/events.py")
    # Whose event it is, and of which type, decides whether it is read at all.
    assert found.pop("router.py") <= {"sender"}
    assert found.pop("together.py") <= {"sender", "type"}
    assert {name: keys for name, keys in found.items() if keys} == {}


@pytest.mark.parametrize("package", ["actions", "conference", "notifications", "questions"])
def test_nothing_else_opens_events(package: str) -> None:
    for path in sorted((ROOT / "fosdembot" / package).rglob("*.py")):
        keys = facts(path).opened - {"sender"}
        # The types of a room's states are names, no parts of an event.
        keys = {key for key in keys if not key.startswith(("fosdembot.", "m.room."))}
        assert keys == set(), path.name
