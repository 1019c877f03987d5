"""`fosdembot schedule check` and `diff`, as people and programs run them."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from fosdembot.cli import main
from tests.schedule.samples import frab, talk

WARNING = "1 of 3 entries without a readable duration, first: 'Night'"
CHAT = [{"title": "Chat room", "url": "https://matrix.to/#/#kernel:example.org"}]


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["schedule", *map(str, arguments)])


def output(*arguments: str | Path) -> str:
    result = run(*arguments)
    assert (result.exit_code, result.stderr) == (0, ""), result.output
    return result.stdout


def refusal(*arguments: str | Path) -> str:
    """The one line on stderr."""
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (1, "")
    line, end, rest = result.stderr.partition("\n")
    assert (end, rest) == ("\n", "")
    assert line.isprintable()
    return line


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Three entries, one of them an information desk, the last one after midnight."""
    path = tmp_path / "small.xml"
    desk = talk(guid="g2", title="Desk", room="Hall", date="2026-01-31T09:00:00+01:00")
    night = talk(guid="g3", title="Night", date="2026-02-01T00:30:00+01:00", links=CHAT)
    events = [
        talk(links=CHAT, recording={"optout": True}),
        {**desk, "duration": "06:00"},
        {**night, "duration": "soon"},
    ]
    path.write_bytes(frab("xml", events, {"time_zone_name": "Europe/Brussels"}))
    return path


class TestCheck:
    def test_json(self, small: Path) -> None:
        assert json.loads(output("check", small, "--json")) == {
            "format": "xml",
            "entries": 3,
            "talks": 2,
            "rooms": 2,
            "days": 2,
            "time_zone": "Europe/Brussels",
            "first": "2026-01-31T08:00:00Z",
            "last": "2026-01-31T23:30:00Z",
            "with_chat_room": 2,
            "chat_rooms": 1,
            "recording_optouts": 1,
            "with_recording": 0,
            "with_subtitles": 0,
            "with_slides": 0,
            "warnings": ["1 of 3 entries without a readable duration, first: 'Night'"],
        }

    def test_plain(self, small: Path) -> None:
        assert output("check", small).splitlines() == [
            "SmallConf (frab XML)",
            "  entries       3, of which 2 are talks (shorter than 6 hours)",
            "  places        2",
            "  days          2",
            "  starts        from Sat 31 Jan 2026 09:00 to Sun 01 Feb 2026 00:30",
            "  time zone     Europe/Brussels",
            "  chat rooms    1, linked by 2 entries",
            "  not recorded  1",
            "  warning: 1 of 3 entries without a readable duration, first: 'Night'",
        ]

    def test_recordings_are_counted_where_there_are_some(self, tmp_path: Path) -> None:
        path = tmp_path / "watch.xml"
        recording = [{"title": "Recording", "url": "https://example.org/a.webm"}]
        path.write_bytes(frab("xml", [talk(links=recording), talk(guid="g2", title="Other")]))
        assert "  media         1 with recording\n" in output("check", path)

    def test_nothing_in_it(self, tmp_path: Path) -> None:
        path = tmp_path / "empty.json"
        path.write_bytes(frab("json", []))
        found = json.loads(output("check", path, "--json"))
        assert (found["entries"], found["first"], found["last"]) == (0, None, None)
        assert "time zone     not named; times are read as UTC" in output("check", path)

    def test_a_zone_is_asked_for_where_it_is_missing(self, tmp_path: Path) -> None:
        path = tmp_path / "local.xml"
        path.write_bytes(frab("xml", [talk(date=None)]))
        assert "--zone" in refusal("check", path)
        found = json.loads(output("check", path, "--zone", "Asia/Tokyo", "--json"))
        assert (found["time_zone"], found["first"]) == ("Asia/Tokyo", "2026-01-31T01:00:00Z")

    def test_offsets_alone_are_shown_as_published(self, tmp_path: Path) -> None:
        path = tmp_path / "offsets.json"
        path.write_bytes(frab("json", [talk(date="2026-01-31T23:30:00-05:00")]))
        found = json.loads(output("check", path, "--json"))
        assert (found["time_zone"], found["first"]) == (None, "2026-02-01T04:30:00Z")
        plain = output("check", path)
        assert "Sat 31 Jan 2026 23:30" in plain
        assert "not named; times are read as UTC-05:00" in plain

    def test_no_such_zone(self, small: Path) -> None:
        result = run("check", small, "--zone", "Mars/Phobos")
        assert result.exit_code == 2
        assert "no such time zone: 'Mars/Phobos'" in result.stderr

    def test_a_wrong_document_says_what_was_found_and_what_is_read(self, tmp_path: Path) -> None:
        path = tmp_path / "page.xml"
        path.write_text("<!DOCTYPE html>\n<title>404</title>")
        assert refusal("check", path) == (
            f"Error: {path}: found a web page (HTML);"
            " read are frab's XML, schedule.json and iCalendar"
        )

    def test_a_source_with_escapes_or_a_password_is_shown_without(self) -> None:
        assert refusal("check", "/no/\x1b[31mfile") == (
            "Error: /no/[31mfile: the file cannot be opened: No such file or directory"
        )
        line = refusal("check", "https://ada:p@ss@localhost:1/x?token=hidden")
        assert line.startswith("Error: https://localhost:1/x: localhost cannot be reached")

    def test_hostile_titles_cannot_reach_the_terminal(self, tmp_path: Path) -> None:
        path = tmp_path / "hostile.json"
        title = "\x1b]0;owned\x07\u202e\n\x9b31m"
        event = talk(title=title, date="so\x1b[31mon", room=title)
        conference = {"title": title, "time_zone_name": title}
        path.write_bytes(frab("json", [event, talk(guid="g2", title=title)], conference))
        assert all(line.isprintable() for line in output("check", path).splitlines())
        other = tmp_path / "other.json"
        other.write_bytes(frab("json", [talk(guid="g2", title="New", room=title)]))
        assert all(line.isprintable() for line in output("diff", path, other).splitlines())


