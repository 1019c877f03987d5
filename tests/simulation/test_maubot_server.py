"""The archive of `make build`; what becomes of it in a maubot server is tested in tests/e2e."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest
from maubot.lib import zipimport

from simulation.maubot_server import build_plugin, with_bytecode

ROOT = Path(__file__).parents[2]


def test_the_archive_holds_what_runs_and_nothing_else(tmp_path: Path) -> None:
    with zipfile.ZipFile(build_plugin(tmp_path)) as archive:
        names = archive.namelist()
    packed = [path for path in (ROOT / "fosdembot").rglob("*") if path.is_file()]
    packed += (ROOT / "migrations").glob("*.*")
    packed += (ROOT / "migrations" / "versions").glob("*.py")
    expected = {str(path.relative_to(ROOT)) for path in packed if "__pycache__" not in path.parts}
    assert sorted(names) == sorted(expected | {"maubot.yaml", "base-config.yaml", "LICENSE"})


def test_what_is_compiled_is_not_compiled_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with zipfile.ZipFile(tmp_path / "plugin.mbp", "w") as archive:
        archive.writestr("counted.py", "number = 5")
    untyped: Any = zipimport
    importer = untyped.zipimporter(str(with_bytecode(tmp_path / "plugin.mbp")))
    monkeypatch.setattr(zipimport, "_compile_source", None)
    assert importer.load_module("counted").number == 5
    assert importer.get_source("counted") == "number = 5"
