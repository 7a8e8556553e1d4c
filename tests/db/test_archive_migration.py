"""Months that an earlier version moved into Parquet files come back when the store is opened."""

import hashlib
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import TableClause, column, delete, insert, inspect, select, table, text, update

from db.catalog import provider_rows
from db.core import metadata
from db.core.engine import Store, open_store, revisions
from db.core.errors import BadInput
from db.core.records import NewMention, NewPost, Page
from db.core.types import UtcTime
from db.counts import hourly, languages
from db.posts import labels, scores, storage
from shrug.store.bootstrap import open_ready_store
from tests.db.test_migrations import migrate_to
from tests.processes import Fault, run

MARCH, APRIL, MAY = (datetime(2026, month, 1, tzinfo=UTC) for month in (3, 4, 5))
TABLES = ("posts", "mentions", "scores", "readings")
COUNTED = ("hourly_counts", "hourly_speech", "hourly_moods")
Sources = Sequence[tuple[str, datetime]]
FLAGS = labels.FLAGS
NUMBER = 120


def new_posts() -> list[NewPost]:
    """From the middle of March to the middle of May, some in one hour, some with copies."""
    return [
        NewPost(
            external_id=f"id{n}",
            created_at=MARCH + timedelta(days=14 + n // 4 * 2, minutes=7 * (n % 4), microseconds=n),
            text=f"DeepSeek and {n}",
            lang=("en", "zh")[n % 2],
            fingerprint=n // 3 - 2**62,
            author=None if n % 7 == 0 else f"author {n // 2}",
            url=f"https://forum.example/{n}" if n % 2 else None,
            likes=n if n % 5 else None,
            reply_to="id0" if n % 11 == 0 else None,
            mentions=(
                NewMention("deepseek", "subject"),
                *[NewMention("kimi", "alternative")] * (n % 3 == 0),
            ),
        )
        for n in range(NUMBER)
    ]


def fill(store: Store) -> None:
    with store.writing() as connection:
        storage.store_page(connection, Page("forum", "q"), new_posts())
        storage.store_page(connection, Page("a b/c", "q"), new_posts()[:40])
        ids = list(connection.execute(text("select id from posts order by id")).scalars())
        scored = [(id_, None if id_ % 9 == 0 else id_ / 1000) for id_ in ids]
        scores.write(connection, "model", "1", scored)
        scores.write(connection, "model", "2", scored[::2])
        deepseek = provider_rows.ids(connection)["deepseek"]
        flags = [dict.fromkeys(FLAGS, id_ % 2 == 0) for id_ in ids]
        rows = [
            {"post_id": i, "provider_id": deepseek, **f} for i, f in zip(ids, flags, strict=True)
        ]
        labels.write(connection, "v", rows)


def rows_of(store: Store, *tables: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of these tables, but for counts of no post, which say what a missing row says."""
    with store.writing() as connection:
        connection.execute(text("delete from hourly_speech where posts = 0"))
        connection.execute(text("delete from hourly_moods where scored = 0"))
        return {
            name: sorted(map(tuple, connection.execute(text(f"select * from {name}"))), key=str)  # noqa: S608
            for name in tables
        }


TEXT, INTEGER, FLAG = pa.string(), pa.int64(), pa.bool_()
MENTION = {"provider": TEXT, "role": TEXT}
SCORE = {"model": TEXT, "version": TEXT, "score": pa.float64()}
READING = {"provider": TEXT, "version": TEXT, **dict.fromkeys(FLAGS, FLAG)}
POST = {
    "id": INTEGER,
    "source": TEXT,
    "external_id": TEXT,
    "created_at": pa.timestamp("us", "UTC"),
    **dict.fromkeys(("text", "lang", "author", "url", "reply_to"), TEXT),
    **dict.fromkeys(("likes", "reposts", "replies", "fingerprint"), INTEGER),
}
LISTS = {"mentions": MENTION, "scores": SCORE, "readings": READING}
SCHEMA = pa.schema({**POST, **{k: pa.list_(pa.struct([*v.items()])) for k, v in LISTS.items()}})


def former(name: str, *columns: str) -> TableClause:
    """A table as it was then."""
    times = {"created_at", "month"}
    return table(name, *(column(c, UtcTime() if c in times else None) for c in columns))


POSTS = former("posts", *POST)
ARCHIVES = former("archives", "source", "month", "file", "digest", "posts", "last_id")


def archive(store: Store, folder: Path, source: str, month: datetime) -> Path:
    """Move a source's posts of a month into a file, as the earlier version did."""
    after = (month + timedelta(days=31)).replace(day=1)
    path = folder / quote(source, safe="") / f"{month:%Y-%m}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    with store.writing() as connection:
        keys = {id_: key for key, id_ in provider_rows.ids(connection).items()}
        within = POSTS.c.created_at >= month, POSTS.c.created_at < after
        query = select(POSTS).where(POSTS.c.source == source, *within)
        rows: list[dict[str, Any]] = [{**row} for row in connection.execute(query).mappings()]
        by_id = {row["id"]: row for row in rows}
        for name, columns in LISTS.items():
            names = [n.replace("provider", "provider_id") for n in columns]
            details = former(name, "post_id", *names)
            for row in rows:
                row[name] = []
            of_posts = details.c.post_id.in_(by_id)
            for id_, *values in connection.execute(select(details).where(of_posts)):
                values_of = dict(zip(columns, values, strict=True))
                if "provider" in values_of:
                    values_of["provider"] = keys[values_of["provider"]]
                # SQLite gives a flag as a number.
                values_of |= {flag: bool(values_of[flag]) for flag in FLAGS if flag in values_of}
                by_id[id_][name].append(values_of)
            connection.execute(delete(details).where(of_posts))
        connection.execute(delete(POSTS).where(POSTS.c.id.in_(by_id)))
        pq.write_table(pa.Table.from_pylist(rows, schema=SCHEMA), path, compression="zstd")
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        place = {"source": source, "month": month, "file": str(path.relative_to(folder))}
        number = {"digest": digest, "posts": len(rows), "last_id": max(by_id)}
        connection.execute(insert(ARCHIVES), {**place, **number})
        metadata.write(connection, "archive.folder", str(folder))
    return path


def note_deleted(store: Store, source: str, *ids: str) -> None:
    """What the earlier version wrote down when a source had deleted what it did not find."""
    with store.writing() as connection:
        rows = [{"source": source, "external_id": id_} for id_ in ids]
        connection.execute(insert(former("gone", "source", "external_id")), rows)


@pytest.fixture
def former_store(store: Store) -> Store:
    """A store of the earlier version, with posts and all that is known of them."""
    fill(store)
    migrate_to(store, "0011")
    return store


def wrong_counts(store: Store) -> int:
    """Return the number of counts that are not those of the posts."""
    with store.reading() as connection:
        hours = sum(len(cells) for cells in hourly.differences(connection))
        return hours + languages.differences(connection)


EVERY = (("forum", MARCH), ("forum", APRIL), ("a b/c", MARCH))


@pytest.mark.parametrize("archived", [(), EVERY[:1], EVERY], ids=len)
def test_archived_months_are_restored_as_they_were(
    former_store: Store, url: str, tmp_path: Path, archived: Sources
) -> None:
    before = rows_of(former_store, *TABLES, *COUNTED)
    paths = [archive(former_store, tmp_path / "files", *month) for month in archived]
    leftover = tmp_path / "files" / "forum" / "restored-before.parquet"
    if archived:
        leftover.write_bytes(b"its month is in the store")
        with former_store.writing() as connection:
            metadata.write_list(
                connection, "archive.left", [str(leftover), str(leftover.with_name("deleted"))]
            )
        assert rows_of(former_store, "posts") != {"posts": before["posts"]}
    with open_ready_store(url) as store:
        assert rows_of(store, *TABLES, *COUNTED) == before
        assert wrong_counts(store) == 0
        assert not any(path.exists() for path in (*paths, leftover))
        with store.reading() as connection:
            assert not {"archives", "gone"} & {*inspect(connection).get_table_names()}
            assert metadata.read(connection, "archive.folder") is None
            assert metadata.read(connection, "archive.left") is None
        with store.writing() as connection:
            new = storage.store_page(connection, Page("forum", "q"), new_posts())
        assert new == 0


@pytest.mark.parametrize("harm", ["missing", "damaged"])
def test_a_missing_or_damaged_file_is_named_and_nothing_changes(
    former_store: Store, url: str, tmp_path: Path, harm: str
) -> None:
    before = rows_of(former_store, *TABLES)
    archive(former_store, tmp_path, *EVERY[0])
    path = archive(former_store, tmp_path, *EVERY[1])
    archived, body = rows_of(former_store, *TABLES, "archives", "facts"), path.read_bytes()
    if harm == "missing":
        path.unlink()
    else:
        path.write_bytes(body[:99] + bytes([body[99] ^ 1]) + body[100:])
    with pytest.raises(BadInput, match=f"{path.name}: .*forum of 2026-04"):
        open_store(url)
    assert revisions(former_store)[0] == "0011"
    assert rows_of(former_store, *TABLES, "archives", "facts") == archived
    path.write_bytes(body)
    with open_ready_store(url) as store:
        assert rows_of(store, *TABLES) == before


def test_posts_deleted_at_their_source_are_not_restored(
    former_store: Store, fresh: Callable[[], str], url: str, tmp_path: Path
) -> None:
    ids = ("id0", "id1", "id6", "id66", "id119", "unknown")
    with open_ready_store(fresh()) as never_archived:
        fill(never_archived)
        with never_archived.writing() as connection:
            storage.delete_posts(connection, "forum", ids)
        expected = rows_of(never_archived, *TABLES, *COUNTED)
    for month in EVERY:
        archive(former_store, tmp_path, *month)
    # The last one came back into the store after its source had deleted it.
    note_deleted(former_store, "forum", *ids)
    with open_ready_store(url) as store:
        assert rows_of(store, *TABLES, *COUNTED) == expected
        assert wrong_counts(store) == 0
        with store.writing() as connection:
            storage.store_page(connection, Page("forum", "q"), new_posts()[:2])
        assert wrong_counts(store) == 0


def test_a_post_that_its_source_moved_to_another_month_is_kept_and_counted_once(
    store: Store, url: str, tmp_path: Path
) -> None:
    """The earlier version did not look for a post in the files of other months."""
    fill(store)
    [post] = [post for post in new_posts() if post.external_id == "id3"]
    with store.writing() as connection:
        shifted = replace(post, external_id="again", created_at=MAY)
        storage.store_page(connection, Page("forum", "q"), [shifted])
    migrate_to(store, "0011")
    archive(store, tmp_path, *EVERY[0])
    with store.writing() as connection:
        same = update(POSTS).where(POSTS.c.external_id == "again").values(external_id="id3")
        connection.execute(same)
    with open_ready_store(url) as again:
        known = [row for row in rows_of(again, "posts")["posts"] if row[1:3] == ("forum", "id3")]
        assert len(known) == 1
        assert len(rows_of(again, "posts")["posts"]) == NUMBER + 40
        assert wrong_counts(again) == 0


def test_without_pyarrow_archived_months_name_the_extra(
    former_store: Store, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = archive(former_store, tmp_path, *EVERY[0])
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "pyarrow.parquet", None)
        with pytest.raises(BadInput, match=r"pip install 'shrug\[frames\]'"):
            open_store(url)
    assert path.exists()
    with open_ready_store(url) as store:
        assert len(rows_of(store, "posts")["posts"]) == NUMBER + 40


def test_without_archived_months_pyarrow_is_not_needed(
    former_store: Store, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with open_ready_store(url) as store:
        assert wrong_counts(store) == 0


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_process_killed_while_it_restores_loses_nothing(
    former_store: Store, url: str, tmp_path: Path, when: Literal["before", "after"]
) -> None:
    before = rows_of(former_store, *TABLES, *COUNTED)
    path = archive(former_store, tmp_path, *EVERY[0])
    killed = run("verify", "--database", url, fault=Fault(kill_at_commit=1, when=when))
    assert killed.code == -9
    assert path.exists()
    with open_ready_store(url) as store:
        assert rows_of(store, *TABLES, *COUNTED) == before
