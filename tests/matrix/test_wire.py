"""What is read without a copy is what a copy would hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fosdembot.matrix.wire import DEEPEST, UNKNOWN, read_json

PIECES = st.sampled_from(
    ["a", "👍", "\\ud83d", "\\uDE4c", "\\ude00", "\\ud83d\\ude00", "\\u0000", "\\u00e9", "\\n",
     "\\\\", "\\\\ud83d", "\\\"", "\\u005c", "\udcff"]
)  # fmt: skip
NUMBERS = st.sampled_from(
    ["0", "-1", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
     "1" * 30, "1.5", "1e999", "-1e999", "NaN", "-Infinity", "null", "true"]
)  # fmt: skip
VALUES = st.lists(PIECES, max_size=6).map(lambda parts: f'"{"".join(parts)}"') | NUMBERS


@given(st.lists(VALUES, min_size=1, max_size=4), st.integers(DEEPEST - 4, DEEPEST + 2))
def test_the_short_way_is_no_other(values: list[str], depth: int) -> None:
    inner = f"{{{values[0] if values[0][0] == chr(34) else chr(34) * 2}: [{', '.join(values)}]}}"
    nested = "[" * depth + inner + "]" * depth
    for value in (inner, nested, "[" * depth + "]" * depth):
        raw = f'{{"value": {value}}}'.encode("utf-8", "surrogateescape")
        # A character that is not to be kept somewhere else makes that everything is copied.
        long_way = read_json(raw[:-1] + b', "other": "\\u0000"}')
        assert long_way is not None
        assert long_way.pop("other") == UNKNOWN
        assert read_json(raw) == long_way


@pytest.mark.parametrize(
    "text", ["\\ud83d", "\\ude00", "\\ud83d\\ud83d\\ude00", "\\ud83d\\ude00\\ude00"]
)
def test_half_a_pair_is_not_kept(text: str) -> None:
    read = read_json(f'{{"text": "{text}"}}'.encode())
    assert read is not None
    assert UNKNOWN in read["text"]
    read["text"].encode()
