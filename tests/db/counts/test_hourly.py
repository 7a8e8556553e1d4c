"""Hourly counts are updated by what changes, and equal a recount of everything."""

import sqlite3
from collections.abc import Sequence
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from db.core.engine import Store, open_store
from db.core.records import NewMention, NewPost, Page
from db.counts import hourly, languages
from db.counts.cells import HourCell
from db.posts import queries, scores, storage
from tests.db.samples import HOUR, T0, new_post, page, stored_counts

NAMES = ("deepseek", "kimi", "github")
SOURCES = count()
MODEL = ("vader", "1")

# A post: number of its id, minute, text, author, likes, language, mentions (provider, role).
POST = st.tuples(
    st.integers(0, 11),
    st.integers(0, 200),
    st.integers(0, 5),
    st.sampled_from([None, "a", "b", "c"]),
    st.integers(0, 3),
    st.sampled_from(["en", "zh"]),
    st.lists(
        st.tuples(st.sampled_from(NAMES), st.sampled_from(["subject", "alternative"])),
        max_size=3,
        unique_by=lambda mention: mention[0],
    ),
)
STEP = st.one_of(
    st.tuples(st.just("page"), st.lists(POST, min_size=1, max_size=8)),
    st.tuples(st.just("remove"), st.lists(st.integers(0, 11), min_size=1, max_size=4)),
    st.tuples(st.just("score"), st.lists(st.floats(0, 1), min_size=12, max_size=12)),
    st.tuples(st.just("rename"), st.lists(POST, min_size=1, max_size=4)),
    st.tuples(st.just("fail"), st.lists(POST, min_size=1, max_size=4)),
)


def new_posts(drawn: Sequence[tuple[Any, ...]]) -> list[NewPost]:
    return [_post(*values) for values in drawn]


def _post(
    number: int,
    minute: int,
    words: int,
    author: str | None,
    likes: int,
    lang: str,
    named: list[tuple[str, str]],
) -> NewPost:
    return NewPost(
        external_id=f"p{number}",
        created_at=T0 + timedelta(minutes=minute),
        text=f"text {words}",
        lang=lang,
        fingerprint=words,
        author=author,
        likes=likes,
        mentions=tuple(NewMention(*mention) for mention in named),
    )


def apply_step(store: Store, source: str, kind: str, drawn: Sequence[Any]) -> None:
    with store.writing() as connection:
        if kind in {"page", "fail"}:
            storage.store_page(connection, Page(source, "q"), new_posts(drawn))
        if kind == "fail":
            raise RuntimeError("killed before its commit")
        if kind == "remove":
            storage.delete_posts(connection, source, [f"p{number}" for number in drawn])
        query = text("select external_id, id from posts where source = :source order by id")
        ids: dict[str, int] = dict(connection.execute(query, {"source": source}).all())
        if kind == "score":
            both = zip(ids.values(), drawn, strict=False)
            scores.write(connection, *MODEL, [(id_, float(str(s))) for id_, s in both])
        if kind == "rename":
            wanted = {p.external_id: p.mentions for p in new_posts(drawn)}
            storage.change_mentions(
                connection, {ids[name]: new for name, new in wanted.items() if name in ids}
            )


def wrong_counts(store: Store) -> tuple[list[HourCell], int]:
    with store.reading() as connection:
        cells = [cell for series in hourly.differences(connection) for cell in series]
        return cells, languages.differences(connection)


@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(st.tuples(st.booleans(), STEP), min_size=1, max_size=8))
def test_counts_equal_a_recount_after_any_steps(
    store: Store, url: str, steps: list[tuple[bool, tuple[str, list[object]]]]
) -> None:
    # Two connections write: neither may trust its cache after the other has written.
    other, source = open_store(url), f"s{next(SOURCES)}"
    try:
        for is_first, (kind, drawn) in steps:
            try:
                apply_step(store if is_first else other, source, kind, drawn)
            except RuntimeError:
                assert kind == "fail"
            assert wrong_counts(store) == ([], 0)
    finally:
        other.close()


