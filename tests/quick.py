"""`pytest --quick`: the tests that need no database, no bot and no other process.

Nobody lists them. A file of tests is left out if it starts processes itself, or if it imports,
directly or through others, what opens a database, starts a process or stands in for a
homeserver; a test in another file, if one of its fixtures is a browser, reads the schedules of
real conferences, or measures what something huge costs. What is made up at random is made up a
tenth as often.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from pathlib import Path

import grimp
import hypothesis
import pytest

ROOT = Path(__file__).parents[1]
NOT_QUICK = (
    "fosdembot.db.engine",
    "maubot",
    "simulation.fake_homeserver",
    "simulation.forking",
    "simulation.server",
)
SLOW_FIXTURES = {"chromium", "cpu_seconds", "real_schedules", "server_folder"}

# No test is about the speed of the machine that it runs on.
hypothesis.settings.register_profile("full", deadline=None)
hypothesis.settings.register_profile("quick", deadline=None, max_examples=10)


def cases(number: int) -> int:
    """How many cases to make up at random where `number` are wanted in the full run."""
    full = hypothesis.settings.get_profile("full").max_examples
    return max(1, number * hypothesis.settings().max_examples // full)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--quick", action="store_true", help=(__doc__ or "").partition("\n")[0])


def pytest_configure(config: pytest.Config) -> None:
    hypothesis.settings.load_profile("quick" if config.getoption("quick") else "full")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Before a file is imported: that alone would take long."""
    is_test = collection_path.suffix == ".py" and collection_path.is_relative_to(ROOT)
    if config.getoption("quick") and is_test:
        path = collection_path.relative_to(ROOT).with_suffix("")
        return True if ".".join(path.parts) in not_quick() else None
    return None


def leave_out_slow(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Those whose fixtures say so, where only the quick ones are wanted."""
    if config.getoption("quick", default=False):
        slow = [i for i in items if SLOW_FIXTURES & set(getattr(i, "fixturenames", ()))]
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if item not in slow]


@cache
def not_quick() -> Collection[str]:
    """The modules that reach what is not quick."""
    graph = grimp.build_graph(
        "bench",
        "fosdembot",
        "simulation",
        "tests",
        include_external_packages=True,
        exclude_type_checking_imports=True,
        cache_dir=None,
    )
    # It looks the plugin up only for maubot.
    graph.remove_import(importer="fosdembot", imported="fosdembot.plugin")
    start = graph.find_modules_that_directly_import("subprocess") & graph.find_descendants("tests")
    return start.union(*(graph.find_downstream_modules(far) for far in (*NOT_QUICK, *start)))
