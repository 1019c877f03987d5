"""Where transcripts lie.

FOLDER/models/NAME.json     what all is rendered from: private
FOLDER/models/forgotten     whom and what nobody shall read any more (`forgetting.py`)
FOLDER/public/index.html    for everybody: this folder is what a web server serves
FOLDER/public/NAME/…        the files of one talk, with a SHA256SUMS
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from .writing import TEMPORARY, locked, remove_all


@dataclass(frozen=True, slots=True)
class Folder:
    """`root` is the setting `transcripts.folder`."""

    root: Path

    @property
    def models(self) -> Path:
        return self.root / "models"

    @property
    def public(self) -> Path:
        return self.root / "public"

    def make(self) -> None:
        """See to it that it is there. Raises `OSError`."""
        self.public.mkdir(parents=True, exist_ok=True)
        self.models.mkdir(mode=0o700, exist_ok=True)

    def locked(self) -> AbstractContextManager[None]:
        """Hold it while a model is read, changed and written, and its files after it: the bot and
        the command line may do so at the same time. It is not to be nested. Raises `OSError`."""
        return locked(self.models / "lock")

    def model(self, name: str) -> Path:
        return self.models / f"{name}.json"

    def talk(self, name: str) -> Path:
        """Where the files of a talk lie that everybody may read."""
        return self.public / name

    def names(self) -> list[str]:
        """Of all transcripts that are there, in order."""
        return sorted(path.stem for path in self.models.glob("*.json"))

    def published(self) -> Iterator[str]:
        """The names of which there are public files, whether there is a model or not."""
        if self.public.is_dir():
            yield from sorted(
                path.name
                for path in self.public.iterdir()
                if path.is_dir() and not path.name.startswith(TEMPORARY)
            )

    def remove(self, name: str) -> None:
        """A transcript with all its files. What everybody may read goes first: while any of that
        stays, the model does. Raises `OSError`."""
        remove_all(self.talk(name))
        self.model(name).unlink(missing_ok=True)