def test_a_page_that_fails_halfway_leaves_nothing_in_the_cache(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = [(n, n, n, f"a{n}", 0, "en", [("kimi", "subject")]) for n in range(6)]
    apply_step(store, "forum", "page", day[:2])

    def fail(*_: object) -> None:
        raise RuntimeError("the disk is full")

    with monkeypatch.context() as patch:
        # It fails after the hourly counts are written.
        patch.setattr(languages, "add_mentions", fail)
        with pytest.raises(RuntimeError):
            apply_step(store, "forum", "page", day[2:4])
    apply_step(store, "forum", "page", day[4:])
    assert wrong_counts(store) == ([], 0)


def test_wrong_counts_by_language_are_detected_and_repaired(store: Store) -> None:
    apply_step(
        store, "forum", "page", [(n, n, n, "a", 0, "en", [("kimi", "subject")]) for n in range(5)]
    )
    apply_step(store, "forum", "score", [0.1] * 12)
    with store.writing() as connection:
        connection.execute(text("update hourly_speech set posts = 9"))
        connection.execute(text("delete from hourly_moods"))
    assert wrong_counts(store) == ([], 2)
    with store.writing() as connection:
        languages.repair(connection)
    assert wrong_counts(store) == ([], 0)
    with store.reading() as connection:
        rows = connection.execute(text("select scored, mood from hourly_moods")).all()
    assert [tuple(row) for row in rows] == [(5, 500)]


def test_an_hour_that_is_partly_expired_is_not_checked(store: Store) -> None:
    both = [(n, 10 + 40 * n, n, "a", 0, "en", [("kimi", "subject")]) for n in range(2)]
    apply_step(store, "forum", "page", both)
    with store.writing() as connection:
        assert languages.differences(connection, T0 + timedelta(minutes=30)) == 0
        languages.repair(connection, T0 + timedelta(minutes=30))
    assert wrong_counts(store) == ([], 0)


@pytest.mark.sqlite_only
def test_later_posts_of_cached_cells_read_no_post_again(store: Store) -> None:
    day = [(n, n // 60, n, f"a{n}", 0, "en", [("kimi", "subject")]) for n in range(12, 3000)]
    apply_step(store, "forum", "page", day[:100])
    few_steps = sqlite_steps(store, day[100:200])
    apply_step(store, "forum", "page", day[200:2800])
    assert sqlite_steps(store, day[2800:2900]) < 1.3 * few_steps
    assert wrong_counts(store) == ([], 0)


def sqlite_steps(store: Store, page: Sequence[tuple[Any, ...]]) -> int:
    """Return the thousands of steps that SQLite takes to store a page."""
    steps = count()
    with store.writing() as connection:
        sqlite = connection.connection.dbapi_connection
        assert isinstance(sqlite, sqlite3.Connection)
        sqlite.set_progress_handler(lambda: next(steps) and None, 1000)
        storage.store_page(connection, Page("forum", "q"), new_posts(page))
        sqlite.set_progress_handler(None, 0)
    return next(steps)


def test_a_text_and_an_author_are_at_most_one_voice_of_an_hour(store: Store) -> None:
    many = [new_post(f"bot {i}", author="bot") for i in range(5)]
    copies = [new_post(f"copy {i}", fingerprint=7) for i in range(5)]
    nobodys = [new_post(f"nobody {i}", author=None) for i in range(5)]
    with store.writing() as connection:
        storage.store_page(connection, page(), [*many, *copies, *nobodys])
        later = [new_post(f"later {i}", T0 + HOUR, author="bot") for i in range(2)]
        storage.store_page(connection, page(), later)
    assert [(row[1], row[5]) for row in stored_counts(store)] == [(15, 7), (2, 1)]
    with store.reading() as connection:
        times = queries.mention_times(connection, "deepseek", "hackernews", T0, T0 + 2 * HOUR)
    assert sum(new for _, new in times) == 8
