"""Files are called by ids that anybody may have chosen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fosdembot.talks.file_name import LONGEST, file_name


def test_plain_ids_stay_as_they_are() -> None:
    assert file_name("5b0a1f7e-1111-4222-8333-444455556666") == (
        "5b0a1f7e-1111-4222-8333-444455556666"
    )


def test_no_two_are_the_same() -> None:
    guids = ["a/b", "a:b", "a.b", "A-b", "a-b", "../../etc/passwd", "", "CON", "x" * 100, "x" * 101]
    assert len({file_name(guid) for guid in guids}) == len(guids)


@pytest.mark.parametrize("guid", ["con", "prn", "aux", "nul", "com1", "lpt9", "CON"])
def test_no_name_is_one_of_windows_devices(guid: str) -> None:
    """Nobody could copy or unpack such a folder there."""
    assert file_name(guid) == f"{guid.lower()}-{file_name(guid)[-12:]}"


@given(st.text())
def test_they_are_fit_for_every_system(guid: str) -> None:
    name = file_name(guid)
    assert 0 < len(name) <= LONGEST
    assert all(c.isascii() and (c.isdigit() or c.islower() or c == "-") for c in name)
    assert not name.startswith("-")
