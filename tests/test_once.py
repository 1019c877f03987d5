"""What is made once for all workers of a run."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from .once import once


def test_it_is_made_once_and_all_get_it(tmp_path: Path) -> None:
    made = []

    def make(folder: Path) -> Path:
        made.append(folder)
        (folder / "it").write_text("whole")
        return folder / "it"

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: once(tmp_path / "new", make).read_text(), range(20)))
    assert found == ["whole"] * 20
    assert made == [tmp_path / "new"]


def test_if_it_cannot_be_made_each_hears_why(tmp_path: Path) -> None:
    def make(_: Path) -> Path:
        raise ValueError("no such version")

    for _ in range(2):
        with pytest.raises(ValueError, match="no such version"):
            once(tmp_path / "new", make)
