"""The order and the strictness of a test run: pytest's hooks, which conftest.py takes in."""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest

from .quick import leave_out_slow


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests that start servers are marked `servers`; those that take longest go first, so
    that at the end no worker waits for another."""
    leave_out_slow(config, items)
    for item in items:
        if "server_folder" in getattr(item, "fixturenames", ()):
            item.add_marker("servers")
    items.sort(key=lambda item: "/e2e/" not in str(item.path))


def _refuse_skips(report: pytest.TestReport | pytest.CollectReport) -> None:
    if os.environ.get("CI") == "true" and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid}: {reason} (a skip is a failure where CI=true)"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _refuse_skips(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _refuse_skips(report)
    return report
