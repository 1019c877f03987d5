"""Every sentence of the catalogue: well-formed, short, and about what there is."""

from __future__ import annotations

import pkgutil
import re
from collections import Counter
from collections.abc import Callable
from importlib import import_module
from string import Formatter

import fosdembot.texts
from fosdembot.texts.render import say

_CODE = {"render", "words"}
LONGEST = 300


def templates() -> dict[str, str]:
    found = {}
    for module in pkgutil.iter_modules(fosdembot.texts.__path__):
        if module.name not in _CODE:
            constants = vars(import_module(f"fosdembot.texts.{module.name}"))
            for name, value in constants.items():
                if name.isupper() and isinstance(value, (str, dict)):
                    several = value if isinstance(value, dict) else {"": value}
                    for key, text in several.items():
                        found[f"{module.name}.{name}{key}"] = text
    return found


ALL = templates()


def those(is_wrong: Callable[[str], object]) -> list[str]:
    """The names of the sentences of which that is so."""
    assert len(ALL) > 300
    return [name for name, text in ALL.items() if is_wrong(text)]


def test_a_sentence_can_be_filled_in() -> None:
    def is_wrong(template: str) -> bool:
        names = {name for _, name, _, _ in Formatter().parse(template) if name is not None}
        text = say(template, **dict.fromkeys(names, "X"))
        named_well = all(re.fullmatch("[a-z]+", name) for name in names)
        return not named_well or "{" in text.plain or "<" in text.plain

    assert those(is_wrong) == []


def test_what_is_opened_is_closed() -> None:
    def is_wrong(template: str) -> bool:
        tags = re.findall(r"<(/?)(b|i|code)>", template)
        opened = Counter(tag for slash, tag in tags if not slash)
        closed = Counter(tag for slash, tag in tags if slash)
        return opened != closed or bool(re.search(r"<(?!/?(b|i|code)>|br>)", template))

    assert those(is_wrong) == []


def test_a_sentence_is_short() -> None:
    assert those(lambda template: len(template) > LONGEST) == []


def test_a_command_goes_with_the_prefix_that_is_set() -> None:
    ours = "talk|next|schedule|undo|conf|help|announce|ask|vote|questions|dismiss|take|move|qa"
    command = re.compile(rf"(?<!\}})!({ours})")
    assert those(command.search) == []
