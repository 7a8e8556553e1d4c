"""Conditions on many values at once, passed as one parameter."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, bindparam
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction
from sqlalchemy.types import ARRAY, JSON, TypeDecorator, TypeEngine

from db.core.types import sqlite_text


class _ValueList(TypeDecorator[Sequence[Any]]):
    """A list as one parameter: JSON on SQLite, an array on PostgreSQL."""

    impl = JSON
    cache_ok = True

    def __init__(self, item: TypeEngine[Any]) -> None:
        super().__init__()
        self.item = item

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(ARRAY(self.item))
        return dialect.type_descriptor(JSON())

    def process_bind_param(self, value: Sequence[Any] | None, dialect: Dialect) -> list[Any]:
        # No stored text holds a NUL; SQLite would cut the value there and match what is left.
        values = [v for v in value or () if not (isinstance(v, str) and "\0" in v)]
        if dialect.name == "postgresql":
            return values
        return [sqlite_text(v) if isinstance(v, datetime) else v for v in values]


class _InValues(GenericFunction[Any]):
    # Of no type: as a boolean, SQLite would get "= 1" behind it, which no index answers.
    inherit_cache = True


def in_values(column: Any, values: Sequence[Any]) -> ColumnElement[Any]:
    """Return the condition that a column is one of these texts, numbers or times.

    `in_` would write each value into the statement, which takes longer than the look-up.
    """
    parameter: BindParameter[Sequence[Any]] = bindparam(
        None, values, type_=_ValueList(column.type), unique=True
    )
    return _InValues(column, parameter)


@compiles(_InValues, "sqlite")
def _on_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    column, values = (compiler.process(part, **kw) for part in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608 - compiled parts


@compiles(_InValues, "postgresql")
def _on_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    column, values = (compiler.process(part, **kw) for part in element.clauses)
    return f"{column} = ANY({values})"
