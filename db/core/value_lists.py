"""Looking for rows by many values at once: all of them go as one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, bindparam
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction
from sqlalchemy.types import ARRAY, JSON, TypeDecorator, TypeEngine

from db.core.types import stored


class _Values(TypeDecorator[Sequence[Any]]):
    """A list as each kind of store takes it: SQLite as JSON, PostgreSQL as an array."""

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
        # No text that is kept holds a NUL: SQLite would end it there, and find what goes by that.
        kept = [v for v in value or () if not (isinstance(v, str) and "\0" in v)]
        if dialect.name == "postgresql":
            return kept
        return [stored(v) if isinstance(v, datetime) else v for v in kept]


class _Among(GenericFunction[Any]):
    # Of no type: SQLite would get "= 1" behind a truth value, which no index answers.
    inherit_cache = True


def among(column: Any, values: Sequence[Any]) -> ColumnElement[Any]:
    """Whether a column is one of these values: texts, numbers or times, as many as there are.

    `in_` would write each into the statement, which takes longer than finding it.
    """
    given: BindParameter[Sequence[Any]] = bindparam(
        None, values, type_=_Values(column.type), unique=True
    )
    return _Among(column, given)


@compiles(_Among, "sqlite")
def _on_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    column, values = (compiler.process(part, **kw) for part in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608 - compiled parts


@compiles(_Among, "postgresql")
def _on_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    column, values = (compiler.process(part, **kw) for part in element.clauses)
    return f"{column} = ANY({values})"
