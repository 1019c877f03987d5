"""Whatever the bytes: a sound schedule, or the reader's own error."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fosdembot.schedule.assemble import LONGEST_TITLE, MOST_WARNINGS
from fosdembot.schedule.model import Schedule, ScheduleError
from fosdembot.schedule.read import read
from fosdembot.schedule.text import clean
from fosdembot.schedule.times import LONGEST
from fosdembot.settings import ScheduleSettings
from tests.quick import cases

from .samples import BRUSSELS, frab, ical, talk

OVERRIDING = ScheduleSettings(zone="America/St_Johns", zone_overrides=True)
ALL_SETTINGS = [ScheduleSettings(), BRUSSELS, OVERRIDING]

# Bytes that matter to one of the formats, and values that matter to all.
TOKENS = [
    b"<", b">", b"&", b"</event>", b"<event>", b"<day>", b"&#0;", b"&#x110000;", b"<!DOCTYPE a [",
    b"<!ENTITY a 'a'>", b"<![CDATA[", b"]]>", b"\x00", b"\x06", b"\xff\xfe", b"\xed\xa0\x80", b'"',
    b"{", b"}", b"[", b"]", b"null", b"true", b"NaN", b"-1", b"1e999", b'"\\ud800"', b"\\u202e",
    b"9" * 400, b"0000-00-00", b"9999-12-31T23:59:59-23:59", b"0001-01-01T00:00:00+23:59",
    b"99:99", b"24:00", b"+99:99", b"BEGIN:VEVENT\r\n", b"END:VEVENT\r\n", b"END:VCALENDAR\r\n",
    b"\r\n ", b";TZID=Mars/Phobos", b"RRULE:FREQ=SECONDLY\r\n", b":", b";", b"Z", b"T", b",", b"/",
    b"END:VTIMEZONE\r\n", b"BEGIN:STANDARD\r\n", b"END:VALARM\r\n", b"BEGIN:VCALENDAR\r\n",
    b"RDATE:20260201T090000Z,", b"EXDATE:", b"RECURRENCE-ID:", b";VALUE=DATE", b"=0", b"=-1",
    b"FREQ=MINUTELY", b";BYMONTH=2;BYMONTHDAY=30", b";COUNT=100000", b";UNTIL=", b"\xc3", b"+9999",
    b"STATUS:CANCELLED\r\n", b"SEQUENCE:1\r\n", b";RANGE=THISANDFUTURE", b"00010101T000000",
]  # fmt: skip


def try_to_read(data: bytes, settings: ScheduleSettings) -> bool:
    """Read; a schedule must be sound, an error one line that came from no crash."""
    try:
        schedule = read(data, settings)
    except ScheduleError as err:
        refusal = err
    else:
        assert_sound(schedule)
        return True
    assert refusal.__cause__ is None, "caught at the last resort alone"
    assert str(refusal)
    assert clean(str(refusal), 1000) == str(refusal)
    return False


def assert_sound(schedule: Schedule) -> None:
    keys = [(entry.start, entry.room, entry.guid) for entry in schedule.entries]
    assert keys == sorted(keys)
    assert len({entry.guid for entry in schedule.entries} - {""}) == len(keys)
    assert len(schedule.warnings) <= MOST_WARNINGS + 1
    for warning in schedule.warnings:
        assert clean(warning, LONGEST_TITLE) == warning
    for entry in schedule.entries:
        assert entry.start.tzinfo is UTC
        assert timedelta() <= entry.duration <= LONGEST
        assert entry.end.astimezone(schedule.tz) == entry.end
        texts = [entry.guid, entry.id, entry.title, entry.room, entry.track, *entry.persons]
        links = (entry.chat_room, entry.hallway, entry.meeting)
        for text in (*texts, *(link or "" for link in links)):
            assert clean(text, LONGEST_TITLE) == text
        assert entry.title


def mutated(data: bytes, rng: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.randint(1, 8)):
        at = rng.randrange(len(changed) + 1)
        length = rng.choice([1, 1, 4, 40, 400, len(data)])
        action = rng.randrange(6)
        if action == 0:
            changed[at : at + 1] = bytes([rng.randrange(256)])
        elif action == 1:
            del changed[at : at + length]
        elif action == 2:
            changed[at:at] = changed[at : at + length]
        elif action == 3:
            other = rng.randrange(len(changed) + 1)
            changed[at : at + length] = changed[other : other + length]
        else:
            changed[at : at + rng.choice([0, 1, 8])] = rng.choice(TOKENS)
        if len(changed) > 2 * len(data) or not changed:
            changed = bytearray(data)
    return bytes(changed)


SAMPLES = {
    "xml": frab("xml", [talk(), talk(guid="g2", date=None, persons=["Ada"])]),
    "json": frab("json", [talk(), talk(guid="g2", date=None, persons=[{"name": "Ada"}])]),
    "ical": ical(
        "UID:1\nSUMMARY:T\nDTSTART;TZID=Europe/Paris:20260131T090000\nDURATION:PT30M",
        "UID:1\nSUMMARY;X=1:U\\, V\nLOCATION: Hall\nDTSTART:20260131T100000Z\nDURATION:PT1H",
        head="X-WR-TIMEZONE:Asia/Tokyo\n",
    ),
    "ical that repeats": ical(
        "UID:1\nSUMMARY:T\nDTSTART;TZID=Own:20260131T090000\nDURATION:PT30M\n"
        "RRULE:FREQ=DAILY;COUNT=3\nEXDATE;TZID=Own:20260201T090000\nRDATE:20260205T080000Z",
        "UID:1\nSUMMARY:U\nDTSTART:20260202T100000Z\nRECURRENCE-ID:20260202T080000Z\nSEQUENCE:2",
        "UID:2\nSUMMARY:V\nDTSTART;TZID=Own:20260131T100000\nRRULE:FREQ=WEEKLY;BYDAY=SA,SU\n"
        "BEGIN:VALARM\nTRIGGER:-PT15M\nEND:VALARM\nDTEND;TZID=Own:20260131T103000",
        head="BEGIN:VTIMEZONE\nTZID:Own\nBEGIN:STANDARD\nDTSTART:16010101T030000\n"
        "TZOFFSETFROM:+0200\nTZOFFSETTO:+0100\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\n"
        "END:STANDARD\nBEGIN:DAYLIGHT\nDTSTART:16010101T020000\nTZOFFSETFROM:+0100\n"
        "TZOFFSETTO:+0200\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\nEND:DAYLIGHT\n"
        "END:VTIMEZONE\n",
    ),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_mutated_samples(name: str) -> None:
    rng = random.Random(name)
    for number in range(cases(700 if name == "ical that repeats" else 1500)):
        try_to_read(mutated(SAMPLES[name], rng), ALL_SETTINGS[number % 3])


@pytest.mark.parametrize(
    ("name", "times"),
    [
        ("good2025-schedule.xml", 60),
        ("good2025-schedule.json", 200),
        ("good2025-schedule.ics", 60),
        ("klimacamp2015.xml", 60),
        ("klimacamp2015.json", 200),
        ("klimacamp2015.ics", 60),
        ("moca24.ics", 60),
        ("fosdem-2012.xml", 20),
        ("39c3-everything.json", 20),
        ("39c3-everything.xml", 8),
        ("fosdem-2026-r4-20260202.xml", 8),
        ("refuse-schedule2-hub-example.json", 60),
    ],
)
def test_mutated_real_schedules(real_schedules: Path, name: str, times: int) -> None:
    data, rng = (real_schedules / name).read_bytes(), random.Random(name)
    for number in range(times):
        try_to_read(mutated(data, rng), ALL_SETTINGS[number % 3])


@pytest.mark.parametrize(
    "recode",
    [
        lambda text: text.encode("utf-16"),
        lambda text: text.encode("utf-16-be"),
        lambda text: text.encode("utf-32"),
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.encode("cp037"),
        lambda text: text[::-1].encode(),
        lambda text: text.upper().encode(),
        lambda text: text.encode() * 2,
    ],
)
@pytest.mark.parametrize("name", SAMPLES)
def test_other_encodings_and_orders(name: str, recode: Callable[[str], bytes]) -> None:
    try_to_read(recode(SAMPLES[name].decode()), BRUSSELS)


@pytest.mark.parametrize("name", SAMPLES)
def test_every_prefix_is_refused_or_whole(name: str) -> None:
    whole = read(SAMPLES[name], BRUSSELS)
    for length in range(len(SAMPLES[name])):
        if try_to_read(SAMPLES[name][:length], BRUSSELS):
            assert read(SAMPLES[name][:length], BRUSSELS) == whole


@settings(max_examples=cases(200))
@given(
    st.binary(max_size=200), st.sampled_from([b"", b"<", b"{", b"BEGIN:VCALENDAR\n", b"\xff\xfe"])
)
def test_any_bytes(data: bytes, start: bytes) -> None:
    try_to_read(start + data, BRUSSELS)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=10)
    | st.sampled_from([token.decode(errors="replace") for token in TOKENS]),
    lambda children: (
        st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=5), children, max_size=3)
    ),
    max_leaves=5,
)
FIELDS = [*talk(), "persons", "links", "recording", "do_not_record", "track", "url", "slug"]


@settings(max_examples=cases(300))
@given(
    st.lists(st.dictionaries(st.sampled_from(FIELDS), json_values, max_size=6), max_size=4),
    st.dictionaries(
        st.sampled_from(["title", "time_zone_name", "day_change", "rooms"]), json_values
    ),
    st.dictionaries(st.sampled_from(["date", "start", "end"]), json_values),
    st.sampled_from(ALL_SETTINGS),
)
def test_any_values_in_json(
    events: list[dict[str, object]],
    conference: dict[str, object],
    day: dict[str, object],
    settings: ScheduleSettings,
) -> None:
    document = frab("json", [talk() | event for event in events], conference, day)
    try_to_read(document, settings)
