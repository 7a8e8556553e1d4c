"""Counts are kept up by what changes, never made anew whole; a recount proves them equal."""

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from db.core.engine import Store, open_store
from db.core.records import NewMention, NewPost, Page
from db.counts import hourly, languages
from db.counts.cells import Cell
from db.posts import scores, storage

T0 = datetime(2026, 3, 1, 12, tzinfo=UTC)
NAMES = ("deepseek", "kimi", "github")
SOURCES = count()
MODEL = ("vader", "1")

# A post: which of a few ids, minute, text, author, likes, language, whom it names and as what.
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


def made(drawn: Sequence[tuple[Any, ...]]) -> list[NewPost]:
    return [_post(*each) for each in drawn]


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


def act(store: Store, source: str, kind: str, drawn: Sequence[Any]) -> None:
    with store.writing() as connection:
        if kind in {"page", "fail"}:
            storage.store_page(connection, Page(source, "q"), made(drawn))
        if kind == "fail":
            raise RuntimeError("killed before its commit")
        if kind == "remove":
            storage.remove(connection, source, [f"p{number}" for number in drawn])
        named = text("select external_id, id from posts where source = :source order by id")
        own: dict[str, int] = dict(connection.execute(named, {"source": source}).all())
        if kind == "score":
            both = zip(own.values(), drawn, strict=False)
            scores.write(connection, *MODEL, [(id_, float(str(s))) for id_, s in both])
        if kind == "rename":
            wanted = {p.external_id: p.mentions for p in made(drawn)}
            storage.rename(connection, {own[id_]: m for id_, m in wanted.items() if id_ in own})


def wrong(store: Store) -> tuple[list[Cell], int]:
    with store.reading() as connection:
        cells = [cell for found in hourly.differences(connection) for cell in found]
        return cells, languages.differences(connection)


@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(st.tuples(st.booleans(), STEP), min_size=1, max_size=8))
def test_counts_are_what_a_recount_gives_whatever_happened(
    store: Store, url: str, steps: list[tuple[bool, tuple[str, list[object]]]]
) -> None:
    # Two who write: neither may trust what it remembers of what the other changed.
    other, source = open_store(url), f"s{next(SOURCES)}"
    try:
        for mine, (kind, drawn) in steps:
            try:
                act(store if mine else other, source, kind, drawn)
            except RuntimeError:
                assert kind == "fail"
            assert wrong(store) == ([], 0)
    finally:
        other.close()


def test_a_page_that_fails_halfway_is_not_remembered(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = [(n, n, n, f"a{n}", 0, "en", [("kimi", "subject")]) for n in range(6)]
    act(store, "forum", "page", day[:2])

    def full(*_: object) -> None:
        raise RuntimeError("the disk is full")

    with monkeypatch.context() as patch:
        # Counted, but not stored.
        patch.setattr(languages, "arrive", full)
        with pytest.raises(RuntimeError):
            act(store, "forum", "page", day[2:4])
    act(store, "forum", "page", day[4:])
    assert wrong(store) == ([], 0)


def test_wrong_counts_of_speech_are_found_and_mended(store: Store) -> None:
    act(store, "forum", "page", [(n, n, n, "a", 0, "en", [("kimi", "subject")]) for n in range(5)])
    act(store, "forum", "score", [0.1] * 12)
    with store.writing() as connection:
        connection.execute(text("update hourly_speech set posts = 9"))
        connection.execute(text("delete from hourly_moods"))
    assert wrong(store) == ([], 2)
    with store.writing() as connection:
        languages.mend(connection)
    assert wrong(store) == ([], 0)
    with store.reading() as connection:
        rows = connection.execute(text("select scored, mood from hourly_moods")).all()
    assert [tuple(row) for row in rows] == [(5, 500)]


def test_an_hour_that_is_past_its_time_in_part_is_taken_as_it_is(store: Store) -> None:
    both = [(n, 10 + 40 * n, n, "a", 0, "en", [("kimi", "subject")]) for n in range(2)]
    act(store, "forum", "page", both)
    with store.writing() as connection:
        assert languages.differences(connection, T0 + timedelta(minutes=30)) == 0
        languages.mend(connection, T0 + timedelta(minutes=30))
    assert wrong(store) == ([], 0)


@pytest.mark.sqlite_only
def test_pages_that_go_on_read_no_post_again(store: Store) -> None:
    day = [(n, n // 60, n, f"a{n}", 0, "en", [("kimi", "subject")]) for n in range(12, 3000)]
    act(store, "forum", "page", day[:100])
    few = work(store, day[100:200])
    act(store, "forum", "page", day[200:2800])
    assert work(store, day[2800:2900]) < 1.3 * few
    assert wrong(store) == ([], 0)


def work(store: Store, page: Sequence[tuple[Any, ...]]) -> int:
    """Thousands of steps that SQLite takes to store a page."""
    steps = count()
    with store.writing() as connection:
        sqlite = connection.connection.dbapi_connection
        assert isinstance(sqlite, sqlite3.Connection)
        sqlite.set_progress_handler(lambda: next(steps) and None, 1000)
        storage.store_page(connection, Page("forum", "q"), made(page))
        sqlite.set_progress_handler(None, 0)
    return next(steps)
