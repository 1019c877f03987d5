"""In CI a test that is skipped has failed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
FILES = {
    "test_in_a_test.py": "import pytest\ndef test_it():\n    pytest.skip('no prosody')\n",
    "test_by_mark.py": "import pytest\n@pytest.mark.skip('no chromium')\ndef test_it(): ...\n",
    "test_file.py": "import pytest\npytest.skip('no schedules', allow_module_level=True)\n",
    "test_xfail.py": "import pytest\n@pytest.mark.xfail\ndef test_it():\n    raise ValueError\n",
    "test_well.py": "def test_it(): ...\n",
}


def run(folder: Path, ci: str) -> tuple[int, str]:
    for name, code in FILES.items():
        (folder / name).write_text(code)
    options = ["-p", "tests.strict", "-p", "no:cacheprovider", "-W", "ignore"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "--continue-on-collection-errors", folder],
        cwd=ROOT,
        env=os.environ | {"CI": ci, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def test_a_skip_is_a_failure_with_its_reason(tmp_path: Path) -> None:
    code, told = run(tmp_path, "true")
    assert code == 1
    for reason in ("no prosody", "no chromium", "no schedules"):
        assert f"{reason} (a skip is a failure where CI=true)" in told
    assert "1 failed, 1 passed, 1 xfailed, 2 errors" in told


def test_elsewhere_it_is_a_skip(tmp_path: Path) -> None:
    code, told = run(tmp_path, "")
    assert code == 0
    assert "1 passed, 3 skipped, 1 xfailed" in told
