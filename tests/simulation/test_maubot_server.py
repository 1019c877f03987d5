"""The archive of `make build`; what becomes of it in a maubot server is tested in tests/e2e."""

from __future__ import annotations

import zipfile
from pathlib import Path

from simulation.maubot_server import build_plugin

ROOT = Path(__file__).parents[2]


def test_the_archive_holds_what_runs_and_nothing_else(tmp_path: Path) -> None:
    with zipfile.ZipFile(build_plugin(tmp_path)) as archive:
        names = archive.namelist()
    packed = [path for path in (ROOT / "fosdembot").rglob("*") if path.is_file()]
    packed += (ROOT / "migrations").glob("*.*")
    packed += (ROOT / "migrations" / "versions").glob("*.py")
    expected = {str(path.relative_to(ROOT)) for path in packed if "__pycache__" not in path.parts}
    assert sorted(names) == sorted(expected | {"maubot.yaml", "base-config.yaml", "LICENSE"})
