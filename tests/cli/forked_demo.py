"""`fosdembot demo`, but its servers are forked: `python -m tests.cli.forked_demo RUN …`.

`RUN` is the run of tests whose fork servers it uses. With `--short` it plays its first minutes
only, with `--never` it misses something.
"""

from __future__ import annotations

import sys

from fosdembot.cli import main
from simulation.demo import sample
from simulation.demo.acts import Told
from simulation.forking import starts_are_forked

IMPORTS = ("tests.cli", "fosdembot.cli.demo", "simulation.demo.command", "simulation.forking")
"""What to have imported before."""


def _taken(option: str) -> bool:
    given = option in sys.argv
    if given:
        sys.argv.remove(option)
    return given


def _change() -> None:
    if _taken("--short"):
        sample.CLOSE = "09:52"
        sample.SCRIPT = [act for act in sample.SCRIPT if act.at < sample.CLOSE]
        sample.TOLD = [item for item in sample.TOLD if item.at is None or item.at < sample.CLOSE]
    if _taken("--never"):
        told = Told("09:49", sample.LOFT, "now", 250, "Now, until never")
        sample.TOLD = [*sample.TOLD, told]


if __name__ == "__main__":
    run = sys.argv.pop(1)
    _change()
    with starts_are_forked(run):
        main(prog_name="fosdembot")
