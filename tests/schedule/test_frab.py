"""The rules that XML and JSON share: times, identity's source, rooms, opt-outs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fosdembot.schedule.model import MediaLink, ScheduleError
from fosdembot.schedule.times import LONGEST
from fosdembot.settings import ScheduleSettings

from .samples import BRUSSELS, frab, read_all, read_one, talk

pytestmark = pytest.mark.parametrize("kind", ["xml", "json"])

DAY_CHANGE = {"day_change": "09:00:00"}


def start_of(
    kind: str,
    *,
    conference: Mapping[str, str] | None = None,
    day: Mapping[str, str] | None = None,
    settings: ScheduleSettings = BRUSSELS,
    **event: Any,
) -> str:
    """The only entry's start, in UTC."""
    entry = read_one(frab(kind, [talk(**event)], conference, day), settings)
    return f"{entry.start:%m-%dT%H:%M}"


def test_all_fields(kind: str) -> None:
    entry = read_one(
        frab(
            kind,
            [
                talk(
                    subtitle="How small?",
                    slug="tiny",
                    url="https://example.org/tiny",
                    track="Kernel",
                    type="lecture",
                    language="en",
                    persons=["Ada L.", "Grace H.", "Ada L."],
                    recording={"optout": True},
                    links=[
                        {"title": "Chat room (app)", "url": "https://matrix.to/#/#k:example.org"},
                        {"title": "Hallway chat room", "url": "https://matrix.to/#/!h:example.org"},
                        {"title": "Jitsi", "url": "https://meet.example.org/k"},
                    ],
                )
            ],
        )
    )
    assert (entry.guid, entry.id, entry.title) == ("g1", "1", "Tiny kernels")
    assert (entry.subtitle, entry.slug, entry.track) == ("How small?", "tiny", "Kernel")
    assert (entry.kind, entry.language, entry.room) == ("lecture", "en", "Janson")
    assert entry.url == "https://example.org/tiny"
    assert entry.persons == ("Ada L.", "Grace H.")
    assert (entry.chat_room, entry.hallway) == ("#k:example.org", "!h:example.org")
    assert entry.meeting == "https://meet.example.org/k"
    assert entry.recording_optout
    assert entry.start == datetime(2026, 1, 31, 9, 0, tzinfo=UTC)
    assert entry.duration == timedelta(minutes=25)


def test_what_there_is_to_watch_and_to_read(kind: str) -> None:
    base = "https://video.example.org"
    recording = {"title": "Video recording (MP4) - 1.1 GB", "url": f"{base}/a.mp4"}
    subtitles = {"title": "Video recording subtitle file (VTT)", "url": f"{base}/a.vtt"}
    slides = {"type": "slides", "title": "final.pdf", "url": f"{base}/a.pdf"}
    nameless = {"type": "slides", "title": "", "url": f"{base}/b.pdf"}
    plain = {"type": "slides", "title": "Presentation slides", "url": f"{base}/d.pdf"}
    paper = {"type": "related", "title": "Paper", "url": f"{base}/c.pdf"}
    event = talk(
        links=[recording, subtitles],
        attachments=[slides, nameless, plain, paper],
        video_download_url=f"{base}/a.webm",
    )
    entry = read_one(frab(kind, [event]))
    assert entry.recordings == (
        MediaLink("Video recording (MP4) - 1.1 GB", f"{base}/a.mp4"),
        MediaLink("Recording", f"{base}/a.webm"),
    )
    assert entry.subtitles == (MediaLink("Video recording subtitle file (VTT)", f"{base}/a.vtt"),)
    assert entry.slides == (
        MediaLink("Slides: final.pdf", f"{base}/a.pdf"),
        MediaLink("Slides", f"{base}/b.pdf"),
        MediaLink("Presentation slides", f"{base}/d.pdf"),
    )


def test_a_recording_link_that_is_no_address_is_told(kind: str) -> None:
    event = talk(links=[{"title": "Video recording", "url": "coming soon"}])
    schedule = read_all(frab(kind, [event]), BRUSSELS)
    assert schedule.entries[0].recordings == ()
    assert schedule.warnings == (
        "1 of 1 entries with a recording link that is no http(s) address, first: 'Tiny kernels'",
    )


def test_title_and_zone_of_the_conference(kind: str) -> None:
    schedule = read_all(frab(kind, [talk()], {"time_zone_name": "Europe/Brussels"}))
    assert (schedule.format, schedule.title) == (kind, "SmallConf")
    assert (schedule.time_zone, schedule.utc_offset) == ("Europe/Brussels", None)


def test_the_enclosing_room_counts_where_the_event_names_none(kind: str) -> None:
    assert read_one(frab(kind, [talk(room=None)])).room == "Hall"


