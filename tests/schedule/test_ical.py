"""iCalendar, as tools and people write it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from fosdembot.schedule.model import MediaLink, ScheduleError
from fosdembot.settings import ScheduleSettings

from .samples import BRUSSELS, ical, read_all, read_one

NO_ZONE = ScheduleSettings()
WHEN = "DTSTART:20260131T090000Z\nDTEND:20260131T092500Z"


def event(*lines: str, uid: str = "u1") -> str:
    return "\n".join([f"UID:{uid}", "SUMMARY:Tiny kernels", *lines])


def start_of(*lines: str, head: str = "", settings: ScheduleSettings | None = None) -> str:
    return f"{read_one(ical(event(*lines), head=head), settings).start:%m-%dT%H:%M}"


def test_all_fields() -> None:
    entry = read_one(
        ical(
            event(
                WHEN,
                "LOCATION: Hall\\, left",
                "URL:https://example.org/tiny;a\\,b",
                "CATEGORIES:Kernel\\, small,Other",
                'ATTENDEE;CN="Ada L.";ROLE=REQ-PARTICIPANT:invalid:nomail',
                "ATTENDEE;CN=Grace H.:mailto:g@example.org",
                "ATTENDEE;CN=x@example.org:mailto:x@example.org",
                "ATTENDEE:mailto:y@example.org",
            )
        )
    )
    assert (entry.guid, entry.id, entry.title) == ("u1", "u1", "Tiny kernels")
    assert (entry.room, entry.track) == ("Hall, left", "Kernel, small")
    assert entry.persons == ("Ada L.", "Grace H.")
    assert entry.start == datetime(2026, 1, 31, 9, 0, tzinfo=UTC)
    assert entry.duration == timedelta(minutes=25)


def test_folded_lines_bare_line_feeds_and_odd_parameters() -> None:
    text = (
        "BEGIN:VCALENDAR\nPRODID;X-TOOL=1:-//x//\nVTIMEZONE: Europe/Rome\nBEGIN:VEVENT\nUID:u1\n"
        "summary;CHARSET=UTF-8;ENCODING=8BIT:Ti\n\n\n ny\n  kernels\nLOCATION;;=:Hall\n"
        "DTSTART;VALUE=DATE-TIME:20260131T090000Z\nDTEND:20260131T092500Z\n\n\n"
        "END:VEVENT\nEND:VCALENDAR"
    )
    for document in (text, text.replace("\n", "\r"), "\ufeff\n" + text):
        entry = read_one(document.encode())
        assert (entry.title, entry.room) == ("Tiny kernels", "Hall")


def test_the_calendars_name_is_the_title() -> None:
    assert read_all(ical(event(WHEN), head="X-WR-CALNAME:Small\\, Conf\n")).title == "Small, Conf"


def test_parts_of_an_event_and_other_components_are_not_events() -> None:
    alarm = "BEGIN:VALARM\nSUMMARY:Alarm\nDURATION:PT9H\nEND:VALARM"
    todo = "BEGIN:VTODO\nUID:t\nDTSTART:20260131T090000Z\nEND:VTODO\n"
    entry = read_one(ical(f"{alarm}\n{event(WHEN)}", head=todo))
    assert (entry.title, entry.duration) == ("Tiny kernels", timedelta(minutes=25))


class TestZones:
    def test_utc_alone(self) -> None:
        assert read_all(ical(event(WHEN))).time_zone == "UTC"

    def test_utc_alone_is_shown_in_the_configured_zone(self) -> None:
        schedule = read_all(ical(event(WHEN)), BRUSSELS)
        assert (schedule.time_zone, schedule.entries[0].start.hour) == ("Europe/Brussels", 9)

    @pytest.mark.parametrize(
        "tzid",
        [
            "Europe/Brussels",
            '"Europe/Brussels"',
            "Romance Standard Time",
            "/citadel.org/20210210_1/Europe/Brussels",
        ],
    )
    def test_a_zone_by_any_name(self, tzid: str) -> None:
        lines = [f"DTSTART;TZID={tzid}:20260701T100000", "DURATION:PT1H"]
        assert start_of(*lines, settings=NO_ZONE) == "07-01T08:00"

    def test_the_zone_of_the_calendar(self) -> None:
        head = "X-WR-TIMEZONE:Asia/Tokyo\n"
        start = start_of("DTSTART:20260701T100000", "DURATION:PT1H", head=head, settings=NO_ZONE)
        assert start == "07-01T01:00"

    def test_the_zone_of_most_events_is_the_schedules(self) -> None:
        times = ["Asia/Tokyo", "Europe/Brussels", "Europe/Brussels"]
        events = [
            event(f"DTSTART;TZID={zone}:20260131T100000", "DURATION:PT1H", uid=str(number))
            for number, zone in enumerate(times)
        ]
        schedule = read_all(ical(*events))
        assert schedule.time_zone == "Europe/Brussels"
        assert [entry.start.hour for entry in schedule.entries] == [1, 9, 9]

    def test_the_one_zone_that_is_defined(self) -> None:
        head = "BEGIN:VTIMEZONE\nTZID:Europe/Brussels\nEND:VTIMEZONE\n"
        assert read_all(ical(event(WHEN), head=head)).time_zone == "Europe/Brussels"

    def test_floating_times_are_in_the_configured_zone(self) -> None:
        assert (
            start_of("DTSTART:20260131T100000", "DURATION:PT1H", settings=BRUSSELS) == "01-31T09:00"
        )

    def test_floating_times_without_a_zone_are_refused(self) -> None:
        with pytest.raises(ScheduleError, match=r"set schedule\.zone"):
            read_all(ical(event("DTSTART:20260131T100000"), event(WHEN, uid="u2")))

    def test_whole_days_without_a_zone_are_refused_too(self) -> None:
        with pytest.raises(ScheduleError, match=r"set schedule\.zone"):
            read_all(ical(event("DTSTART;VALUE=DATE:20260131")))

    def test_a_configured_zone_may_overrule(self) -> None:
        settings = ScheduleSettings(zone="Europe/Brussels", zone_overrides=True)
        assert start_of(WHEN, settings=settings) == "01-31T08:00"


class TestDuration:
    @pytest.mark.parametrize(
        ("lines", "minutes"),
        [
            (["DTSTART:20260131T230000Z", "DTEND:20260201T003000Z"], 90),
            (["DTSTART:20260131T090000Z", "DURATION:PT1H30M"], 90),
            (["DTSTART;VALUE=DATE:20260131", "DTEND;VALUE=DATE:20260202"], 2880),
            (["DTSTART;VALUE=DATE:20260131"], 1440),
            (["DTSTART:20260131T090000Z", "DTEND:20990131T090000Z"], 31 * 1440),
            # The clocks go forward in between.
            (
                [
                    "DTSTART;TZID=Europe/Brussels:20260329T013000",
                    "DTEND;TZID=Europe/Brussels:20260329T033000",
                ],
                60,
            ),
        ],
    )
    def test_by_end_or_length(self, lines: list[str], minutes: int) -> None:
        assert read_one(ical(event(*lines)), BRUSSELS).duration == timedelta(minutes=minutes)

    @pytest.mark.parametrize(
        "end",
        ["DTEND:20260131T080000Z", "DTEND:soon", "DURATION:long", "DURATION:P9999999999W", ""],
    )
    def test_none_that_makes_sense(self, end: str) -> None:
        lines = ["DTSTART:20260131T090000Z", *([end] if end else [])]
        schedule = read_all(ical(event(*lines)), BRUSSELS)
        assert schedule.entries[0].duration == timedelta()
        assert "without a readable duration" in schedule.warnings[0]


class TestChatRoom:
    def test_by_label(self) -> None:
        lines = [
            "CONFERENCE;VALUE=URI;LABEL=Stream:https://example.org/stream",
            "CONFERENCE;VALUE=URI;LABEL=Chat room:https://matrix.to/#/#a:example.org",
            "CONFERENCE;VALUE=URI;LABEL=Hallway chat room:matrix:r/b:example.org",
        ]
        entry = read_one(ical(event(WHEN, *lines)))
        assert (entry.chat_room, entry.hallway) == ("#a:example.org", "#b:example.org")

    def test_a_conference_labelled_jitsi_is_the_meeting(self) -> None:
        stream = "CONFERENCE;VALUE=URI;LABEL=Stream:https://example.org/stream"
        jitsi = "CONFERENCE;VALUE=URI;FEATURE=AUDIO,VIDEO;LABEL=Jitsi:https://meet.example.org/K"
        entry = read_one(ical(event(WHEN, stream, jitsi)))
        assert entry.meeting == "https://meet.example.org/k"
        assert entry.chat_room is None

    def test_by_feature(self) -> None:
        line = "CONFERENCE;VALUE=URI;FEATURE=CHAT,TEXT:https://matrix.to/#/#a:example.org"
        assert read_one(ical(event(WHEN, line))).chat_room == "#a:example.org"


def test_what_there_is_to_watch_and_to_read() -> None:
    lines = [
        "CONFERENCE;VALUE=URI;LABEL=Recording:https://video.example.org/a.mp4",
        "LINK;VALUE=URI;LABEL=Subtitles (VTT):https://video.example.org/a.vtt",
        "ATTACH;FMTTYPE=application/pdf;LABEL=Slides:https://example.org/a.pdf",
        "ATTACH;FMTTYPE=application/pdf:https://example.org/b.pdf",
    ]
    entry = read_one(ical(event(WHEN, *lines)))
    assert entry.recordings == (MediaLink("Recording", "https://video.example.org/a.mp4"),)
    assert entry.subtitles == (MediaLink("Subtitles (VTT)", "https://video.example.org/a.vtt"),)
    assert entry.slides == (MediaLink("Slides", "https://example.org/a.pdf"),)


class TestOddEntries:
    def test_cancelled_entries_are_left_out(self) -> None:
        schedule = read_all(ical(event(WHEN), event(WHEN, "STATUS:CANCELLED", uid="u2")), BRUSSELS)
        assert [entry.guid for entry in schedule.entries] == ["u1"]
        assert schedule.warnings == ("cancelled entries, left out: 1",)

    @pytest.mark.parametrize("start", ["", "DTSTART:soon", "DTSTART:20260231T100000Z", "DTSTART:"])
    def test_one_bad_entry_is_left_out_and_named(self, start: str) -> None:
        schedule = read_all(ical(event(WHEN), f"UID:u2\nSUMMARY:Bad one\n{start}"), BRUSSELS)
        assert [entry.guid for entry in schedule.entries] == ["u1"]
        assert schedule.warnings[0].startswith("left out 'Bad one': ")

    def test_bytes_that_are_no_utf8_are_replaced_and_told(self) -> None:
        schedule = read_all(ical(event(WHEN)).replace(b"Tiny", b"T\xfcny"), BRUSSELS)
        assert schedule.entries[0].title == "T\ufffdny kernels"
        assert schedule.warnings == ("some characters are no UTF-8, and are lost",)

    def test_utf_16(self) -> None:
        assert read_one(ical(event(WHEN)).decode().encode("utf-16")).title == "Tiny kernels"

    @pytest.mark.parametrize("keep", [60, 110, 130])
    def test_one_that_breaks_off_is_refused(self, keep: int) -> None:
        with pytest.raises(ScheduleError, match="breaks off"):
            read_all(ical(event(WHEN))[:keep])

    def test_too_many_entries_are_refused(self) -> None:
        with pytest.raises(ScheduleError, match="more than 20,000 entries"):
            read_all(ical(*["UID:1"] * 20_001))

    def test_depth_and_length_cost_little(self) -> None:
        deep = "BEGIN:X\n" * 100_000
        long = "DESCRIPTION:" + "x" * 5_000_000
        entry = read_one(
            ical(event(WHEN, long, "LOCATION:" + "y" * 5_000_000), head=deep + "END:X\n" * 100_000)
        )
        assert len(entry.room) == 200
