"""The stages that a post goes through, each beside a rival: `python -m bench.stages STAGE NUMBER`
times both in a process of its own and prints it as JSON."""

import gc
import json
import os
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from analysis.language import detect
from analysis.text import fingerprint, fold_all
from bench.stream import START, WEEKS, posts
from db import counts as kept_counts
from db import posts as kept_posts
from db.engine import Store
from db.models import Mention, Post
from db.records import NewPost, Page
from db.types import stored
from shrug.daemon.running import held
from shrug.ingest import Ingest
from shrug.matching import matcher
from shrug.opening import opened

PAGE = 1000
END = START + timedelta(weeks=WEEKS)
Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Pair:
    """Our work and the rival's on the same posts."""

    ours: Work
    rival: Work


def pages(source: str, made: Sequence[Any]) -> Iterator[tuple[Page, Sequence[Any]]]:
    for at in range(0, len(made), PAGE):
        yield Page(source, "q"), made[at : at + PAGE]


@contextmanager
def store(folder: str, name: str) -> Iterator[Store]:
    with opened(f"sqlite:///{folder}/{name}.sqlite3") as found:
        yield found


@cache
def prepared(number: int) -> list[NewPost]:
    """Posts ready to be stored."""
    ingest = Ingest(None, Path(TemporaryDirectory().name) / "key")  # type: ignore[arg-type]
    return ingest.prepare("forum", list(posts(number)))


@contextmanager
def crawling(number: int, folder: str) -> Iterator[Pair]:
    """From a server on loopback into the store, against Scrapy with an empty pipeline."""
    command = [sys.executable, "-m", "bench.server", str(number)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        base = f"http://127.0.0.1:{int(server.stdout.readline() if server.stdout else 0)}"
        until = START + timedelta(minutes=number)
        own = [sys.executable, "-m", "shrug", "crawl", "hackernews", "--provider", "deepseek"]
        own += ["--address", f"hackernews={base}", "--since", START.isoformat(), "--delay", "0"]
        own += ["--until", until.isoformat(), "--database", f"{folder}/crawl.sqlite3"]
        rival = [sys.executable, "-m", "bench.plain_scrapy", base, str(number)]
        try:
            yield Pair(lambda: _run(own), lambda: _run(rival))
        finally:
            server.kill()


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True)


@contextmanager
def ingestion(number: int, folder: str) -> Iterator[Pair]:
    """Posts, mentions and counts, a page a transaction, against rows by raw sqlite3 executemany."""
    made = prepared(number)
    with store(folder, "ours") as ours, store(folder, "raw"):

        def keep() -> None:
            for page, own in pages("forum", made):
                with ours.writing() as connection:
                    kept_posts.store_page(connection, page, own)

        rows = [_row(post) for post in made]
        named = [[m.role for m in p.mentions] for p in made]

        def raw() -> None:
            with closing(sqlite3.connect(f"{folder}/raw.sqlite3")) as connection:
                connection.execute("pragma synchronous=normal")
                for at in range(0, number, PAGE):
                    _raw(connection, at, rows[at : at + PAGE], named[at : at + PAGE])
                    connection.commit()

        yield Pair(keep, raw)


def _row(post: NewPost) -> tuple[Any, ...]:
    at = stored(post.created_at)
    return (post.external_id, at, post.text, post.lang, post.author, post.fingerprint)


def _raw(connection: sqlite3.Connection, at: int, rows: list[Any], named: list[list[str]]) -> None:
    connection.executemany(
        "insert into posts (id, source, external_id, created_at, text, lang, author, fingerprint) "
        "values (?, 'forum', ?, ?, ?, ?, ?, ?)",
        [(at + n + 1, *row) for n, row in enumerate(rows)],
    )
    connection.executemany(
        "insert into mentions (post_id, provider_id, role, source, created_at) "
        "values (?, ?, ?, 'forum', ?)",
        [
            (at + n + 1, i + 1, role, rows[n][1])
            for n, roles in enumerate(named)
            for i, role in enumerate(roles)
        ],
    )


@contextmanager
def matching(number: int, _folder: str, naming: float = 0.03) -> Iterator[Pair]:
    """Names found in folded texts, three in a hundred of which hold one, against one regular
    expression of all names."""
    folded = fold_all([p.text for p in posts(number, naming=naming)])
    names = sorted({fold_all([a.text])[0] for a in matcher()._aliases}, key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, names)))

    def ours() -> None:
        for at in range(0, number, PAGE):
            matcher().find_all(folded[at : at + PAGE])

    yield Pair(ours, lambda: [pattern.findall(text) for text in folded])


