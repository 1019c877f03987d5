"""The order and the strictness of a test run: pytest's hooks, which conftest.py takes in."""

from __future__ import annotations

import logging
import os
from collections.abc import Generator, Iterator

import pytest

from .quick import leave_out_slow

LONGEST = (
    # Of the first, some mostly wait, and leave the processors to others.
    "test_demo_play.py::test_once_to_the_end",
    "test_meeting.py::test_not_started_then_started_then_left_alone",
    "test_full_server.py::test_killed_thirty_times_while_notices_fall_due",
    "test_storm.py::test_a_storm[sqlite-1500-50-5]",
    "test_meeting.py::test_prosody_is_killed_in_the_middle",
    "test_exactly_once.py::test_a_failing_database_loses_nothing",
    "test_meeting.py::test_three_talks_one_after_another_and_another_meeting_beside",
    "test_full_server.py::test_commands_survive_downtime_freezing_and_a_database_that_restarts",
    "test_exactly_once.py::test_killed_thirty_times_while_notices_fall_due",
    "test_bridged_room.py::test_a_bridged_room_sees_no_edits_and_nothing_long",
    "test_exactly_once.py::test_commands_survive_downtime_freezing_joining_and_poison",
    "test_storm.py::test_a_storm[postgresql-600-40-4]",
    "test_talk_page.py::test_a_speaker_taps_during_the_talk_and_writes_afterwards",
    "test_exactly_once.py::test_32_talks_start_at_once_where_5_messages_a_second_are_allowed",
    "test_pages_browser.py::test_what_is_done_on_pages_is_so_in_the_rooms",
    "test_recovery.py::test_half_done_things_and_a_lost_position",
    "test_page_secrets.py::test_the_full_maubot_server",
    "test_instances.py::test_two_conferences_on_one_server_and_an_upgrade[one account, synced]",
    "test_errors.py::test_a_locked_database_passes",
    "test_instances.py::test_two_conferences_on_one_server_and_an_upgrade[two accounts]",
    "test_meeting.py::test_killed_twenty_times_during_the_questions",
    "test_backup.py::test_a_backup_is_put_back",
    "test_demo.py::test_without_a_server_for_meetings_only_what_went_wrong_is_told",
    "test_votes.py::test_every_vote_counts_once[postgresql]",
    "test_rehearse.py::test_a_morning_in_ones_own_room_and_nowhere_else",
    "test_votes.py::test_every_vote_counts_once[sqlite]",
    "test_pages.py::test_under_the_full_maubot_server",
)
"""Tests with servers that take long, in the order in which they begin."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests that start servers are marked `servers`; those that take longest go first, so
    that at the end no worker waits for another."""
    leave_out_slow(config, items)
    for item in items:
        if "server_folder" in getattr(item, "fixturenames", ()):
            item.add_marker("servers")
    items.sort(key=_when)


def _when(item: pytest.Item) -> tuple[int, bool]:
    test = item.nodeid.rpartition("/")[2]
    place = LONGEST.index(test) if test in LONGEST else len(LONGEST)
    return place, "/e2e/" not in str(item.path)


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


@pytest.fixture
def nothing_fails(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """For random stories. What fails by a fault of ours is logged and tried again, and mostly all
    ends well: no other rule would notice."""
    yield
    failed = [each for each in caplog.get_records("call") if each.levelno >= logging.ERROR]
    assert not failed, failed[0].getMessage()
