"""Attention in the last hour."""

from datetime import UTC, datetime, timedelta

from db.core.engine import Store
from db.core.records import CoveredSpan, NewMention, NewPost, Page, Span
from db.posts import storage
from shrug.measure.live import live_attention

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAYS = 20


def fill(store: Store, loud_posts: int) -> None:
    """Three posts an hour for weeks, and more of them in the last hour."""
    start, step = NOW - timedelta(days=DAYS), timedelta(minutes=20)
    times = [start + i * step for i in range(int((NOW - start) / step))]
    times += [NOW - timedelta(seconds=10 * i + 1) for i in range(loud_posts)]
    posts = [
        NewPost(
            external_id=str(n), created_at=at, text=f"DeepSeek {n}", lang="en", fingerprint=n,
            author=f"a{n}", mentions=(NewMention("deepseek", "subject"),),
        )
        for n, at in enumerate(times)
    ]  # fmt: skip
    page = Page("hackernews", "q", covered=(CoveredSpan(Span(start, NOW)),))
    with store.writing() as connection:
        storage.store_page(connection, page, posts)


def test_a_loud_hour_is_measured_against_the_usual_one(store: Store) -> None:
    fill(store, 120)
    (live,) = live_attention(store, NOW)
    assert live.provider == "deepseek"
    assert live.measured is not None
    assert live.measured.ratio is not None
    assert live.measured.observed == 123
    assert live.measured.ratio.low > 5
    assert all(hour.at < NOW for hour in live.hours)


def test_no_attention_is_measured_without_coverage(store: Store) -> None:
    assert live_attention(store, NOW) == ()
    fill(store, 0)
    assert live_attention(store, NOW + timedelta(days=30)) == ()
