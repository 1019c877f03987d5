"""`pytest -m servers` does not import files of whose tests it would leave out all: each of its
workers imported five hundred files and collected ten thousand tests, to run some hundred.

Which files these are, `pytest -m "not servers"` notes in pytest's cache; `make test` runs it first.
The note counts as long as all our modules are what they were then.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import pytest

OURS = ("bench", "fosdembot", "migrations", "simulation", "tests")
NARROWER = ("quick", "lf", "stepwise", "keyword", "deselect")
"""Options with which a run may not see all tests of a file."""
_KEY = "fosdembot/without-servers"


def remember(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Note which files have no test that is marked `servers`."""
    cached, option = _cache(config), config.getoption
    partly = any("::" in argument for argument in config.args)
    if cached is None or partly or any(option(name, default=None) for name in NARROWER):
        return
    if option("markexpr", default="") == "not servers":
        without = {item.path for item in items}
        without -= {item.path for item in items if item.get_closest_marker("servers")}
        cached.set(_KEY, [_modules(config), sorted(str(path) for path in without)])


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Before a file is imported."""
    if config.getoption("markexpr", default="") == "servers":
        return True if str(collection_path) in _without(config) else None
    return None


@cache
def _without(config: pytest.Config) -> frozenset[str]:
    cached = _cache(config)
    modules, files = cached.get(_KEY, ["", []]) if cached is not None else ["", []]
    return frozenset(files if modules == _modules(config) else ())


def _cache(config: pytest.Config) -> pytest.Cache | None:
    return getattr(config, "cache", None)


@cache
def _modules(config: pytest.Config) -> str:
    """Differs as soon as one of our modules does."""
    paths = sorted(path for part in OURS for path in (config.rootpath / part).rglob("*.py"))
    stats = [(str(path), path.stat()) for path in paths]
    text = "\n".join(f"{path} {stat.st_mtime_ns} {stat.st_size}" for path, stat in stats)
    return hashlib.sha256(text.encode()).hexdigest()
