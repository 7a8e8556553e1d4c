from datetime import UTC, datetime, timedelta

from db.core.engine import Store
from db.core.records import Snapshot, SnapshotEntry
from db.crawl import boards, outages
from shrug.label import board_titles

START = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def fill_board(store: Store) -> None:
    """A board read every ten minutes; DeepSeek's failure is on it from minute 20 to 40."""
    snapshots = []
    for minute in range(0, 70, 10):
        entries = [SnapshotEntry("别的新闻", 1, 900, True)]
        if 20 <= minute <= 40:
            entries.append(SnapshotEntry("DeepSeek崩了", 2, 500, True))
        snapshots.append(Snapshot("weibo", START + minute * MINUTE, tuple(entries)))
    with store.writing() as connection:
        boards.store(connection, snapshots)


def test_only_titles_that_say_that_a_provider_failed_are_taken(store: Store) -> None:
    fill_board(store)
    titles = board_titles.failure_titles(store, "weibo")
    assert titles == {"DeepSeek崩了": "deepseek"}
    sightings = board_titles.find_sightings(store, "weibo", titles)
    assert [s.seen_at for s in sightings["deepseek"]] == [
        START + minute * MINUTE for minute in (20, 30, 40)
    ]


def test_an_event_is_suggested_once_as_an_unconfirmed_outage(store: Store) -> None:
    fill_board(store)
    for _ in range(2):
        assert board_titles.suggest_outages(store) == 1
    with store.reading() as connection:
        (outage,) = outages.read(connection, origins=[board_titles.ORIGIN])
    assert (outage.provider, outage.confirmed) == ("deepseek", False)
    assert (outage.start, outage.end) == (START + 20 * MINUTE, START + 40 * MINUTE)
