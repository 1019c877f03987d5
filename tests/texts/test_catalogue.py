"""Every sentence of the catalogue: well-formed, short, and about what there is."""

from __future__ import annotations

import pkgutil
import re
from collections import Counter
from importlib import import_module
from string import Formatter

import pytest

import fosdembot.texts
from fosdembot.texts.render import say

_CODE = {"render", "words"}
LONGEST = 300


def templates() -> list[tuple[str, str]]:
    found = []
    for module in pkgutil.iter_modules(fosdembot.texts.__path__):
        if module.name not in _CODE:
            constants = vars(import_module(f"fosdembot.texts.{module.name}"))
            for name, value in constants.items():
                if name.isupper() and isinstance(value, (str, dict)):
                    several = value if isinstance(value, dict) else {"": value}
                    found += [(f"{module.name}.{name}{key}", text) for key, text in several.items()]
    return found


ALL = pytest.mark.parametrize(
    "template", [pytest.param(text, id=name) for name, text in templates()]
)


@ALL
def test_a_sentence_can_be_filled_in(template: str) -> None:
    names = {name for _, name, _, _ in Formatter().parse(template) if name is not None}
    assert all(re.fullmatch("[a-z]+", name) for name in names)
    text = say(template, **dict.fromkeys(names, "X"))
    assert "{" not in text.plain
    assert "<" not in text.plain


@ALL
def test_what_is_opened_is_closed(template: str) -> None:
    tags = re.findall(r"<(/?)(b|i|code)>", template)
    opened = Counter(tag for slash, tag in tags if not slash)
    assert opened == Counter(tag for slash, tag in tags if slash)
    assert not re.search(r"<(?!/?(b|i|code)>|br>)", template)


@ALL
def test_a_sentence_is_short(template: str) -> None:
    assert len(template) <= LONGEST


@ALL
def test_a_command_goes_with_the_prefix_that_is_set(template: str) -> None:
    ours = "talk|next|schedule|undo|conf|help|announce|ask|vote|questions|dismiss|take|move|qa"
    assert not re.search(rf"(?<!\}})!({ours})", template)
