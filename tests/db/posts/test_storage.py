"""A page is stored completely or not at all, and its counts follow its posts."""

import pytest

from db.core.engine import Store
from db.core.records import NewMention
from db.crawl import coverage, cursors
from db.posts import queries, storage
from tests.db.samples import HOUR, T0, new_post, page, stored_counts


def test_a_page_is_stored_completely_or_not_at_all(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("the last step fails")

    monkeypatch.setattr(coverage, "add", fail)
    with pytest.raises(RuntimeError), store.writing() as connection:
        storage.store_page(connection, page(), [new_post("a")])
    with store.reading() as connection:
        assert queries.sources(connection) == []
        assert cursors.read(connection, "hackernews", "DeepSeek") is None
    assert stored_counts(store) == []


def test_a_post_seen_twice_is_stored_once_with_its_newest_likes(store: Store) -> None:
    for likes in (1, 5):
        with store.writing() as connection:
            new = storage.store_page(
                connection, page(), [new_post("a", likes=likes), new_post("b")]
            )
        assert new == (2 if likes == 1 else 0)
    ((hour, *counts),) = stored_counts(store)
    assert str(hour).startswith("2026-03-01 12:00:00")
    assert counts == [2, 2, 2, 5, 2]


def test_counts_follow_edits_copies_and_authors(store: Store) -> None:
    copies = [new_post(i, fingerprint=7, author="bot") for i in "abc"]
    with store.writing() as connection:
        storage.store_page(connection, page(), [*copies, new_post("d", T0 + HOUR)])
    assert [row[1:4] for row in stored_counts(store)] == [(3, 1, 1), (1, 1, 1)]
    unnamed = new_post("a", mentions=())
    alternative = new_post("b", mentions=(NewMention("deepseek", "alternative"),))
    with store.writing() as connection:
        storage.store_page(connection, page(), [unnamed, alternative])
    assert [row[1:4] for row in stored_counts(store)] == [(1, 1, 1), (1, 1, 1)]
