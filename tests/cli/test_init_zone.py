"""`fosdembot init` asks for the conference's time zone where the schedule does not name it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from fosdembot.cli.asking import Questions
from fosdembot.cli.checks.findings import Report
from fosdembot.cli.config import Config
from fosdembot.cli.setup.network import Network
from fosdembot.cli.setup.steps import Answers, Setup
from tests.schedule.samples import frab, ical, talk

IN_UTC = "UID:1\nSUMMARY:T\nDTSTART:20260527T070000Z\nDURATION:PT1H"
UNNAMED = {
    "a calendar in UTC": ical(IN_UTC),
    "a calendar that calls UTC its zone": ical(IN_UTC, head="X-WR-TIMEZONE:UTC\n"),
    "a schedule in UTC": frab("xml", [talk(date="2026-05-27T07:00:00Z")]),
    "times without a zone": ical(IN_UTC.replace("Z", "")),
    "a zone that nobody knows": ical(IN_UTC.replace("Z", "").replace("START", "START;TZID=Mars")),
}
NAMED = {
    "a calendar": ical(IN_UTC, head="X-WR-TIMEZONE:Europe/Brussels\n"),
    "a schedule": frab("json", [talk()], {"time_zone_name": "UTC"}),
    "a schedule with offsets": frab("json", [talk()]),
}


def answer(folder: Path, data: bytes, answers: str, **options: Any) -> tuple[Result, str]:
    """What is printed, and the zone that is then configured."""
    path = folder / "schedule"
    path.write_bytes(data)
    config = Config.new(folder / "config.yaml")
    given = {"source": str(path), "zone": None, **options}
    silent = given.pop("silent", False)

    @click.command()
    def command() -> None:
        with Network() as network:
            nothing = dict.fromkeys(
                ("user", "homeserver", "password", "room", "control_room"), None
            )
            said = Answers(**nothing, organisers=(), **given)
            Setup(config, Questions(silent), said, network, Report()).schedule()

    result = CliRunner().invoke(command, input=answers)
    return result, str(config.get("plugin_config.schedule.zone") or "")


@pytest.mark.parametrize("name", UNNAMED)
def test_it_is_asked_for_until_it_is_one(tmp_path: Path, name: str) -> None:
    result, zone = answer(tmp_path, UNNAMED[name], "Brussels\nEurope/Brussels\n")
    assert (result.exit_code, zone) == (0, "Europe/Brussels")
    assert result.output.count("The conference's time zone (like Europe/Brussels)") == 2


def test_it_may_be_utc(tmp_path: Path) -> None:
    result, zone = answer(tmp_path, UNNAMED["a calendar in UTC"], "UTC\n")
    assert (result.exit_code, zone) == (0, "UTC")
    assert "people would be told UTC" in result.output


@pytest.mark.parametrize("name", NAMED)
def test_it_is_not_asked_for_where_it_is_named(tmp_path: Path, name: str) -> None:
    result, zone = answer(tmp_path, NAMED[name], "")
    assert (result.exit_code, result.output, zone) == (0, "", "")


@pytest.mark.parametrize("options", [{"zone": "Asia/Tokyo"}, {"silent": True}])
def test_it_is_not_asked_for_by_options(tmp_path: Path, options: dict[str, Any]) -> None:
    result, zone = answer(tmp_path, UNNAMED["a calendar in UTC"], "", **options)
    assert (result.exit_code, result.output, zone) == (0, "", options.get("zone", ""))
