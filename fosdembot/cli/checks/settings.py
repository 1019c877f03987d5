"""The configuration: whether its settings can be used, and nobody else reads its secret."""

from __future__ import annotations

import stat
from collections.abc import Sequence

from fosdembot.cli.checks.findings import Finding
from fosdembot.cli.config import Config
from fosdembot.texts.words import count


def config_finding(config: Config, problems: Sequence[str]) -> Finding:
    todo = list(problems)
    if stat.S_IMODE(config.path.stat().st_mode) & 0o077:
        todo.append(f"others can read it, and it holds a secret: chmod 600 {config.path}")
    if not todo:
        return Finding("settings", f"{config.path}")
    text = f"{config.path}: {count(len(todo), 'thing')} to put right"
    return Finding("settings", text, False, todo)