class TestDiff:
    @pytest.fixture
    def changed(self, tmp_path: Path) -> Path:
        path = tmp_path / "changed.xml"
        new = {"title": "Small kernels", "room": "Aula", "persons": ["Ada", "Grace"]}
        later = talk(**new, date="2026-01-31T10:05:00+01:00")
        added = talk(guid="g4", title="New", persons=[])
        path.write_bytes(frab("xml", [later, added], {"time_zone_name": "Europe/Brussels"}))
        return path

    def test_json(self, small: Path, changed: Path) -> None:
        one = [{"guid": "g1", "title": "Small kernels"}]
        found: dict[str, Any] = json.loads(output("diff", small, changed, "--json"))
        others = ("hallways", "meetings", "tracks", "kinds", "languages", "media", "ids")
        assert list(found) == [
            "added", "removed", "retimed", "moved", "retitled", "speakers", "chat_rooms",
            "hallways", "meetings", "tracks", "kinds", "languages", "recording", "media", "ids",
            "warnings",
        ]  # fmt: skip
        assert found == {
            "added": [{"guid": "g4", "title": "New"}],
            "removed": [{"guid": "g2", "title": "Desk"}, {"guid": "g3", "title": "Night"}],
            "retimed": one,
            "moved": one,
            "retitled": one,
            "speakers": one,
            "chat_rooms": one,
            "recording": one,
            **{name: [] for name in others},
            "warnings": [{"schedule": "old", "warning": WARNING}],
        }

    def test_plain(self, small: Path, changed: Path) -> None:
        assert output("diff", small, changed).splitlines() == [
            "added (1)",
            "  New: Sat 31 Jan 10:00–10:25, Janson",
            "removed (2)",
            "  Desk: Sat 31 Jan 09:00–15:00, Hall",
            "  Night: Sun 01 Feb 00:30–00:30, Janson",
            "retimed (1)",
            "  Small kernels: Sat 31 Jan 10:00–10:25 → Sat 31 Jan 10:05–10:30",
            "moved (1)",
            "  Small kernels: Janson → Aula",
            "retitled (1)",
            "  Tiny kernels → Small kernels",
            "speakers (1)",
            "  Small kernels: nobody → Ada, Grace",
            "chat rooms (1)",
            "  Small kernels: #kernel:example.org → none",
            "recording (1)",
            "  Small kernels: not to be recorded → may be recorded",
            f"warning (old): {WARNING}",
        ]

    def test_where_and_how_a_talk_takes_place(self, tmp_path: Path) -> None:
        old, new = tmp_path / "old.xml", tmp_path / "new.xml"
        moved = [{**CHAT[0], "url": "https://matrix.to/#/#main_k:example.org"}]
        jitsi = [{"title": "Jitsi", "url": "https://meet.example.org/secret-name"}]
        before = talk(links=CHAT, track="Main", type="lecture", language="en")
        watch = [{"title": "Recording", "url": "https://example.org/a.webm"}]
        links = moved + jitsi + watch
        after = talk(links=links, track="Main K", language="de", recording={"optout": True})
        old.write_bytes(frab("xml", [before], {"time_zone_name": "Europe/Brussels"}))
        new.write_bytes(frab("xml", [after], {"time_zone_name": "Europe/Brussels"}))
        assert output("diff", old, new).splitlines() == [
            "chat rooms (1)",
            "  Tiny kernels: #kernel:example.org → #main_k:example.org",
            "meetings (1)",
            "  Tiny kernels",
            "tracks (1)",
            "  Tiny kernels: Main → Main K",
            "kinds (1)",
            "  Tiny kernels: lecture → none",
            "languages (1)",
            "  Tiny kernels: en → de",
            "recording (1)",
            "  Tiny kernels: may be recorded → not to be recorded",
            "recordings, subtitles, slides (1)",
            "  Tiny kernels: none → recording",
        ]
        for said in (("check", new), ("check", new, "--json"), ("diff", old, new, "--json")):
            assert "secret-name" not in output(*said), "it is the way into the broadcast"
        found = json.loads(output("diff", old, new, "--json"))
        one = [{"guid": "g1", "title": "Tiny kernels"}]
        assert {key for key, changes in found.items() if changes == one} == {
            "chat_rooms",
            "meetings",
            "tracks",
            "kinds",
            "languages",
            "recording",
            "media",
        }

    def test_new_ids(self, tmp_path: Path) -> None:
        """As where guids are introduced; with one that is new, and one that is gone."""
        old, new = tmp_path / "old.xml", tmp_path / "new.xml"
        zone = {"time_zone_name": "Europe/Brussels"}
        events = [
            talk(guid=None, id=str(n), title=f"Talk {n}", date=f"2026-01-31T1{n}:00:00+01:00")
            for n in range(6)
        ]
        given = [{**event, "guid": f"guid-{event['id']}"} for event in events]
        old.write_bytes(frab("xml", events, zone))
        new.write_bytes(frab("xml", given, zone))
        assert output("diff", old, new).splitlines() == [
            "ids changed; 6 of 6 talks recognised by title and place",
            "Nothing else changed.",
        ]
        found = json.loads(output("diff", old, new, "--json"))
        assert [key for key, changes in found.items() if changes] == ["ids"]
        assert found["ids"][0] == {"guid": "guid-0", "was": "id:0", "title": "Talk 0"}
        events[5] = talk(guid=None, id="9", title="Omega", date="2026-01-31T19:00:00+01:00")
        old.write_bytes(frab("xml", events, zone))
        found = json.loads(output("diff", old, new, "--json"))
        assert found["added"] == [{"guid": "guid-5", "title": "Talk 5"}]
        assert found["removed"] == [{"guid": "id:9", "title": "Omega"}]
        first, *_ = output("diff", old, new).splitlines()
        assert first == "ids changed; 5 of 6 talks recognised by title and place"

    def test_nothing_changed(self, small: Path) -> None:
        assert output("diff", small, small) == f"Nothing changed.\nwarning (both): {WARNING}\n"
        found = json.loads(output("diff", small, small, "--json"))
        assert [key for key, changes in found.items() if changes] == ["warnings"]

    def test_a_warning_of_the_new_one(self, small: Path, changed: Path) -> None:
        assert output("diff", changed, small).endswith(f"\nwarning (new): {WARNING}\n")

    @pytest.mark.parametrize(
        ("duration", "shown"),
        [
            ("13:59", "Sat 31 Jan 10:00–23:59"),
            ("15:00", "Sat 31 Jan 10:00–01:00"),
            ("23:59", "Sat 31 Jan 10:00–09:59"),
            ("24:00", "Sat 31 Jan 10:00–Sun 01 Feb 10:00"),
            ("2:04:30", "Sat 31 Jan 10:00–Mon 02 Feb 14:30"),
        ],
    )
    def test_the_end_of_what_is_longer_than_a_day_has_its_date(
        self, tmp_path: Path, changed: Path, duration: str, shown: str
    ) -> None:
        path = tmp_path / "long.xml"
        event = talk(guid="g9", title="Hack centre", room="Hall", duration=duration)
        path.write_bytes(frab("xml", [event, talk()], {"time_zone_name": "Europe/Brussels"}))
        assert f"  Hack centre: {shown}, Hall" in output("diff", changed, path).splitlines()

    def test_one_of_them_cannot_be_read(self, small: Path, tmp_path: Path) -> None:
        assert str(tmp_path / "missing") in refusal("diff", small, tmp_path / "missing")

    def test_the_zone_counts_for_both(self, tmp_path: Path) -> None:
        path = tmp_path / "local.xml"
        path.write_bytes(frab("xml", [talk(date=None)]))
        assert output("diff", path, path, "--zone", "Asia/Tokyo") == "Nothing changed.\n"


