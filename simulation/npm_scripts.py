"""Scripts for tests in a real browser, fetched from npm and checked.

`python -m simulation.npm_scripts` puts them beside the installed packages. Only the built files are
taken: what the packages depend on is in them, and nothing of them runs outside of the browser.
"""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Script:
    """A built script in an npm package."""

    package: str
    integrity: str
    """SHA-512 of the package, in base64, as lock files have it."""
    path: str

    @property
    def name(self) -> str:
        return Path(self.path).name


@dataclass(frozen=True)
class Scripts:
    """Those that belong together, in the order in which a page needs them."""

    folder: Path
    scripts: tuple[Script, ...]

    @property
    def paths(self) -> list[Path]:
        return [self.folder / script.name for script in self.scripts]

    def are_there(self) -> bool:
        return all(path.exists() for path in self.paths)

    def fetch(self) -> None:
        """Raises `SystemExit` with what to do, where that is not possible."""
        if shutil.which("npm") is None:
            raise SystemExit(
                "npm is needed for tests in a browser. On Debian: sudo apt install npm"
            )
        self.folder.mkdir(parents=True, exist_ok=True)
        for script, path in zip(self.scripts, self.paths, strict=True):
            if not path.exists():
                _fetch(script, path)


LIB_JITSI_MEET = Scripts(
    Path(sys.prefix) / "lib-jitsi-meet",
    (
        Script(
            "jquery@3.6.0",
            "JVzAR/AjBvVt2BmYhxRCSYysDsPcssdmTFnzyLEts9qNwmjmu4JTAMYubEfwVOSwpQ1I1sKKFcxhZCI2buerfw==",
            "package/dist/jquery.min.js",
        ),
        Script(
            "@lyno/lib-jitsi-meet@2.6726.2",
            "cTrKBgy4ZHD6vyFTOAOx5ylyzjWs3ft6MLhmchu9zRq7uLr8omD4lE2fmSfoyoSqMjFc/3sU9XLYXiJ21hqQuw==",
            "package/lib-jitsi-meet.min.js",
        ),
    ),
)
"""Jitsi Meet's own client library. The newest that anybody has built and published is of 2021;
`docs/jitsi.md` says what that means."""

AXE = Scripts(
    Path(sys.prefix) / "axe-core",
    (
        Script(
            "axe-core@4.14.1",
            "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==",
            "package/axe.min.js",
        ),
    ),
)
"""Looks for what keeps people with a screen reader, a keyboard or weak eyes from a page."""

WIDGET_API = Scripts(
    Path(sys.prefix) / "matrix-widget-api",
    (
        Script(
            "matrix-widget-api@1.19.0",
            "Qe7L6G1mQJphBC47/Bzp5ljPIK1UARgLiuGgS+/KmEs/eaNHkQ3+ArD0/0kvMV+d6kCGAZ9OKRqsnuPjizI+tw==",
            "package/dist/api.min.js",
        ),
    ),
)
"""What Element speaks with widgets by; in a page, `mxwidgets()` has it."""


def _fetch(script: Script, target: Path) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        command = ["npm", "pack", "--silent", script.package]
        subprocess.run(command, cwd=temporary, check=True, stdout=subprocess.DEVNULL)
        [archive] = Path(temporary).glob("*.tgz")
        digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
        if digest != script.integrity:
            raise SystemExit(f"{script.package} is not what it was: its SHA-512 is {digest}")
        with tarfile.open(archive) as packed:
            member = packed.extractfile(script.path)
            assert member is not None
            # At once, so that a script that is there is whole.
            new = target.with_suffix(".new")
            new.write_bytes(member.read())
            new.replace(target)


if __name__ == "__main__":
    for scripts in (LIB_JITSI_MEET, AXE, WIDGET_API):
        scripts.fetch()
