"""No entry of a calendar is lost without a word, however it is written."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from icalendar.parser import Contentline

from fosdembot.schedule.ical_text import Property
from fosdembot.schedule.model import Schedule, ScheduleError
from tests.quick import cases

from .samples import BRUSSELS, read_all, read_one

HEAD = "BEGIN:VCALENDAR\nVERSION:2.0\n"
END = "END:VCALENDAR\n"


def event(name: str, begin: str = "BEGIN:VEVENT", end: str = "END:VEVENT", more: str = "") -> str:
    lines = [
        begin,
        f"UID:{name}@example.org",
        f"DTSTART:20260509T{8 + len(name):02}0000Z",
        "DURATION:PT30M",
        more,
        f"SUMMARY:Talk {name}",
        f"LOCATION:Hall {name}",
        end,
    ]
    return "".join(f"{line}\n" for line in lines if line)


def read_text(text: str) -> Schedule:
    return read_all(text.replace("\n", "\r\n").encode(), BRUSSELS)


ALARM = "BEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT15M\nDESCRIPTION:Soon"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(event("a", begin="NoneBEGIN:VEVENT"), id="junk before the beginning"),
        pytest.param(event("a", begin="<br />BEGIN:VEVENT"), id="a tag before the beginning"),
        pytest.param(event("a", begin="\ufeffBEGIN:VEVENT"), id="a mark before the beginning"),
        pytest.param(
            event("a", begin="Warning: x in y on line 3 BEGIN:VEVENT"), id="a warning before it"
        ),
        pytest.param(event("a", begin="BEGIN:VEVENTNone"), id="junk after the beginning"),
        pytest.param(event("a", begin="BEGIN:VEVENTX-TOOL:1"), id="no line break after it"),
        pytest.param(event("a", begin=""), id="no beginning"),
        pytest.param(event("a", begin="BEGIN VEVENT"), id="a beginning without a colon"),
        pytest.param(event("a", end="END:VEVENTNone"), id="junk after the end"),
        pytest.param(event("a", end="NoneEND:VEVENT"), id="junk before the end"),
        pytest.param(event("a", end="END:VEVENT;X"), id="more junk after the end"),
        pytest.param(event("a", end="<b>END</b>:VEVENT"), id="an end that is none"),
        pytest.param(event("a", end=""), id="no end"),
        pytest.param(event("a", end="END:VEVENT\nEND:VEVENT") + "END:VTODO\n", id="ends too many"),
        pytest.param("BEGIN:VTODO\nSUMMARY:x\n" + event("a"), id="within what has no end"),
        pytest.param(event("a", more=ALARM + "\nEND:VALARM\nEND:VALARM"), id="an end too many"),
        pytest.param(event("a", more="END:VALARM"), id="the end of what has no beginning"),
        pytest.param("END:VCALENDAR\n" + event("a") + HEAD, id="outside of the calendar"),
        pytest.param(END + "\nsome words\n" + HEAD + event("a"), id="in another calendar"),
        pytest.param(HEAD + event("a"), id="in a calendar that begins twice"),
        pytest.param(event("a").replace("\n", "\n\n"), id="empty lines"),
        pytest.param(
            event("a").lower().replace("talk", "Talk").replace("hall", "Hall"), id="small"
        ),
    ],
)
@pytest.mark.parametrize("place", range(3))
def test_it_is_read_with_all_it_has(text: str, place: int) -> None:
    parts = [event("bb"), event("ccc")]
    parts.insert(place, text)
    schedule = read_text(HEAD + "".join(parts) + END)
    assert [entry.title for entry in schedule.entries] == ["Talk a", "Talk bb", "Talk ccc"]
    assert [entry.room for entry in schedule.entries] == ["Hall a", "Hall bb", "Hall ccc"]
    assert {entry.duration.total_seconds() for entry in schedule.entries} == {1800}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            event("a", begin="NoneBEGIN:VEVENT"),
            "entries with a broken BEGIN:VEVENT or END:VEVENT: 1;",
        ),
        (event("a", begin=""), "entries with a broken BEGIN:VEVENT or END:VEVENT: 1;"),
        (event("a", end=""), "entries with a broken BEGIN:VEVENT or END:VEVENT: 1;"),
        (event("a", end="NoneEND:VEVENT"), "entries with a broken BEGIN:VEVENT or END:VEVENT: 1;"),
        (event("a", end="END:VEVENTNone"), "entries with a broken BEGIN:VEVENT or END:VEVENT: 1;"),
        (END + event("a") + HEAD, "entries outside of BEGIN:VCALENDAR and END:VCALENDAR: 1;"),
        ("SUMMARY:Half of one\nEND:VEVENT\n", "left out 'Half of one': it has no start"),
        ("BEGIN:VEVNT\nSUMMARY:x\nEND:VEVENT\n", "END:VEVENT without a beginning: 1;"),
        (event("a", begin="BEGIN:VEVENT\nBEGIN:VALARM"), "left out '': it has no start"),
        (event("a", more=ALARM), "entries with a broken BEGIN:VEVENT or END:VEVENT: 1;"),
    ],
)
def test_and_it_is_told(text: str, told: str) -> None:
    schedule = read_text(HEAD + text + event("bb") + END)
    assert schedule.entries[-1].title == "Talk bb"
    assert any(warning.startswith(told) for warning in schedule.warnings), schedule.warnings


def test_entries_are_read_where_lines_are_set_in() -> None:
    body = event("a") + event("bb", more="CLASS:PUBLIC")
    within = "".join(f"  {line}\n" for line in f"VERSION:2.0\n{body}".splitlines())
    deeper = within.replace("  UID", "\tUID").replace("  DT", "    DT").replace("  SUM", "   SUM")
    for text in (within, deeper):
        schedule = read_text(f"BEGIN:VCALENDAR\n{text}{END}")
        assert [entry.title for entry in schedule.entries] == ["Talk a", "Talk bb"]
    one = event("a").replace("BEGIN", " BEGIN").replace("END", " END") + event("bb")
    assert [entry.title for entry in read_text(HEAD + one + END).entries] == ["Talk a", "Talk bb"]


def test_words_about_events_are_not_events() -> None:
    more = "DESCRIPTION:How to write BEGIN:VEVENT\nCOMMENT:and END:VEVENT"
    schedule = read_text(f"{HEAD}X-WR-CALDESC:not BEGIN:VEVENT\n{event('a', more=more)}{END}")
    assert [entry.title for entry in schedule.entries] == ["Talk a"]
    assert schedule.warnings == ()


def test_the_calendar_has_an_id_and_an_address_of_its_own() -> None:
    head = "UID:calendar\nURL:https://example.org\n"
    (entry,) = read_text(HEAD + head + event("a", begin="") + END).entries
    assert (entry.id, entry.url) == ("a@example.org", "https://example.org")


@pytest.mark.parametrize(
    "before", ["None", "\n\nNone\n", "<br />\n<b>Warning</b>: x.php on line 3<br />\n", "// a\r\n"]
)
def test_junk_before_the_calendar(before: str) -> None:
    assert read_text(f"{before}{HEAD}{event('a')}{END}").entries[0].title == "Talk a"


@pytest.mark.parametrize("text", [event("a")[:-12], event("a"), event("a") + END + HEAD])
def test_what_breaks_off_is_refused(text: str) -> None:
    with pytest.raises(ScheduleError, match="breaks off"):
        read_text(HEAD + text)


def test_lines_are_read_as_by_the_library() -> None:
    """Most of them are read without it, because it takes long."""
    rng, parts = random.Random(1), 0
    inside = ["", "a", "É", " ", "\t", "/", "_", "-", "2C", "%2C", ":", ";", "=", ",", '"', "\\n"]
    for _ in range(cases(2000)):
        head = rng.choice(["DTSTART", "X-A", ";X-B=", ";VALUE=DATE", ";X-C=a/b_c-1"])
        line = "SUMMARY" + ";X-B=" * (head == "X-A") + head * (head[0] in "X;")
        line += "".join(rng.choices(inside, k=2)) + ":" + "".join(rng.choices(inside, k=3))
        try:
            _, params, value = Contentline(line).parts()  # type: ignore[no-untyped-call]
        except ValueError:
            continue
        found = Property(line)
        listed = {k: [v] if isinstance(v, str) else v for k, v in params.items()}
        assert (found.value, found.params) == (value, {k: ",".join(v) for k, v in listed.items()})
        parts += 1
    assert parts > cases(2000) // 3


class TestFolds:
    TITLE = "Bøger og både på åen, 漢字 and 👩‍🚀"

    @pytest.mark.parametrize("break_", ["\r\n", "\n", "\r", "\r\r\n", "\n\n"])
    @pytest.mark.parametrize("blank", [" ", "\t"])
    def test_after_any_byte(self, break_: str, blank: str) -> None:
        text = f"{HEAD}{event('a')}{END}".replace("Talk a", self.TITLE).replace("\n", break_)
        data, line = text.encode(), f"SUMMARY:{self.TITLE}".encode()
        for at in range(1, len(line)):
            folded = line[:at] + (break_ + blank).encode() + line[at:]
            assert read_one(data.replace(line, folded)).title == self.TITLE

    def test_each_byte_on_a_line_of_its_own(self) -> None:
        line = f"SUMMARY:{self.TITLE}".encode()
        folded = b"\r\n ".join(line[at : at + 1] for at in range(len(line)))
        data = f"{HEAD}{event('a')}{END}".replace("SUMMARY:Talk a", "@").encode()
        assert read_one(data.replace(b"@", folded, 2).replace(folded, b"@", 1)).title == self.TITLE

    def test_in_utf_16(self) -> None:
        text = f"{HEAD}{event('a')}{END}".replace("Talk a", "Bø\r\n\tger")
        assert read_one(text.encode("utf-16")).title == "Bøger"


@pytest.mark.parametrize(
    "text",
    [
        "BEGIN:X\n" * 50_000 + event("a"),
        "BEGIN:VEVENT\n" * 2_000 + "END:VEVENT\n" * 50_000,
        "BEGIN:X\n" * 20_000 + "BEGIN:VEVENT\nSUMMARY:x\n" * 3_000,
        "BEGIN:X\n" * 20_000 + "END:Y\n" * 20_000 + "BEGIN:Y\nEND:X\n" * 20_000,
        ("BEGIN:VTIMEZONE\nTZID:x\n" + "BEGIN:STANDARD\n" * 50) * 1_000,
        "x" * 100_000 + "BEGIN:VEVENT\n" + "x BEGIN:" * 20_000 + "VEVENT\n",
        "BEGIN:VCALENDAR\nX-WR-TIMEZONE:x\n" * 20_000,
        "END:VEVENT " * 100_000,
        ("BEGIN:VEVENT\nDTSTART" + ";TZID=a;A=b" * 80 + "\nEND:VEVENT\n") * 500,
        "BEGIN:VEVENT\nDTSTART:20260509T080000Z\nRDATE" + ";TZID=a;A=b" * 40_000 + "\nEND:VEVENT",
    ],
)
def test_any_depth_and_length_costs_little(text: str, cpu_seconds: Callable[[], float]) -> None:
    read_text(f"{HEAD}{text}\nEND:VEVENT\n{event('bb')}{END}")
    assert cpu_seconds() < 5
