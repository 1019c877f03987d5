"""Words for settings that cannot be used: pydantic's are for programmers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, get_origin

from pydantic import BaseModel
from rapidfuzz import fuzz, process

_KINDS = {
    "tuple_type": "expected a list, like [...]",
    "list_type": "expected a list, like [...]",
    "dict_type": "expected names with values, like name: value",
    "model_type": "expected keys with values, as in base-config.yaml",
    "string_type": "expected text, in quotes",
    "int_type": "expected a whole number",
    "int_parsing": "expected a whole number",
    "int_from_float": "expected a whole number",
    "float_type": "expected a number",
    "float_parsing": "expected a number",
    "finite_number": "expected a number",
    "bool_type": "expected true or false",
    "bool_parsing": "expected true or false",
}
_NEAR = 75
"""Of 100: one or two letters differ, or a plural."""


def worded(error: Mapping[str, Any]) -> str:
    """One of pydantic's errors, for the person who writes the configuration."""
    known: str | None = _KINDS.get(error["type"])
    return known or str(error["msg"]).removeprefix("Value error, ").replace("Input should", "must")


def unknown_key(key: str, path: Sequence[int | str], model: type[BaseModel]) -> str:
    """A line for a setting that there is not, naming one that it is close to."""
    fields = _section(model, path[:-1])
    near = close(str(path[-1]), fields)
    meant = f"; did you mean {near[0]}?" if near else ""
    return f"{key}: no such setting; it is ignored{meant}"


def close(name: str, names: Iterable[str], most: int = 3) -> list[str]:
    """The names that `name` was perhaps meant to be, the closest first."""
    by_fold = {other.casefold(): other for other in sorted(names)}
    found = process.extract(
        name.casefold(), list(by_fold), scorer=fuzz.ratio, score_cutoff=_NEAR, limit=most
    )
    return [by_fold[fold] for fold, _, _ in found]


def empty(raw: Mapping[str, Any], model: type[BaseModel]) -> Iterator[str]:
    """A line for each setting with text for a value that was left empty (YAML's null): what
    stands behind the key began with an unquoted #, which YAML takes for a comment."""
    for key, value in raw.items():
        field = model.model_fields.get(str(key))
        if field is None:
            continue
        kind = field.annotation
        if value is None and kind is str:
            yield _nothing(str(key))
        elif isinstance(value, Mapping) and get_origin(kind) is dict:
            yield from (_nothing(f"{key}.{name}") for name in value if value[name] is None)
        elif isinstance(value, Mapping) and isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from (f"{key}.{line}" for line in empty(value, kind))


def _nothing(key: str) -> str:
    return f'{key}: nothing stands there; a value that begins with # needs quotes: "#room:server"'


def _section(model: type[BaseModel], path: Sequence[int | str]) -> list[str]:
    for part in path:
        field = model.model_fields.get(str(part))
        kind = field.annotation if field is not None else None
        if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
            return []
        model = kind
    return list(model.model_fields)
