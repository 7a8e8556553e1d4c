"""Titles that say that a provider failed, and where they stood on a board."""

from datetime import UTC, datetime, timedelta

import pytest

from db.core.engine import Store
from db.core.records import Snapshot, SnapshotEntry
from db.crawl import boards
from shrug.label import board_titles
from shrug.measure.boards import BoardReader

START = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def reader(store: Store) -> BoardReader:
    """A board that was looked at every ten minutes, with a failure on it from 20 to 40."""
    looks = []
    for minute in range(0, 70, 10):
        entries = [SnapshotEntry("别的新闻", 1, 900, True), SnapshotEntry("旧闻", 3, 100, True)]
        if 20 <= minute <= 40:
            entries.append(SnapshotEntry("DeepSeek崩了", 2, 500 + minute, True))
        looks.append(Snapshot("weibo", START + minute * MINUTE, tuple(entries)))
    with store.writing() as connection:
        boards.store(connection, looks)
    board_titles.suggest_outages(store)
    return BoardReader(store)


def test_a_failure_on_a_board_has_its_times_rank_and_heat(reader: BoardReader) -> None:
    (presence,) = reader.presences("deepseek", (START, START + 60 * MINUTE))
    assert (presence.board, presence.best_rank, presence.peak_heat) == ("weibo", 2, 540)
    assert presence.first_seen == START + 20 * MINUTE
    assert presence.last_seen == START + 40 * MINUTE


def test_a_board_without_the_failure_is_still_one_that_was_looked_at(reader: BoardReader) -> None:
    (presence,) = reader.presences("kimi", (START, START + 60 * MINUTE))
    assert presence.best_rank is None
    assert list(reader.presences("kimi", (START - 90 * MINUTE, START - 30 * MINUTE))) == []


def test_events_are_compared_on_boards_that_were_looked_at(reader: BoardReader) -> None:
    (comparison,) = reader.compare_events(START, START + 60 * MINUTE)
    assert comparison.board == "weibo"
    assert [event.provider for event in comparison.events] == ["deepseek"]
    assert reader.compare_events(START - 90 * MINUTE, START - 30 * MINUTE) == ()
