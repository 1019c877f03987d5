"""Time zones of calendars: by the rules that they define, and by names of every kind."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from icalendar import Timezone

from fosdembot.schedule.ical_zones import zone_by_name
from fosdembot.schedule.model import Schedule, ScheduleError
from fosdembot.settings import ScheduleSettings

from .samples import BRUSSELS, ical, read_all

CENTRAL_EUROPE = """
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
"""
WINTER_ALONE = """
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:+0100
TZOFFSETTO:+0100
END:STANDARD
"""
TOKYO = "BEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETTO:+0900\nEND:STANDARD\n"
SYDNEY = """
BEGIN:STANDARD
DTSTART:20080406T030000
TZOFFSETFROM:+1100
TZOFFSETTO:+1000
RRULE:FREQ=YEARLY;BYMONTH=4;BYDAY=1SU
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:20081005T020000
TZOFFSETFROM:+1000
TZOFFSETTO:+1100
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=1SU
END:DAYLIGHT
"""


def zone(tzid: str, rules: str) -> str:
    return f"BEGIN:VTIMEZONE\nTZID:{tzid}\n{rules.strip()}\nEND:VTIMEZONE\n"


def event(start: str, uid: str = "u1") -> str:
    return f"UID:{uid}\nSUMMARY:T\nDTSTART{start}\nDURATION:PT30M"


def read_start(
    start: str, head: str = "", settings: ScheduleSettings | None = None
) -> tuple[str, Schedule]:
    schedule = read_all(ical(event(start), head=head), settings)
    (entry,) = schedule.entries
    return f"{entry.start:%m-%dT%H:%M}", schedule


OUTLOOK = "(UTC+01:00) Amsterdam, Berlin, Bern, Rom, Stockholm, Wien"


@pytest.mark.parametrize(
    ("defined", "used"),
    [
        (OUTLOOK, f'"{OUTLOOK}"'),
        (OUTLOOK, OUTLOOK),
        (OUTLOOK.replace(",", "\\,"), f'"{OUTLOOK}"'),
        ("Western/Central Europe", "Western/Central Europe"),
        ("Customized Time Zone", "customized  time zone"),
        ('"Mitteleuropäische Zeit"', "Mitteleuropäische Zeit"),
        ("W. Europe Standard Time 1", "W. Europe Standard Time 1"),
        ("tzone://Microsoft/Custom", "tzone://Microsoft/Custom"),
        ("Own; \\'zone\\'", "\"Own; 'zone'\""),
        ("GMT -0500", "GMT -0500"),
        ("Pacific Standard Time", "Pacific Standard Time"),
        ("America/New_York", "America/New_York"),
        ("UTC", "UTC"),
    ],
)
@pytest.mark.parametrize("declared", ["", "X-WR-TIMEZONE:America/New_York\n"])
def test_rules_count_whatever_the_name(defined: str, used: str, declared: str) -> None:
    head = declared + zone(defined, CENTRAL_EUROPE)
    for settings in (None, ScheduleSettings(zone="Asia/Tokyo")):
        assert read_start(f";TZID={used}:20260509T100000", head, settings)[0] == "05-09T08:00"
        assert read_start(f";TZID={used}:20261209T100000", head, settings)[0] == "12-09T09:00"


@pytest.mark.parametrize("more", ["", ";VALUE=DATE-TIME", ";X-A=b;VALUE=DATE-TIME"])
@pytest.mark.parametrize("before", ["", ";VALUE=DATE-TIME"])
def test_a_colon_in_a_name_without_quotes(before: str, more: str) -> None:
    start = f"{before};TZID={OUTLOOK}{more}:20260509T100000"
    assert read_start(start, zone(OUTLOOK, CENTRAL_EUROPE))[0] == "05-09T08:00"


def test_people_read_the_times_as_they_stand_there() -> None:
    head = "X-WR-TIMEZONE:America/New_York\n" + zone("Own", CENTRAL_EUROPE)
    schedule = read_start(";TZID=Own:20260509T100000", head)[1]
    assert schedule.entries[0].start.astimezone(schedule.tz).hour == 10
    assert schedule.warnings == ()
    # One that is like no zone that we know.
    odd = TOKYO.replace("+0900", "+0917")
    schedule = read_start(";TZID=Own:20260509T100000", zone("Own", odd))[1]
    assert (schedule.time_zone, schedule.utc_offset) == (None, timedelta(hours=9, minutes=17))
    assert f"{schedule.entries[0].start:%H:%M}" == "00:43"


def test_the_definition_may_come_last_and_from_another_calendar_of_the_file() -> None:
    calendar = ical(event(";TZID=Own:20260509T100000")).decode()
    other = ical(head=zone("Own", CENTRAL_EUROPE)).decode()
    after = calendar.replace("END:VCALENDAR", zone("Own", CENTRAL_EUROPE) + "END:VCALENDAR")
    for text in (after, calendar + other, other + calendar):
        assert f"{read_all(text.encode()).entries[0].start:%H}" == "08"


def test_each_calendar_of_a_file_has_its_own_zones() -> None:
    heads = [zone("Own", CENTRAL_EUROPE), zone("Own", SYDNEY), "X-WR-TIMEZONE:Asia/Tokyo\n"]
    starts = [";TZID=Own:20260509T100000", ";TZID=Own:20260509T100000", ":20260509T100000"]
    calendars = [
        ical(event(start, uid=start[-20:] + str(number)), head=head)
        for number, (start, head) in enumerate(zip(starts, heads, strict=True))
    ]
    hours = {entry.start.hour for entry in read_all(b"".join(calendars)).entries}
    assert hours == {8, 0, 1}


class TestKnownNames:
    def test_half_a_definition_of_a_known_zone(self) -> None:
        head = zone("Europe/Brussels", WINTER_ALONE)
        told, schedule = read_start(";TZID=Europe/Brussels:20260709T100000", head)
        assert told == "07-09T08:00"
        assert (
            "otherwise than the zone of that name is; the known zone counts"
            in (schedule.warnings[0])
        )
        told, schedule = read_start(";TZID=Europe/Brussels:20260109T100000", head)
        assert (told, schedule.warnings) == ("01-09T09:00", ())

    def test_last_years_definition_of_a_known_zone(self) -> None:
        rules = CENTRAL_EUROPE.replace("RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10\n", "")
        rules = rules.replace("RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3\n", "")
        rules = rules.replace("16010101T03", "20251026T03").replace("16010101T02", "20250330T02")
        head = zone("Europe/Brussels", rules)
        assert read_start(";TZID=Europe/Brussels:20260709T100000", head)[0] == "07-09T08:00"

    def test_another_definition_of_a_known_zone(self) -> None:
        told, schedule = read_start(
            ";TZID=Eastern Standard Time:20260509T100000", zone("Eastern Standard Time", SYDNEY)
        )
        assert told == "05-09T00:00"
        assert "its rules count" in schedule.warnings[0]
        assert read_start(";TZID=Europe/London:20260509T100000", zone("Europe/London", TOKYO))[
            0
        ] == ("05-09T01:00")

    @pytest.mark.parametrize("tzid", ["Europe/Brussels", "Romance Standard Time"])
    @pytest.mark.parametrize("rules", ["", "BEGIN:STANDARD\nEND:STANDARD\n", "BEGIN:STANDARD\n"])
    def test_no_definition_at_all(self, tzid: str, rules: str) -> None:
        assert read_start(f";TZID={tzid}:20260709T100000", zone(tzid, rules))[0] == "07-09T08:00"


@pytest.mark.parametrize(
    ("tzid", "hour"),
    [
        ("Europe/Brussels", 8),
        ("europe/brussels", 8),
        ("/citadel.org/20210210_1/Europe/Brussels", 8),
        ("/freeassociation.sourceforge.net/America/Argentina/Buenos_Aires", 13),
        ("Romance Standard Time", 8),
        ("ROMANCE STANDARD TIME", 8),
        (OUTLOOK, 8),
        ("(UTC+05:30) Chennai, Kolkata, Mumbai, New Delhi", 4),
        ("(UTC) Dublin, Edinburgh, Lisbon, London", 9),
        ("(GMT-05:00) New York", 14),
        ("UTC+02:00", 8),
        ("GMT-0500", 15),
        ("+05:30", 4),
        ("tzone://Microsoft/Utc", 10),
    ],
)
def test_a_name_that_no_calendar_defines(tzid: str, hour: int) -> None:
    start = datetime(2026, 7, 9, 10, tzinfo=zone_by_name(tzid))
    assert start.astimezone(UTC).hour == hour
    quoted = f'"{tzid}"' if "," in tzid else tzid
    assert read_start(f";TZID={quoted}:20260709T100000")[
        0
    ] == f"07-09T{hour:02}:{start.minute:02}" or (tzid.endswith("Delhi") or tzid == "+05:30")


class TestUnknownNames:
    """They take no other entry's zone in silence."""

    def test_alone_they_are_refused_by_name(self) -> None:
        with pytest.raises(
            ScheduleError, match=r"zone 'Mars/Phobos', which is not known: set sche"
        ):
            read_start(";TZID=Mars/Phobos:20260509T100000")
        with pytest.raises(ScheduleError, match=r"set schedule\.zone"):
            read_all(ical(event(";TZID=Mars:20260509T100000"), event(":20260509T100000Z", "u2")))

    def test_the_configured_zone_comes_first(self) -> None:
        schedule = read_all(
            ical(
                event(";TZID=Mars:20260509T100000"), event(";TZID=Asia/Tokyo:20260509T100000", "2")
            ),
            BRUSSELS,
        )
        assert {entry.guid: entry.start.hour for entry in schedule.entries} == {"u1": 8, "2": 1}
        assert "the time zone 'Mars' is not known, 1 times; read in Europe/Brussels" in (
            schedule.warnings
        )

    def test_that_of_the_calendar_is_told(self) -> None:
        head = "X-WR-TIMEZONE:Mars/Phobos\n"
        with pytest.raises(ScheduleError, match="names the time zone 'Mars/Phobos', which is not"):
            read_start(":20260509T100000", head)
        told, schedule = read_start(":20260509T100000", head, BRUSSELS)
        assert told == "05-09T08:00"
        assert schedule.warnings == (
            "the calendar names the time zone 'Mars/Phobos', which is not known",
        )

    @pytest.mark.parametrize("other", ["", "X-WR-TIMEZONE:Asia/Tokyo\n"])
    def test_that_of_the_calendar_or_of_the_others_is_told(self, other: str) -> None:
        entries = [event(";TZID=Asia/Tokyo:20260509T100000", str(n)) for n in range(3)]
        schedule = read_all(ical(event(";TZID=Mars:20260509T100000"), *entries, head=other))
        assert {entry.start.hour for entry in schedule.entries} == {1}
        (warning,) = schedule.warnings
        assert warning.startswith("the time zone 'Mars' is not known, 1 times; read in Asia/Tokyo;")