@pytest.mark.parametrize("optout", [{"do_not_record": "true"}, {"recording": {"optout": True}}])
def test_recording_optout(kind: str, optout: dict[str, Any]) -> None:
    assert read_one(frab(kind, [talk(**optout)])).recording_optout
    assert not read_one(frab(kind, [talk(recording={"optout": False})])).recording_optout


class TestStart:
    def test_a_date_with_an_offset_wins(self, kind: str) -> None:
        event = talk(date="2026-01-31T10:00:00-05:00", start="23:00")
        schedule = read_all(frab(kind, [event], DAY_CHANGE), BRUSSELS)
        assert schedule.entries[0].start == datetime(2026, 1, 31, 15, 0, tzinfo=UTC)
        assert len(schedule.warnings) == 1, "the two contradict each other"

    def test_a_date_in_utc_beside_a_local_start(self, kind: str) -> None:
        event: Any = {"date": "2026-01-31T04:30:00+00:00", "start": "10:00"}
        day, conference = {"date": "2026-01-30"}, {"time_zone_name": "Asia/Kolkata"}
        settings = ScheduleSettings()
        utc = start_of(kind, conference=conference, day=day, settings=settings, **event)
        assert utc == "01-31T04:30"

    def test_a_date_without_offset_is_local(self, kind: str) -> None:
        assert start_of(kind, date="2026-01-31T10:00:00", conference=DAY_CHANGE) == "01-31T09:00"

    def test_day_and_start_in_the_schedules_zone(self, kind: str) -> None:
        conference = {"time_zone_name": "Asia/Tokyo"}
        settings = ScheduleSettings()
        assert start_of(kind, date=None, conference=conference, settings=settings) == "01-31T01:00"

    def test_day_and_start_in_the_configured_zone(self, kind: str) -> None:
        assert start_of(kind, date=None) == "01-31T09:00"

    def test_day_and_start_with_the_days_own_offset(self, kind: str) -> None:
        day = {"start": "2026-01-31T09:00:00+02:00", "end": "2026-02-01T04:00:00+02:00"}
        settings = ScheduleSettings()
        assert start_of(kind, date=None, day=day, settings=settings) == "01-31T08:00"

    def test_without_a_zone_it_is_refused(self, kind: str) -> None:
        with pytest.raises(ScheduleError, match=r"time zone: set schedule\.zone"):
            read_all(frab(kind, [talk(date=None)]))

    def test_a_plain_date_says_the_day(self, kind: str) -> None:
        assert (
            start_of(kind, date="2026-02-01", start="01:00", conference=DAY_CHANGE) == "02-01T00:00"
        )

    def test_a_start_may_hold_everything(self, kind: str) -> None:
        assert start_of(kind, date=None, start="2026-01-31T10:00:00+02:00") == "01-31T08:00"

    @pytest.mark.parametrize(
        ("start", "utc"),
        [("08:59", "02-01T07:59"), ("09:00", "01-31T08:00"), ("00:30", "01-31T23:30")],
    )
    def test_before_the_day_change_it_is_the_next_day(
        self, kind: str, start: str, utc: str
    ) -> None:
        assert start_of(kind, date=None, start=start, conference=DAY_CHANGE) == utc

    def test_before_the_days_start_it_is_the_next_day(self, kind: str) -> None:
        day = {"start": "2026-01-31T11:00:00+01:00"}
        assert start_of(kind, date=None, start="01:30", day=day) == "02-01T00:30"
        assert start_of(kind, date=None, start="11:00", day=day) == "01-31T10:00"

    @pytest.mark.parametrize(
        ("start", "utc"),
        [("10:30", "01-31T09:30"), ("01:30", "02-01T00:30"), ("06:30", "02-01T05:30")],
    )
    def test_where_the_days_end_is_known_the_nearer_day_counts(
        self, kind: str, start: str, utc: str
    ) -> None:
        day = {"start": "2026-01-31T11:00:00+01:00", "end": "2026-02-01T06:00:00+01:00"}
        assert start_of(kind, date=None, start=start, day=day) == utc

    def test_a_days_start_in_utc_is_compared_in_local_time(self, kind: str) -> None:
        day = {"start": "2026-01-31T09:30:00+00:00", "end": "2026-02-01T05:00:00+00:00"}
        assert start_of(kind, date=None, start="10:30", day=day) == "01-31T09:30"

    def test_a_days_start_alone_in_utc_is_compared_in_local_time(self, kind: str) -> None:
        day = {"start": "2026-01-31T08:30:00+00:00"}
        assert start_of(kind, date=None, start="09:15", day=day) == "02-01T08:15"
        assert start_of(kind, date=None, start="09:30", day=day) == "01-31T08:30"

    def test_a_day_longer_than_a_day_is_the_first(self, kind: str) -> None:
        day = {"start": "2026-01-31T00:00:00+01:00", "end": "2026-02-03T00:00:00+01:00"}
        assert start_of(kind, date=None, day=day) == "01-31T09:00"

    def test_a_day_that_ends_before_it_starts_has_a_start_alone(self, kind: str) -> None:
        day = {"start": "2026-01-31T11:00:00+01:00", "end": "2026-01-31T11:00:00+01:00"}
        assert start_of(kind, date=None, day=day) == "02-01T09:00"

    def test_hours_beyond_24_are_the_next_day(self, kind: str) -> None:
        assert start_of(kind, date=None, start="24:30", conference=DAY_CHANGE) == "01-31T23:30"

    @pytest.mark.parametrize("change", ["noon", "24:00"])
    def test_a_day_change_that_is_none_is_told(self, kind: str, change: str) -> None:
        schedule = read_all(frab(kind, [talk(date=None)], {"day_change": change}), BRUSSELS)
        assert schedule.warnings == (f"day_change is not a time of day: '{change}'",)
        assert schedule.entries[0].start == datetime(2026, 1, 31, 9, 0, tzinfo=UTC)


