"""Runs of queries add up what several crawlers report."""

from db.core.engine import Store
from db.crawl import runs
from db.crawl.runs import QueryOutcome
from tests.db.samples import HOUR, T0


def test_two_crawlers_of_a_query_add_up_and_the_first_reason_stays(store: Store) -> None:
    with store.writing() as connection:
        id_ = runs.begin(connection, "forum", "DeepSeek", T0)
        runs.end(connection, id_, T0 + HOUR, QueryOutcome(2, 30, 1, "blocked", "403"))
        other = QueryOutcome(1, 5, 0, "capped", "page 50")
        runs.end_latest(connection, "forum", "DeepSeek", T0 + HOUR, other)
        [run] = runs.latest(connection)
    assert run.outcome == QueryOutcome(3, 35, 1, "blocked", "403")


def test_what_a_control_query_missed_is_written_to_each_query_of_its_source(store: Store) -> None:
    with store.writing() as connection:
        for query in ("DeepSeek", "Kimi"):
            runs.begin(connection, "forum", query, T0)
        missed = QueryOutcome(answers=1, kind="blocked", why="403")
        runs.end_latest(connection, "forum", "the control", T0 + HOUR, missed)
        outcomes = [run.outcome for run in runs.latest(connection)]
    assert outcomes == [QueryOutcome(kind="blocked", why="403")] * 2


def test_recent_returns_the_newest_runs_of_each_query(store: Store) -> None:
    with store.writing() as connection:
        for n in range(4):
            runs.begin(connection, "forum", "DeepSeek", T0 + n * HOUR)
        runs.begin(connection, "news", "Kimi", T0)
        recent = runs.recent(connection, 2)
    assert [(run.source, run.started_at) for run in recent] == [
        ("news", T0),
        ("forum", T0 + 3 * HOUR),
        ("forum", T0 + 2 * HOUR),
    ]
