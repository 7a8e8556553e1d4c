"""PostgreSQL partitions posts by month: queries touch only the months that they need, by index."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event, text

from db.core.engine import Store
from db.core.records import NewMention, NewPost, Page
from db.counts import hourly
from db.posts import labels, queries, storage
from shrug.store.bootstrap import open_ready_store
from tests.conftest import database

pytestmark = pytest.mark.postgresql_only
START = datetime(2026, 1, 1, tzinfo=UTC)
MONTHS, POSTS_PER_MONTH = 6, 4000
WINDOW = datetime(2026, 3, 10, tzinfo=UTC), datetime(2026, 3, 12, tzinfo=UTC)
FAR = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def half_year(postgresql: str) -> Iterator[Store]:
    """Six months of two sources, analyzed; not to be written to."""
    with database(postgresql) as url, open_ready_store(url) as store:
        fill(store, POSTS_PER_MONTH)
        with store.writing() as connection:
            connection.execute(text("analyze"))
        yield store


@pytest.fixture
def small(store: Store) -> Store:
    """The same months, of a few posts each."""
    fill(store, 20)
    return store


def fill(store: Store, posts_per_month: int) -> None:
    number = MONTHS * posts_per_month // 2
    step, names = timedelta(days=181) / number, ("deepseek", "kimi", "claude", "qwen")
    for source in ("forum", "news"):
        page = [
            NewPost(
                external_id=str(n),
                created_at=START + n * step,
                text=f"a text that says something, {n}",
                lang="en",
                fingerprint=n,
                author=f"a{n % 900}",
                mentions=(
                    NewMention(names[n % 4], "subject"),
                    *[NewMention("grok", "alternative")] * (n % 10 == 0),
                ),
            )
            for n in range(number)
        ]
        with store.writing() as connection:
            storage.store_page(connection, Page(source, "q"), page)
            rows = [
                {"post_id": id_, "provider_id": 1, **dict.fromkeys(labels.FLAGS, False)}
                for id_ in connection.execute(text("select id from posts")).scalars()
            ]
            labels.write(connection, "v", rows)


def tables(store: Store) -> set[str]:
    query = (
        "select relname from pg_class where relname ~ '^(posts|mentions)_\\d{4}' and relkind='r'"
    )
    with store.reading() as connection:
        return set(connection.execute(text(query)).scalars())


def plans(store: Store, query: Callable[[Connection], Any]) -> str:
    """Return the plans of the queries that a function runs."""
    statements: list[tuple[str, Any]] = []
    with store.reading() as connection:
        event.listen(
            connection, "before_cursor_execute", lambda *a: statements.append((a[2], a[3]))
        )
        query(connection)
        lines = []
        for statement, values in tuple(statements):  # it grows meanwhile
            # The list of sources reads the ends of every month's index.
            if "SELECT" not in statement or "min(posts.source)" in statement:
                continue
            statement = statement[statement.index("SELECT") :]
            plan = connection.exec_driver_sql(f"explain (analyze, costs off) {statement}", values)
            lines += list(plan.scalars())
    return "\n".join(lines)


QUERIES: dict[str, Callable[[Connection], Any]] = {
    "times": lambda c: queries.mention_times(c, "deepseek", "forum", *WINDOW),
    "times of some hours": lambda c: queries.mention_times(
        c, "deepseek", "forum", *WINDOW, hours=[3, 4]
    ),
    "total": lambda c: queries.count_posts(c, "forum", *WINDOW),
    "sample": lambda c: queries.sample(c, "deepseek", *WINDOW, 5),
    "acts": lambda c: labels.acts_by_author(c, "deepseek", *WINDOW),
    "firsts": lambda c: labels.first_failure_times(c, "deepseek", *WINDOW),
    "turned to": lambda c: labels.switch_targets(c, "deepseek", *WINDOW),
    "what was said when": lambda c: labels.labelled_times(c, "deepseek", *WINDOW),
}


@pytest.mark.parametrize("what", QUERIES)
def test_queries_on_days_touch_their_month_by_index(half_year: Store, what: str) -> None:
    plan = plans(half_year, QUERIES[what])
    # A part of the plan that was never executed touched nothing.
    touched = [
        line for line in plan.splitlines() if "never executed" not in line and " on " in line
    ]
    months = set(re.findall(r"(?:posts|mentions)_(\d{4}_\d\d)", "\n".join(touched)))
    assert months == {"2026_03"}, plan
    full_scans = [
        line for line in touched if re.search(r"Seq Scan on (posts|mentions|readings)", line)
    ]
    assert full_scans == [], plan


@pytest.mark.parametrize("what", ["counts", "ids of a page"])
def test_counts_and_posts_of_a_page_are_looked_up_by_index(half_year: Store, what: str) -> None:
    def query(connection: Connection) -> object:
        if what == "counts":
            return hourly.read(connection, "deepseek", "forum", *WINDOW)
        return storage.delete_posts(connection, "forum", [f"none {n}" for n in range(3)])

    plan = plans(half_year, query)
    assert "Index" in plan
    assert not re.search(r"Seq Scan on (posts|hourly_counts)", plan), plan


def test_a_month_gets_a_partition_with_its_first_post(small: Store) -> None:
    known = {f"{name}_2026_0{n}" for name in ("posts", "mentions") for n in range(1, 7)}
    assert tables(small) == known
    late = NewPost("x", datetime(2019, 5, 31, 23, 59, 59, 999999, tzinfo=UTC), "x", "en", 1)
    with small.writing() as connection:
        storage.store_page(connection, Page("forum", "q"), [late])
    assert tables(small) == known | {"posts_2019_05", "mentions_2019_05"}


def test_a_post_whose_time_moves_to_another_month_is_stored_once(small: Store) -> None:
    shifted = NewPost("1", datetime(2026, 6, 1, tzinfo=UTC), "edited", "en", 5)
    with small.writing() as connection:
        assert storage.store_page(connection, Page("forum", "q"), [shifted]) == 0
        query = text("select created_at, text from posts where source='forum' and external_id='1'")
        assert [row.text for row in connection.execute(query)] == ["edited"]


def test_a_reader_does_not_block_a_new_partition(
    small: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.core.engine.BUSY_SECONDS", 0.5)
    new = NewPost("y", datetime(2026, 9, 1, tzinfo=UTC), "y", "en", 2)
    with small.reading() as reader:
        assert queries.count_posts(reader, "forum", *FAR) > 0
        with small.writing() as connection:
            storage.store_page(connection, Page("forum", "q"), [new])
        assert "posts_2026_09" in tables(small)
