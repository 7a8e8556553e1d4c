"""The health of sources after their newest crawls."""

from datetime import UTC, datetime, timedelta

from analysis.messages import Messages
from db.core.engine import Store
from db.crawl import runs
from db.crawl.runs import QueryOutcome
from shrug.health.sources import SourceHealth, advice, source_health

NOW = datetime(2026, 4, 20, 12, tzinfo=UTC)


def health_of(store: Store, key: str, now: datetime | None = None) -> SourceHealth:
    return {s.source: s for s in source_health(store, {}, now=now)}[key]


def crawl(store: Store, outcome: QueryOutcome | None) -> None:
    with store.writing() as connection:
        id_ = runs.begin(connection, "hackernews", "DeepSeek", NOW)
        if outcome:
            runs.end(connection, id_, NOW + timedelta(minutes=1), outcome)


def test_a_source_without_a_crawl_is_new_or_lacks_a_setting(store: Store) -> None:
    assert health_of(store, "hackernews").state == "new"
    weibo = health_of(store, "weibo_search")
    assert weibo.state == "off"
    assert weibo.needs
    assert weibo.needs[0] in advice(weibo, Messages("en"))


def test_a_crawl_that_never_ended_is_unfinished(store: Store) -> None:
    crawl(store, None)
    assert health_of(store, "hackernews").state == "unfinished"


def test_a_failure_of_the_newest_crawl_is_shown_with_its_reason(store: Store) -> None:
    crawl(store, QueryOutcome(answers=1, posts=3, kind="blocked", why="HTTP 403"))
    health = health_of(store, "hackernews")
    assert (health.state, health.why, health.posts, health.last) == ("blocked", "HTTP 403", 3, NOW)


def test_a_source_without_posts_for_days_is_quiet(store: Store) -> None:
    crawl(store, QueryOutcome(answers=1))
    assert health_of(store, "hackernews").state == "well"
    assert health_of(store, "hackernews", NOW + timedelta(days=1)).state == "quiet"
