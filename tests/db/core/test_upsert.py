"""Rows are inserted or updated, the last of the same key winning."""

from datetime import UTC, datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from db.core.engine import Store
from db.core.models import Cursor
from db.core.upsert import upsert

T0 = datetime(2026, 3, 1, 12, tzinfo=UTC)
ROWS = st.lists(st.tuples(st.sampled_from("abc"), st.text("xyz", max_size=3)), max_size=6)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ROWS, ROWS)
def test_only_the_columns_to_update_change(
    store: Store, first: list[tuple[str, str]], second: list[tuple[str, str]]
) -> None:
    with store.writing() as connection:
        connection.execute(delete(Cursor))
        for values in (first, second):
            rows = [
                {"source": source, "query": "q", "value": value, "updated_at": T0}
                for source, value in values
            ]
            upsert(connection, Cursor, rows, ["source", "query"], update=["value"])
        stored = dict(connection.execute(select(Cursor.source, Cursor.value)).all())
    assert stored == {**dict(first), **dict(second)}


def test_without_columns_to_update_the_stored_row_stays(store: Store) -> None:
    with store.writing() as connection:
        for value in ("first", "second"):
            columns: dict[str, list[object]] = {
                "source": ["s"],
                "query": ["q"],
                "value": [value],
                "updated_at": [T0],
            }
            upsert(connection, Cursor, columns, ["source", "query"])
        assert connection.execute(select(Cursor.value)).scalars().all() == ["first"]
