"""What only JSON has: its types, its shapes, and other dialects."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fosdembot.schedule.model import ScheduleError

from .samples import BRUSSELS, frab, read_all, read_one, talk


def document(events: list[Any], **conference: Any) -> bytes:
    days = [{"date": "2026-01-31", "rooms": {"Hall": events}}]
    return json.dumps({"schedule": {"conference": {"days": days, **conference}}}).encode()


def refusal(data: bytes) -> str:
    with pytest.raises(ScheduleError) as caught:
        read_all(data)
    assert str(caught.value).isprintable()
    assert "read is schedule.json" in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("persons", "names"),
    [
        (
            [{"id": 1, "public_name": "Ada"}, {"id": 2, "full_public_name": "Grace"}],
            ("Ada", "Grace"),
        ),
        ([{"name": "Ada", "public_name": ""}, {"id": 3}, "Grace", None, 7], ("Ada", "Grace", "7")),
        (None, ()),
        ({"1": "Ada"}, ()),
    ],
)
def test_persons(persons: object, names: tuple[str, ...]) -> None:
    assert read_one(frab("json", [talk(persons=persons or [])])).persons == (
        names if isinstance(persons, list) else ()
    )


def test_values_may_be_null_numbers_or_translations() -> None:
    event = talk(id=1526599157, subtitle=None, title={"de": "Kerne", "en": "Kernels"}, duration=30)
    entry = read_one(document([event | {"subtitle": None, "url": None, "track": None}]))
    assert (entry.id, entry.title, entry.subtitle) == ("1526599157", "Kernels", "")
    assert entry.duration.total_seconds() == 1800


def test_numbers_and_strings_are_the_same_id() -> None:
    schedule = read_all(document([talk(guid=None, id=12), talk(guid=None, id="12")]))
    assert [entry.guid for entry in schedule.entries] == ["id:12"]


def test_do_not_record() -> None:
    assert read_one(document([talk(do_not_record=True)])).recording_optout
    assert not read_one(document([talk(do_not_record=False)])).recording_optout


@pytest.mark.parametrize(
    ("feature", "optout"),
    [("recording_forbidden", True), ("RECORDING_FORBIDDEN", True), ("record_by_default", False)],
)
def test_a_room_that_forbids_recording(feature: str, optout: bool) -> None:
    rooms = [{"name": "Hall", "features": {"recording": feature}}, {"name": "Aula"}, None]
    in_hall, elsewhere = talk(room=None), talk(guid="g2", room="Aula")
    schedule = read_all(document([in_hall, elsewhere], rooms=rooms))
    assert {entry.room: entry.recording_optout for entry in schedule.entries} == {
        "Aula": False,
        "Hall": optout,
    }


def test_what_is_no_event_is_passed_over() -> None:
    data = document([talk(), talk(guid="g2", links=[1, {"title": None}], persons="Ada")])
    assert len(read_all(data).entries) == 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings(encoding: str) -> None:
    text = frab("json", [talk(title="Über")]).decode()
    assert read_one(text.encode(encoding)).title == "Über"


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b'{"schedule": {"events": [], "conference": {"acronym": "c"}}}', "schedule.events"),
        (
            b'{"schedule": {"conference": {"days": [{"date": "2026-01-31"}]}, "events": []}}',
            "events",
        ),
        (b'{"schedule": {"conference": {"days": {"1": {}}}}}', "schedule.conference.days"),
        (b'{"talks": []}', "found JSON with talks"),
        (b"[]", "found JSON that is no object"),
        (b"{}", "found JSON that is no object"),
        (b'{\n"a": 1\n"b": 2}', "mistake at line 3, column 1"),
        (b'{"a": "\xff"}', "cannot be read"),
        (b'{"a": ' + b"9" * 5000 + b"}", "cannot be read"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_other_documents_are_refused(data: bytes, found: str) -> None:
    assert found in refusal(data)


@pytest.mark.parametrize(
    "value", [None, True, 1, 1e999, float("nan"), "x", [], {}, [[]], [{}], {"a": [None]}]
)
@pytest.mark.parametrize("key", [*talk(), "persons", "links", "recording", "track", "url"])
def test_any_value_in_any_field_is_borne(key: str, value: object) -> None:
    schedule = read_all(document([talk(guid="good", id="2"), talk() | {key: value}]), BRUSSELS)
    assert len(schedule.entries) in (1, 2)


@pytest.mark.parametrize("value", [None, True, 1, "x", [1], {"a": 1}, [[1]]])
def test_any_value_in_place_of_a_list_or_object_is_borne(value: object) -> None:
    refusals = []
    for document in (
        {"schedule": value},
        {"schedule": {"conference": value}},
        {"schedule": {"conference": {"days": value}}},
        {"schedule": {"conference": {"days": [{"rooms": {}}, value]}}},
        {"schedule": {"conference": {"days": [{"rooms": value}], "rooms": value}}},
        {"schedule": {"conference": {"days": [{"rooms": {"Hall": value}}]}}},
    ):
        try:
            entries = read_all(json.dumps(document).encode()).entries
        except ScheduleError as err:
            entries = ()
            refusals.append(str(err))
        assert entries == ()
    assert all(refusal.startswith("found ") for refusal in refusals)
