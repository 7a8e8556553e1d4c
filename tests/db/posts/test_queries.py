"""SQLite answers queries on days by index, however much the store holds."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, event

from db.core.engine import Store
from db.counts import hourly
from db.posts import labels, queries, storage
from tests.db.samples import new_post, page

pytestmark = pytest.mark.sqlite_only
WINDOW = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 3, tzinfo=UTC)
NOON = WINDOW[0].replace(hour=12)
QUERIES: dict[str, Callable[[Connection], Any]] = {
    "times": lambda c: queries.mention_times(c, "deepseek", "hackernews", *WINDOW),
    "sample": lambda c: queries.sample(c, "deepseek", *WINDOW, 5),
    "acts": lambda c: labels.acts_by_author(c, "deepseek", *WINDOW),
    "firsts": lambda c: labels.first_failure_times(c, "deepseek", *WINDOW),
    "recount": lambda c: hourly.recount(c, [(1, "hackernews", NOON)]),
}


@pytest.mark.parametrize("what", QUERIES)
def test_mentions_are_looked_up_by_source_and_time(store: Store, what: str) -> None:
    with store.writing() as connection:
        storage.store_page(connection, page(), [new_post("a"), new_post("b")])
    statements: list[tuple[str, Any]] = []
    with store.writing() as connection:
        event.listen(
            connection, "before_cursor_execute", lambda *a: statements.append((a[2], a[3]))
        )
        QUERIES[what](connection)
        plan = [
            row.detail
            for statement, values in tuple(statements)
            if "JOIN" in statement
            for row in connection.exec_driver_sql(f"explain query plan {statement}", values)
        ]
    lines = [line for line in plan if line.startswith(("SEARCH mentions", "SCAN mentions"))]
    assert lines
    assert all("source=? AND created_at>?" in line or "post_id=?" in line for line in lines), plan