class TestZones:
    def test_a_configured_zone_overrules_where_it_is_told_to(self, kind: str) -> None:
        settings = ScheduleSettings(zone="Europe/Brussels", zone_overrides=True)
        conference = {"time_zone_name": "UTC"}
        document = frab(kind, [talk(date="2026-01-31T10:00:00+00:00")], conference)
        schedule = read_all(document, settings)
        assert schedule.entries[0].start.hour == 9
        assert schedule.time_zone == "Europe/Brussels"

    def test_then_the_start_is_the_wall_time(self, kind: str) -> None:
        settings = ScheduleSettings(zone="Asia/Kolkata", zone_overrides=True)
        evening: Any = {"date": "2026-01-31T19:30:00+00:00", "start": "01:00"}
        assert start_of(kind, settings=settings, **evening) == "01-31T19:30"

    def test_else_it_only_fills_in_and_says_so(self, kind: str) -> None:
        event = talk(date="2026-01-31T10:00:00+09:00")
        schedule = read_all(frab(kind, [event], {"time_zone_name": "Asia/Tokyo"}), BRUSSELS)
        assert schedule.time_zone == "Asia/Tokyo"
        (warning,) = schedule.warnings
        assert "Asia/Tokyo" in warning
        assert "zone_overrides: true" in warning

    def test_a_zone_that_is_a_tools_default_is_not_worth_a_word(self, kind: str) -> None:
        schedule = read_all(frab(kind, [talk()], {"time_zone_name": "UTC"}), BRUSSELS)
        assert (schedule.time_zone, schedule.warnings) == ("Europe/Brussels", ())

    def test_an_unknown_zone_is_told(self, kind: str) -> None:
        schedule = read_all(frab(kind, [talk()], {"time_zone_name": "Mars/Phobos"}))
        assert schedule.time_zone is None
        assert schedule.warnings == (
            "the schedule names the time zone 'Mars/Phobos', which is not known",
        )

    def test_an_unknown_zone_is_named_where_it_is_needed(self, kind: str) -> None:
        document = frab(kind, [talk(date=None)], {"time_zone_name": "Mars/Phobos"})
        why = r"names the time zone 'Mars/Phobos', which is not known: set schedule\.zone"
        with pytest.raises(ScheduleError, match=why):
            read_all(document)
        assert read_all(document, BRUSSELS).time_zone == "Europe/Brussels"

    def test_with_offsets_alone_the_first_is_kept_for_showing(self, kind: str) -> None:
        later = talk(guid="g2", date="2026-03-31T10:00:00+02:00")
        schedule = read_all(frab(kind, [later, talk()]))
        assert schedule.time_zone is None
        assert schedule.utc_offset == timedelta(hours=1)
        assert f"{schedule.entries[0].start.astimezone(schedule.tz):%H:%M}" == "10:00"

    def test_a_talk_over_the_spring_change_keeps_its_length(self, kind: str) -> None:
        night = talk(date=None, start="01:30", duration="02:00")
        entry = read_one(frab(kind, [night], day={"date": "2026-03-29"}), BRUSSELS)
        assert entry.start == datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
        assert entry.end == datetime(2026, 3, 29, 2, 30, tzinfo=UTC)

    def test_a_talk_over_midnight(self, kind: str) -> None:
        night = talk(date=None, start="23:30", duration="01:30")
        entry = read_one(frab(kind, [night], DAY_CHANGE), BRUSSELS)
        assert entry.end == datetime(2026, 2, 1, 0, 0, tzinfo=UTC)


