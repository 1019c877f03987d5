"""The archive of `make build`; what becomes of it in a maubot server is tested in tests/e2e."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from maubot.lib import zipimport

from simulation.maubot_server import build_plugin, with_bytecode

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_plugin(tmp_path_factory.mktemp("dist"))


def test_the_archive_holds_what_runs_and_nothing_else(built: Path) -> None:
    with zipfile.ZipFile(built) as archive:
        names = archive.namelist()
    packed = [path for path in (ROOT / "fosdembot").rglob("*") if path.is_file()]
    packed += (ROOT / "migrations").glob("*.*")
    packed += (ROOT / "migrations" / "versions").glob("*.py")
    expected = {str(path.relative_to(ROOT)) for path in packed if "__pycache__" not in path.parts}
    assert sorted(names) == sorted(expected | {"maubot.yaml", "base-config.yaml", "LICENSE"})


def test_pages_find_their_templates_in_the_archive(built: Path) -> None:
    """As maubot imports a plugin; the package that is installed here is not to be seen."""
    program = """if True:
        import sys
        from maubot.lib.zipimport import zipimporter
        zipimporter(sys.argv[1]).load_module("fosdembot")
        from fosdembot.transcripts import page_frame
        assert sys.argv[1] in page_frame.__file__
        for name in sys.argv[2:]:
            assert page_frame.source(f"templates/{name}")
    """
    names = [path.name for path in (ROOT / "fosdembot/transcripts/templates").glob("*.html")]
    assert names
    subprocess.run([sys.executable, "-c", program, str(built), *names], check=True)


def test_what_is_compiled_is_not_compiled_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "compiled").mkdir()
    with zipfile.ZipFile(tmp_path / "plugin.mbp", "w") as archive:
        archive.writestr("counted.py", "number = 5")
    untyped: Any = zipimport
    importer = untyped.zipimporter(
        str(with_bytecode(tmp_path / "plugin.mbp", tmp_path / "compiled"))
    )
    monkeypatch.setattr(zipimport, "_compile_source", None)
    assert importer.load_module("counted").number == 5
    assert importer.get_source("counted") == "number = 5"
