"""The format is told by the content, and everything else is refused in one line."""

from __future__ import annotations

import gzip

import pytest

from fosdembot.schedule import read as module
from fosdembot.schedule.model import ScheduleError
from fosdembot.schedule.read import read
from fosdembot.settings import ScheduleSettings

from .samples import frab, ical, read_all, talk

EVENT = "UID:1\nSUMMARY:T\nDTSTART:20260131T090000Z\nDURATION:PT30M"


@pytest.mark.parametrize(
    ("data", "format_"),
    [
        (frab("xml", [talk()]), "xml"),
        (frab("json", [talk()]), "json"),
        (ical(EVENT), "ical"),
        (b" \r\n" + ical(EVENT).replace(b"BEGIN:VCALENDAR", b"Begin:vCalendar"), "ical"),
        (b"<!-- made by hand -->\n" + frab("xml", [talk()]).partition(b"?>")[2], "xml"),
        (b"\n\t" + frab("json", [talk()]), "json"),
    ],
)
def test_the_content_tells_the_format(data: bytes, format_: str) -> None:
    assert read_all(data).format == format_


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"", "nothing: it is empty"),
        (b" \n ", "nothing: it is empty"),
        (b"<!DOCTYPE html><html><body>Log in</body></html>", "a web page"),
        (b"\n<HTML>", "a web page"),
        (gzip.compress(b"<schedule/>", mtime=0), "compressed data (gzip)"),
        (b"PK\x03\x04", "compressed data (zip)"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "binary data"),
        (b"Title;Start\nT;\x1b[31m10:00", "text that starts with 'Title;Start T;[31m10:00'"),
        (b"VERSION:2.0\nBEGIN:VEVENT", "text that starts with 'VERSION:2.0 BEGIN:VEVENT'"),
    ],
)
def test_anything_else_is_refused_with_what_was_found_and_what_is_read(
    data: bytes, found: str
) -> None:
    with pytest.raises(ScheduleError) as caught:
        read_all(data)
    assert str(caught.value) == (
        f"found {found}; read are frab's XML, schedule.json and iCalendar"
        if "web page" not in found
        else "found a web page (HTML); read are frab's XML, schedule.json and iCalendar"
    )


def test_a_reader_that_fails_in_a_new_way_is_still_a_schedule_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(_data: bytes, _settings: ScheduleSettings) -> None:
        raise KeyError("new\nway")

    monkeypatch.setattr(module, "read_json", broken)
    with pytest.raises(ScheduleError, match=r"cannot be read \(KeyError: 'new\\nway'\)") as caught:
        read(b"{}", ScheduleSettings())
    assert isinstance(caught.value.__cause__, KeyError)