@pytest.mark.parametrize(
    "rules",
    [
        "BEGIN:STANDARD\nDTSTART:00010101T000000\nTZOFFSETTO:+01\nRRULE:FREQ=SECONDLY\nEND:STANDARD",
        CENTRAL_EUROPE.replace("FREQ=YEARLY", "FREQ=SECONDLY"),
        CENTRAL_EUROPE.replace("FREQ=YEARLY", "FREQ=DAILY"),
        CENTRAL_EUROPE.replace("BYDAY=-1SU", "BYMONTHDAY=31;BYYEARDAY=1"),
        CENTRAL_EUROPE.replace("INTERVAL=1", "INTERVAL=0"),
        CENTRAL_EUROPE.replace("+0100", "+9999"),
        CENTRAL_EUROPE.replace("+0100", "one"),
        CENTRAL_EUROPE.replace("1601", "0000"),
        CENTRAL_EUROPE.replace("DTSTART", "X-START"),
        CENTRAL_EUROPE * 1000,
    ],
)
def test_absurd_rules_are_not_used(rules: str, cpu_seconds: Callable[[], float]) -> None:
    told, schedule = read_start(";TZID=Own:20260509T100000", zone("Own", rules), BRUSSELS)
    assert cpu_seconds() < 5
    assert told == "05-09T08:00"
    assert schedule.warnings == (
        "the time zone 'Own' is not known, 1 times; read in Europe/Brussels",
    )


