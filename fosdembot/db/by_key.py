"""`session.get` without SQLAlchemy's loading, which takes longer than all else that it does.

What comes of it is a row like any other of the session: it is found there again, and what is
changed in it is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import bindparam, inspect, select
from sqlalchemy.orm import Mapper, Session, make_transient_to_detached
from sqlalchemy.orm.attributes import instance_dict

from .prepared import Prepared


class ByKeySession(Session):
    """One that reads single rows by prepared statements."""

    def get(self, entity: Any, ident: Any, **options: Any) -> Any:
        if any(options.values()):
            return super().get(entity, ident, **options)
        table = _table(entity)
        values = tuple(ident) if isinstance(ident, tuple | list) else (ident,)
        key = table.mapper.identity_key_from_primary_key(values)
        if key not in self.identity_map:
            if self.autoflush:
                self.flush()
            # Flushing may have put it there.
            if key not in self.identity_map:
                return table.load(self, values)
        return super().get(entity, ident)


@dataclass(frozen=True)
class _Table:
    mapper: Mapper[Any]
    statement: Prepared
    key: Sequence[str]
    """Names of the statement's parameters."""
    names: Sequence[str]
    """Attributes, as the statement's columns are ordered."""

    def load(self, session: Session, key: Sequence[Any]) -> Any:
        row = dict(zip(self.key, key, strict=True))
        found = self.statement.all(session.connection(), row)
        if not found:
            return None
        loaded = self.mapper.class_manager.new_instance()
        instance_dict(loaded).update(zip(self.names, found[0], strict=True))
        make_transient_to_detached(loaded)
        session.add(loaded)
        return loaded


@cache
def _table(entity: Any) -> _Table:
    mapper: Mapper[Any] = inspect(entity)
    columns = [(attribute.key, attribute.columns[0]) for attribute in mapper.column_attrs]
    keys = [(f"key_{place}", column) for place, column in enumerate(mapper.primary_key)]
    statement = select(*(column for _, column in columns)).where(
        *(column == bindparam(name, type_=column.type) for name, column in keys)
    )
    return _Table(
        mapper=mapper,
        statement=Prepared(statement),
        key=[name for name, _ in keys],
        names=[name for name, _ in columns],
    )
