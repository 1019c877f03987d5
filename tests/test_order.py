"""The tests that begin first, by name."""

from __future__ import annotations

import ast
from pathlib import Path

from .strict import LONGEST

TESTS = Path(__file__).parent


def test_the_longest_exist() -> None:
    for name in LONGEST:
        file, _, test = name.partition("::")
        functions = {
            node.name
            for path in TESTS.rglob(file)
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.AsyncFunctionDef)
        }
        assert test.partition("[")[0] in functions, name
