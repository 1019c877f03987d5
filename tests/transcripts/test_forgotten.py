"""The list of what is forgotten is shared by all who write, and names nobody."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from fosdembot.transcripts.folder import Folder
from fosdembot.transcripts.forgotten import BadList, Forgotten

BOB, CAROL = "@bob:example.org", "@carol:example.org"


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    made = Folder(tmp_path)
    made.make()
    return made


def test_who_was_added_is_hidden_from_then_on_and_for_everybody(folder: Folder) -> None:
    forgotten = Forgotten.read(folder)
    assert not forgotten.hides(BOB)
    forgotten.add(BOB, "$event")
    for known in (forgotten, Forgotten.read(folder)):
        assert known.hides(BOB)
        assert known.hides("$event")
        assert not known.hides(CAROL)
        assert not known.hides(None)


def test_the_list_names_nobody_and_is_private(folder: Folder) -> None:
    Forgotten.read(folder).add(BOB)
    path = folder.models / "forgotten"
    assert "bob" not in path.read_text()
    assert folder.models.stat().st_mode & 0o077 == 0
    before = path.read_bytes()
    Forgotten.read(folder).add(BOB)
    assert path.read_bytes() == before
    other = Folder(folder.root / "other")
    Forgotten.read(other).add(BOB)
    assert (other.models / "forgotten").read_bytes() != before, "no two have the same salt"


def test_two_who_add_at_the_same_time_both_count(folder: Folder) -> None:
    """Each read the list before the other wrote."""
    lists = [Forgotten.read(folder) for _ in range(16)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda pair: pair[1].add(f"@p{pair[0]}:x"), enumerate(lists)))
    known = Forgotten.read(folder)
    assert all(known.hides(f"@p{number}:x") for number in range(16))


def test_another_process_waits_for_the_lock(folder: Folder) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from fosdembot.transcripts.folder import Folder\n"
        "print('ready', flush=True)\n"
        "with Folder(Path(sys.argv[1])).locked(): print(Path(sys.argv[1], 'done').exists())"
    )
    with folder.locked():
        other = subprocess.Popen(
            [sys.executable, "-c", code, str(folder.root)], stdout=subprocess.PIPE, text=True
        )
        assert other.stdout is not None
        assert other.stdout.readline() == "ready\n"
        (folder.root / "done").touch()
    assert other.communicate(timeout=30)[0] == "True\n"


@pytest.mark.parametrize("content", ["", "x", "fosdembot-forgotten 1 00\n", "\xff", None])
def test_a_damaged_list_hides_nobody_by_mistake(folder: Folder, content: str | None) -> None:
    """Nothing may be published where it is not known who is forgotten."""
    path = folder.models / "forgotten"
    if content is None:
        path.mkdir()
    else:
        path.write_text(content, encoding="latin-1")
    with pytest.raises(BadList) as err:
        Forgotten.read(folder)
    assert "forgotten" in str(err.value)
    assert "\n" not in str(err.value)


def test_a_mark_finds_whose_it_is_and_names_nobody(folder: Folder) -> None:
    mark = Forgotten.kept(folder).mark(BOB)
    assert "bob" not in mark
    forgotten = Forgotten.kept(folder)
    assert forgotten.mark(BOB) == forgotten.mark(mark) == mark
    assert forgotten.mark(CAROL) != mark
    assert not forgotten.hides(mark)
    forgotten.add(BOB)
    assert Forgotten.read(folder).hides(mark)
    assert not Forgotten.read(folder).hides(forgotten.mark(CAROL))