@contextmanager
def matching_all(number: int, folder: str) -> Iterator[Pair]:
    """The same where every text holds a name, with roles and context told."""
    with matching(number, folder, 1.0) as found:
        yield found


@contextmanager
def language(number: int, _folder: str) -> Iterator[Pair]:
    """Which language a text is in, against plain py3langid."""
    from py3langid import langid

    texts = [p.text for p in posts(number)]
    langid.classify(texts[0])
    yield Pair(
        lambda: [detect(text) for text in texts], lambda: [langid.classify(text) for text in texts]
    )


@contextmanager
def near_copies(number: int, _folder: str) -> Iterator[Pair]:
    """Copies found among folded texts, against pandas (text without what is no letter,
    duplicated)."""
    import pandas as pd

    folded = fold_all([p.text for p in posts(number)])
    series = pd.Series(folded)
    yield Pair(
        lambda: len({fingerprint(text, text) for text in folded}),
        lambda: int(series.str.replace(r"[\W\d_]+", "", regex=True).duplicated().sum()),
    )


@contextmanager
def counted(number: int, folder: str) -> Iterator[Pair]:
    """Every hourly count held against a recount, against pandas grouping the same rows."""
    import pandas as pd
    from sqlalchemy import select

    with store(folder, "ours") as ours:
        for page, own in pages("forum", prepared(number)):
            with ours.writing() as connection:
                kept_posts.store_page(connection, page, own)

        def recount() -> None:
            with ours.reading() as connection:
                wrong = [c for found in kept_counts.differences(connection) for c in found]
            if wrong:
                raise ValueError(f"{len(wrong)} counts differ from a recount")

        def grouped() -> None:
            asked = select(
                Mention.provider_id, Mention.created_at, Post.fingerprint, Post.author, Post.likes
            ).join(Post, Post.id == Mention.post_id)
            with ours.reading() as connection:
                rows = connection.execute(asked).all()
            frame = pd.DataFrame(rows, columns=["provider", "at", "text", "author", "likes"])
            key = [frame["provider"], frame["at"].dt.floor("h")]
            told = {"at": "size", "text": "nunique", "author": "nunique", "likes": "sum"}
            frame.groupby(key).agg(told)

        yield Pair(recount, grouped)


@contextmanager
def reading_counts(number: int, folder: str) -> Iterator[Pair]:
    """A provider's hours of eight weeks, from kept counts, against DuckDB grouping all rows."""
    import duckdb
    import pyarrow as pa

    made = prepared(number)
    with store(folder, "ours") as ours:
        for page, own in pages("forum", made):
            with ours.writing() as connection:
                kept_posts.store_page(connection, page, own)
        rows = [(m.provider, p.created_at) for p in made for m in p.mentions]
        table = pa.table({"provider": [r[0] for r in rows], "made": [r[1] for r in rows]})
        since = END - timedelta(weeks=8)

        def read() -> None:
            with ours.reading() as connection:
                kept_counts.read(connection, "deepseek", "forum", since, END)

        with duckdb.connect() as reader:
            reader.register("mentions", table)
            asked = (
                "select date_trunc('hour', made), count(*) from mentions "
                "where provider = 'deepseek' and made >= ? group by 1"
            )
            yield Pair(read, lambda: reader.execute(asked, [since]).fetchall())


STAGES: dict[str, tuple[str, Callable[[int, str], Any]]] = {
    "crawl to stored": ("Scrapy, empty pipeline", crawling),
    "ingestion": ("raw sqlite3 executemany", ingestion),
    "matching, 3 in 100 name one": ("regular expression", matching),
    "matching, all name one": ("regular expression", matching_all),
    "language": ("plain py3langid", language),
    "near-copies": ("pandas", near_copies),
    "counts, recounted": ("pandas group-by", counted),
    "counts, read": ("DuckDB", reading_counts),
}


def main() -> None:
    """Time a stage at a size: ours, the memory that it held at most, then the rival."""
    stage, number = STAGES[sys.argv[1]][1], int(sys.argv[2])
    with TemporaryDirectory() as folder, stage(number, folder) as pair:
        # What was made for the measurement is not looked through by the collector meanwhile.
        gc.freeze()
        ours = seconds(pair.ours)
        peak = held(os.getpid(), "VmHWM")
        sys.stdout.write(json.dumps({"ours": ours, "rival": seconds(pair.rival), "peak": peak}))


def seconds(work: Work) -> float:
    """How long a piece of work takes."""
    before = time.perf_counter()
    work()
    return time.perf_counter() - before


if __name__ == "__main__":
    main()
