"""The stages of work on a store, each with a rival."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import psycopg

from bench.archive import BASELINE
from bench.pairs import Pair
from bench.server import SINCE
from bench.stream import START, WEEKS, paged, ready
from db.core import partitions
from db.core.engine import Store
from db.core.models import Mention, Post
from db.core.records import CoveredSpan, NewOutage, NewPost, Page, Span
from db.core.types import sqlite_text
from db.counts import hourly
from db.crawl import outages
from db.posts import storage as posts_storage
from shrug.measure.measurement import measure
from shrug.store.bootstrap import open_ready_store
from tests.conftest import database
from tests.servers import postgres

END = START + timedelta(weeks=WEEKS)
PAGE = Page("forum", "q")


@contextmanager
def _store(folder: str, name: str) -> Iterator[Store]:
    with open_ready_store(f"sqlite:///{folder}/{name}.sqlite3") as store:
        yield store


def _store_page(store: Store, page: list[NewPost]) -> None:
    with store.writing() as connection:
        posts_storage.store_page(connection, PAGE, page)


@contextmanager
def _filled(number: int, folder: str) -> Iterator[Store]:
    with _store(folder, "ours") as store:
        for page in paged(ready(number)):
            _store_page(store, page)
        yield store


@contextmanager
def crawling(number: int, folder: str) -> Iterator[Pair]:
    """A crawl from a server on loopback into the store, with the starts of its processes, against
    Scrapy with an empty pipeline."""
    command = [sys.executable, "-m", "bench.server", str(number)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        base = f"http://127.0.0.1:{int(server.stdout.readline() if server.stdout else 0)}"
        until = SINCE + timedelta(minutes=number)
        ours = [sys.executable, "-m", "shrug", "crawl", "hackernews", "--provider", "deepseek"]
        ours += ["--address", f"hackernews={base}", "--since", SINCE.isoformat(), "--delay", "0"]
        ours += ["--until", until.isoformat(), "--database", f"{folder}/crawl.sqlite3"]
        rival = [sys.executable, "-m", "bench.plain_scrapy", base, str(number)]
        try:
            yield Pair(lambda _: _run(ours), lambda _: _run(rival))
        finally:
            server.kill()


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True)


@contextmanager
def ingestion(number: int, folder: str) -> Iterator[Pair]:
    """Posts, mentions and counts, one transaction for each page, against executemany of sqlite3."""
    with (
        _store(folder, "ours") as ours,
        _store(folder, "raw"),
        closing(sqlite3.connect(f"{folder}/raw.sqlite3")) as raw,
    ):
        raw.execute("pragma synchronous=normal")
        yield Pair(
            lambda both: _store_page(ours, both[0]),
            lambda both: _raw(raw, *both[1]),
            ((page, _rows(page)) for page in paged(ready(number))),
        )


@contextmanager
def copying(number: int, _folder: str) -> Iterator[Pair]:
    """The same on PostgreSQL, a server of its own on this machine, against COPY of the rows."""
    with (
        postgres() as server,
        database(server) as own_database,
        database(server) as raw,
        open_ready_store(_psycopg_url(own_database)) as ours,
        open_ready_store(_psycopg_url(raw)) as other,
        psycopg.connect(raw, options="-c timezone=UTC") as plain,
    ):
        with other.writing() as connection:
            partitions.ensure(connection, {START + timedelta(days=n) for n in range(WEEKS * 7)})
        yield Pair(
            lambda both: _store_page(ours, both[0]),
            lambda both: _copy_rows(plain, *both[1]),
            ((page, _rows(page)) for page in paged(ready(number))),
        )


def _psycopg_url(address: str) -> str:
    return address.replace("postgresql://", "postgresql+psycopg://")


RawRows = list[tuple[Any, ...]]


def _rows(page: list[NewPost]) -> tuple[RawRows, RawRows]:
    """Return posts and mentions as rows for the driver."""
    ids = [int(post.external_id) + 1 for post in page]
    posts = [
        (
            i,
            p.external_id,
            sqlite_text(p.created_at),
            p.text,
            p.lang,
            p.author,
            p.likes,
            p.fingerprint,
        )
        for i, p in zip(ids, page, strict=True)
    ]
    return posts, [
        (i, n + 1, m.role, sqlite_text(p.created_at))
        for i, p in zip(ids, page, strict=True)
        for n, m in enumerate(p.mentions)
    ]


def _copy_rows(connection: psycopg.Connection, posts: RawRows, mentions: RawRows) -> None:
    with connection.cursor() as cursor:
        columns = "id, external_id, created_at, text, lang, author, likes, fingerprint, source"
        with cursor.copy(f"copy posts ({columns}) from stdin") as copy:
            for row in posts:
                copy.write_row((*row, PAGE.source))
        columns = "post_id, provider_id, role, created_at, source"
        with cursor.copy(f"copy mentions ({columns}) from stdin") as copy:
            for row in mentions:
                copy.write_row((*row, PAGE.source))
    connection.commit()


def _raw(connection: sqlite3.Connection, posts: RawRows, mentions: RawRows) -> None:
    connection.executemany(
        "insert into posts (id, source, external_id, created_at, text, lang, author, likes, "
        "fingerprint) values (?, 'forum', ?, ?, ?, ?, ?, ?, ?)",
        posts,
    )
    connection.executemany(
        "insert into mentions (post_id, provider_id, role, source, created_at) "
        "values (?, ?, ?, 'forum', ?)",
        mentions,
    )
    connection.commit()


@contextmanager
def counted(number: int, folder: str) -> Iterator[Pair]:
    """A recount of all hourly counts, against pandas grouping the same rows."""
    import pandas as pd
    from sqlalchemy import select

    with _filled(number, folder) as ours:

        def recount(_: None) -> None:
            with ours.reading() as connection:
                wrong = [c for differences in hourly.differences(connection) for c in differences]
            if wrong:
                raise ValueError(f"{len(wrong)} counts differ from a recount")

        def grouped(_: None) -> None:
            query = select(
                Mention.provider_id, Mention.created_at, Post.fingerprint, Post.author, Post.likes
            ).join(Post, Post.id == Mention.post_id)
            with ours.reading() as connection:
                rows = connection.execute(query).all()
            frame = pd.DataFrame(rows, columns=["provider", "at", "text", "author", "likes"])
            key = [frame["provider"], frame["at"].dt.floor("h")]
            aggregates = {"at": "size", "text": "nunique", "author": "nunique", "likes": "sum"}
            frame.groupby(key).agg(aggregates)

        yield Pair(recount, grouped)


@contextmanager
def measuring(number: int, folder: str) -> Iterator[Pair]:
    """One outage of two hours, in the last week of half a year, measured to its verdict, against
    sqlite3 counting eight weeks by the hour from the rows."""
    start = END - timedelta(days=3)
    outage = NewOutage(
        "deepseek", start, start + timedelta(hours=2), "outage", "simulated", "bench", "1"
    )
    with _filled(number, folder) as ours:
        with ours.writing() as connection:
            outages.add(connection, [outage])
            posts_storage.store_page(
                connection, replace(PAGE, covered=(CoveredSpan(Span(START, END)),)), []
            )

        def measured(_: None) -> None:
            report = measure(ours, END - timedelta(days=7), END)
            if not report.outages[0].channels:
                raise ValueError("nothing was measured")

        def raw(_: None) -> None:
            with closing(sqlite3.connect(f"{folder}/ours.sqlite3")) as rows:
                rows.execute(BASELINE, [str(END - timedelta(weeks=8))]).fetchall()

        yield Pair(measured, raw)


@contextmanager
def reading_counts(number: int, folder: str) -> Iterator[Pair]:
    """A provider's hourly counts of eight weeks from the store, against Arrow grouping all rows."""
    import pyarrow as pa
    import pyarrow.compute as pc

    with _filled(number, folder) as ours:
        made: list[pa.RecordBatch] = []
        for page in paged(ready(number)):
            named = [m.provider for p in page for m in p.mentions]
            at = [p.created_at for p in page for _ in p.mentions]
            made.append(pa.record_batch({"provider": named, "made": at}))
        since = END - timedelta(weeks=8)

        def read(_: None) -> None:
            with ours.reading() as connection:
                hourly.read(connection, "deepseek", "forum", since, END)

        mentions = pa.Table.from_batches(made)
        wanted = (pc.field("provider") == "deepseek") & (pc.field("made") >= since)

        def grouped(_: None) -> None:
            hours = pc.floor_temporal(mentions.filter(wanted)["made"], unit="hour")
            pa.table({"hour": hours}).group_by("hour").aggregate([([], "count_all")]).to_pylist()

        grouped(None)  # so that loading is not timed
        yield Pair(read, grouped)