class TestRealSchedules:
    def test_all_are_checked_as_expected(self, real_schedules: Path) -> None:
        with (real_schedules / "EXPECTED.tsv").open(encoding="utf-8") as file:
            for row in csv.DictReader(file, delimiter="\t"):
                source = real_schedules / row["file"]
                if row["format"] == "refuse":
                    assert "read" in refusal("check", source)
                elif row["talks"] != "-":
                    found = json.loads(
                        output("check", source, "--zone", "Europe/Brussels", "--json")
                    )
                    assert (found["format"], str(found["entries"]), str(found["rooms"])) == (
                        row["format"],
                        row["talks"],
                        row["rooms with talks"],
                    )

    def test_fosdem_2026(self, real_schedules: Path) -> None:
        folder = real_schedules
        found = json.loads(output("check", folder / "fosdem-2026-r4-20260202.xml", "--json"))
        assert found == {
            "format": "xml",
            "entries": 1079,
            "talks": 1078,
            "rooms": 37,
            "days": 2,
            "time_zone": "Europe/Brussels",
            "first": "2026-01-31T08:30:00Z",
            "last": "2026-02-01T16:50:00Z",
            "with_chat_room": 995,
            "chat_rooms": 69,
            "recording_optouts": 0,
            "with_recording": 337,
            "with_subtitles": 310,
            "with_slides": 408,
            "warnings": [],
        }

    def test_the_command_is_light(self, real_schedules: Path) -> None:
        """Without maubot, the database or the web, and within 150 MB."""
        program = (
            "import json, re, sys\n"
            "from pathlib import Path\n"
            "from fosdembot.cli import main\n"
            "main(sys.argv[1:], standalone_mode=False)\n"
            "heavy = {'maubot', 'mautrix', 'sqlalchemy', 'aiohttp'} & set(sys.modules)\n"
            # Not getrusage: its peak counts the parent's memory before the exec.
            "status = Path('/proc/self/status').read_text()\n"
            "peak = int(re.search(r'VmHWM:\\s+(\\d+) kB', status)[1])\n"
            "print(json.dumps([sorted(heavy), peak]), file=sys.stderr)\n"
        )
        source = str(real_schedules / "fosdem-2026-r4-20260202.xml")
        done = subprocess.run(
            [sys.executable, "-c", program, "schedule", "check", source],
            capture_output=True,
            check=True,
            text=True,
            cwd=Path(__file__).parents[2],
            env={**os.environ, "PYTHONPATH": ""},
        )
        heavy, kilobytes = json.loads(done.stderr)
        assert heavy == []
        assert kilobytes < 150_000
        assert "1079, of which 1078 are talks" in done.stdout