class TestOddEntries:
    def test_without_guid_the_id_counts(self, kind: str) -> None:
        assert read_one(frab(kind, [talk(guid=None)])).guid == "id:1"
        assert read_one(frab(kind, [talk(guid="", id=0)])).guid == "id:0"

    def test_escaped_twice_it_is_told_as_it_was_meant(self, kind: str) -> None:
        # As XML it is escaped once more, and read once.
        entry = read_one(
            frab(kind, [talk(title="R&amp;D", room="Q&amp;A", persons=["A &amp; B", "C & D"])])
        )
        assert (entry.title, entry.room, entry.persons) == ("R&D", "Q&A", ("A & B", "C & D"))

    def test_without_a_title(self, kind: str) -> None:
        assert read_one(frab(kind, [talk(title=None)])).title == "Untitled"

    @pytest.mark.parametrize("duration", [None, "soon", "00:00"])
    def test_without_a_duration_it_stays_and_is_told(self, kind: str, duration: str | None) -> None:
        schedule = read_all(frab(kind, [talk(duration=duration), talk(guid="g2", title="B")]))
        assert [entry.duration for entry in schedule.entries] == [
            timedelta(),
            timedelta(minutes=25),
        ]
        assert schedule.warnings == (
            "1 of 2 entries without a readable duration, first: 'Tiny kernels'",
        )

    def test_an_unbelievable_duration_is_still_long(self, kind: str) -> None:
        assert read_one(frab(kind, [talk(duration="9999:00")])).duration == LONGEST

    @pytest.mark.parametrize(
        ("field", "why"),
        [
            ({"date": None, "start": None}, "it has no start"),
            ({"date": "soon"}, "its date reads 'soon'"),
            ({"date": "2026-02-30T10:00:00Z"}, "there is no '2026-02-30T10:00:00Z'"),
            ({"date": None, "start": "noon"}, "its start reads 'noon'"),
        ],
    )
    def test_one_bad_entry_is_left_out_and_named(
        self, kind: str, field: dict[str, Any], why: str
    ) -> None:
        bad = (
            talk(guid="g2", id="2", title="Bad\x1b one", **field)
            if kind == "json"
            else (talk(guid="g2", id="2", title="Bad one", **field))
        )
        schedule = read_all(frab(kind, [talk(), bad]), BRUSSELS)
        assert [entry.guid for entry in schedule.entries] == ["g1"]
        assert schedule.warnings == (f"left out 'Bad one' (id 2): {why}",)

    def test_a_day_without_a_date(self, kind: str) -> None:
        document = frab(kind, [talk(), talk(guid="g2", date=None)], day={"date": ""})
        assert read_all(document, BRUSSELS).warnings == (
            "left out 'Tiny kernels' (id 1): it stands under a day without a date",
        )

    def test_all_bad_is_refused(self, kind: str) -> None:
        with pytest.raises(ScheduleError, match=r"1 entries, none of which can be read; left out"):
            read_all(frab(kind, [talk(date="soon")]))

    def test_warnings_are_bounded(self, kind: str) -> None:
        bad = [talk(guid=f"b{number}", date="soon") for number in range(100)]
        schedule = read_all(frab(kind, [talk(), *bad]))
        assert len(schedule.warnings) == 21
        assert schedule.warnings[-1] == "and 80 more like these"

    def test_no_entries_at_all(self, kind: str) -> None:
        schedule = read_all(frab(kind, []))
        assert schedule.entries == ()
        assert schedule.warnings == ("the schedule has no entries",)

    def test_strings_and_lists_are_bounded(self, kind: str) -> None:
        huge = "x" * 100_000
        event = talk(
            title=huge, room=huge, track=huge, guid=huge, persons=[huge, *map(str, range(200))]
        )
        entry = read_one(frab(kind, [event]))
        assert len(entry.title) == 500
        assert {len(text) for text in (entry.room, entry.track, entry.guid, entry.persons[0])} == {
            200
        }
        assert len(entry.persons) == 50

    def test_a_chat_room_link_that_leads_nowhere_is_told(self, kind: str) -> None:
        event = talk(links=[{"title": "Chat room", "url": "irc://example.org/x"}])
        (warning,) = read_all(frab(kind, [event])).warnings
        assert "with a chat room link that leads to no Matrix room" in warning
        assert "first: 'Tiny kernels'" in warning

    def test_too_many_entries_are_refused(self, kind: str) -> None:
        with pytest.raises(ScheduleError, match="more than 20,000 entries"):
            read_all(frab(kind, [{"id": 1}] * 20_001))
