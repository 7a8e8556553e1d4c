"""SQLite answers what is asked of days from the index, whatever else the store holds."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, event

from db.core.engine import Store
from db.counts import hourly
from db.posts import labels, queries, storage
from tests.db.core.test_engine import new_post, page

pytestmark = pytest.mark.sqlite_only
WINDOW = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 3, tzinfo=UTC)
NOON = WINDOW[0].replace(hour=12)
ASKED: dict[str, Callable[[Connection], Any]] = {
    "times": lambda c: queries.times(c, "deepseek", "hackernews", *WINDOW),
    "sample": lambda c: queries.sample(c, "deepseek", *WINDOW, 5),
    "acts": lambda c: labels.acts(c, "deepseek", *WINDOW),
    "firsts": lambda c: labels.firsts(c, "deepseek", *WINDOW),
    "recount": lambda c: hourly.recount(c, [(1, "hackernews", NOON)]),
}


@pytest.mark.parametrize("what", ASKED)
def test_mentions_of_days_are_looked_up_by_source_and_time(store: Store, what: str) -> None:
    with store.writing() as connection:
        storage.store_page(connection, page(), [new_post("a"), new_post("b")])
    asked: list[tuple[str, Any]] = []
    with store.writing() as connection:
        event.listen(connection, "before_cursor_execute", lambda *a: asked.append((a[2], a[3])))
        ASKED[what](connection)
        told = [
            row.detail
            for statement, given in tuple(asked)
            if "JOIN" in statement
            for row in connection.exec_driver_sql(f"explain query plan {statement}", given)
        ]
    found = [line for line in told if line.startswith(("SEARCH mentions", "SCAN mentions"))]
    assert found
    assert all("source=? AND created_at>?" in line or "post_id=?" in line for line in found), told
