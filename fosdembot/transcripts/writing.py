"""Files that are replaced as a whole: a crash leaves the old one or the new one."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

TEMPORARY = ".tmp-"
"""What files that are being written begin with. A crash may leave one; see `sweep`."""


@contextmanager
def replacing(path: Path, *, private: bool = False) -> Iterator[TextIO]:
    """A file to write to, which takes the place of `path` at the end of the `with`, durably; not
    if it is left by an exception. `private`: only we may read it. Raises `OSError`."""
    handle, name = tempfile.mkstemp(prefix=TEMPORARY, dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            # mkstemp lets nobody else read; a web server must.
            if not private:
                os.fchmod(file.fileno(), 0o666 & ~_umask())
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    _sync(path.parent)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Waits until no other process or thread is in a `with` of the same file. It is not to be
    nested. Raises `OSError`."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


@contextmanager
def replacing_all(folder: Path) -> Iterator[Path]:
    """An empty folder to write files to, which take the places of those in `folder` at the end of
    the `with`, durably; what else is in there goes. Not if it is left by an exception. Raises
    `OSError`."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Beside it, so that nothing is copied; not in it, as all in there is public.
    new = Path(tempfile.mkdtemp(prefix=TEMPORARY, dir=folder.parent))
    try:
        yield new
        names = {path.name for path in new.iterdir()}
        for path in new.iterdir():
            _sync(path)
        folder.mkdir(exist_ok=True)
        for name in sorted(names):
            (new / name).replace(folder / name)
        for path in folder.iterdir():
            if path.name not in names and path.is_file():
                path.unlink()
    finally:
        shutil.rmtree(new, ignore_errors=True)
    _sync(folder)


def remove_all(folder: Path) -> None:
    """Remove a folder with all that is in it, if it is there. Raises `OSError` where anything of it
    stays."""
    try:
        shutil.rmtree(folder)
    except OSError as err:
        if os.path.lexists(folder):
            # Of a file it names only the last part.
            raise OSError(err.errno, err.strerror or str(err), str(folder)) from err


def sweep(folder: Path, older_than: float = 0, *, deep: bool = True) -> None:
    """Remove what crashes left half-written in `folder`, and below it if `deep`, that many seconds
    ago at least: what another process is writing just now is younger. Raises `OSError` where
    anything of that stays."""
    latest = time.time() - older_than
    stays: OSError | None = None
    for left in list((folder.rglob if deep else folder.glob)(f"{TEMPORARY}*")):
        try:
            if older_than and left.stat().st_mtime > latest:
                continue
            if left.is_dir():
                remove_all(left)
            else:
                left.unlink(missing_ok=True)
        except FileNotFoundError:
            continue
        except OSError as err:
            stays = err
    if stays is not None:
        raise stays


def _sync(path: Path) -> None:
    """Make a file, or the names in a folder, durable."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