def test_hundreds_of_zones_over_hundreds_of_years_cost_little(
    cpu_seconds: Callable[[], float],
) -> None:
    heads = "".join(zone(f"Z{number}", CENTRAL_EUROPE * 10) for number in range(300))
    events = [
        event(f";TZID=Z{number % 400}:{1970 + number % 230}0509T100000", str(number))
        for number in range(2000)
    ]
    schedule = read_all(ical(*events, head=heads), BRUSSELS)
    assert cpu_seconds() < 20
    assert len(schedule.entries) == 2000


NAMES = [
    "Europe/Berlin", "Europe/London", "Europe/Dublin", "America/New_York", "America/St_Johns",
    "Australia/Sydney", "Australia/Lord_Howe", "Asia/Kolkata", "Asia/Tehran",
    "America/Sao_Paulo", "Pacific/Auckland", "Asia/Tokyo", "America/Havana", "Asia/Gaza", "UTC",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_defined_by_another_program_they_are_as_the_system_has_them(name: str) -> None:
    rng = random.Random(name)
    defined = Timezone.from_tzid(name, first_date=date(2019, 1, 1), last_date=date(2029, 1, 1))
    head = defined.to_ical().decode().replace(f"TZID:{name}", "TZID:Own").replace("\r\n", "\n")
    walls = [
        datetime(2020, 1, 1, tzinfo=ZoneInfo(name)) + timedelta(minutes=15 * rng.randrange(280_000))
        for _ in range(150)
    ]
    events = [event(f";TZID=Own:{w:%Y%m%dT%H%M%S}", f"{w:%Y%m%dT%H%M}") for w in walls]
    read = {e.guid[:13]: e.start for e in read_all(ical(*events, head=head)).entries}
    assert read == {f"{wall:%Y%m%dT%H%M}": wall.astimezone(UTC) for wall in walls}
