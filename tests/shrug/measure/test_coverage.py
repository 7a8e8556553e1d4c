"""What each source and board holds in a span of time."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from db.core.engine import Store
from db.core.records import CoveredSpan, NewMention, NewPost, Page, Snapshot, SnapshotEntry, Span
from db.crawl import boards
from db.posts import storage
from shrug.measure.coverage import MOST_CELLS, cell_length, source_coverage

START = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_a_source_is_shown_with_its_posts_and_the_share_of_each_hour_that_was_read(
    store: Store,
) -> None:
    post = NewPost(
        external_id="1", created_at=START + HOUR, text="DeepSeek", lang="en", fingerprint=1,
        author="a", mentions=(NewMention("deepseek", "subject"),),
    )  # fmt: skip
    covered = (CoveredSpan(Span(START, START + 1.5 * HOUR)),)
    with store.writing() as connection:
        storage.store_page(connection, Page("hackernews", "q", covered=covered), [post])
        boards.store(
            connection,
            [Snapshot("weibo", START + HOUR, (SnapshotEntry("DeepSeek崩了", 1, 9, True),))],
        )
    source, board = source_coverage(store, START, START + 4 * HOUR)
    assert (source.source, source.posts, source.covered_hours) == ("hackernews", 1, 1.5)
    assert source.strip == (1.0, 0.5, 0.0, 0.0)
    assert (source.assumed, source.capped) == (False, False)
    assert (board.source, board.posts, board.first) == ("board:weibo", 1, START + HOUR)


def test_an_empty_store_has_no_source(store: Store) -> None:
    assert source_coverage(store, START, START + HOUR) == ()


@given(st.integers(1, 24 * 4000))
def test_a_strip_has_whole_hours_in_each_cell_and_never_too_many_cells(hours: int) -> None:
    length = cell_length(START, START + hours * HOUR)
    assert length % HOUR == timedelta()
    assert hours * HOUR / length <= MOST_CELLS
