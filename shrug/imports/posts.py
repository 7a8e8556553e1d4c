"""Posts from files: JSONL of ours, exports of other tools, and any shape by a mapping."""

import hashlib
import json
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from crawler.parsing import count_or_none, text_or_none
from db.core.engine import Store
from db.core.records import Covered, Page, RawPost, Span
from db.crawl import cursors
from db.posts import storage
from shrug.crawl.ingest import Ingest
from shrug.imports.lines import BAD_VALUE, Imported, Told, iso, reason
from shrug.imports.mappings import FieldMapping
from shrug.imports.rejects import Aside
from shrug.imports.rows import Row, until_broken

BATCH = 1000
QUERY = "import"
_INSTANT = timedelta(microseconds=1)
_HEAD = 1 << 16


@dataclass(frozen=True, slots=True)
class Wanted:
    """How files are to be read. form: none for JSONL of ours. source: goes before the form's.
    covered: spans that they hold completely. aside: where bad lines go; beside the file, if none.
    """

    form: FieldMapping | None = None
    source: str = ""
    covered: tuple[Span, ...] = ()
    aside: Path | None = None


Extent = dict[str, tuple[datetime, datetime]]


def _reach(extent: Extent, source: str, first: datetime, last: datetime) -> None:
    """Widen what is known of a source to hold these two times."""
    known = extent.get(source, (first, last))
    extent[source] = min(known[0], first), max(known[1], last)


@dataclass
class _Progress:
    """How many rows of a file are stored, and each source's first and last post among them."""

    done: int = 0
    extent: Extent = field(default_factory=dict)

    def written(self) -> str:
        spans = {s: [at.isoformat() for at in span] for s, span in self.extent.items()}
        return json.dumps({"done": self.done, "extent": spans})

    @classmethod
    def read(cls, text: str | None) -> "_Progress":
        if not text:
            return cls()
        kept = json.loads(text)
        spans = {s: (iso(a), iso(b)) for s, (a, b) in kept["extent"].items()}
        return cls(kept["done"], spans)


def import_posts(
    ingest: Ingest, store: Store, files: list[Path], wanted: Wanted, told: Told
) -> Imported:
    """Import posts; each batch is stored with how far the file has been read, so that an import
    that was cut off goes on there. What the files cover is stored last."""
    result = Imported()
    extent: Extent = {}
    for path in files:
        key = f"file:{_digest(path)}"
        with store.reading() as connection:
            progress = _Progress.read(cursors.read(connection, key, QUERY))
        if progress.done:
            result.warnings.append(f"{path}: goes on after row {progress.done}")
        aside = wanted.aside or path.with_name(f"{path.name}.refused.jsonl")
        with Aside(aside, more=progress.done > 0) as refused:
            _import(_Reading(ingest, store, key, wanted, progress, refused, result), path, told)
        if refused.warning:
            result.warnings.append(refused.warning)
        elif refused.written:
            result.warnings.append(f"{refused.written} bad lines are in {aside}")
        for source, (first, last) in progress.extent.items():
            _reach(extent, source, first, last)
        with store.writing() as connection:
            cursors.forget(connection, key, QUERY)
    result.new = ingest.new_posts
    _cover(store, result, extent, wanted.covered)
    return result


_Pages = list[tuple[Page, Future[Any] | None]]


@dataclass
class _Reading:
    """One file being read."""

    ingest: Ingest
    store: Store
    key: str
    wanted: Wanted
    progress: _Progress
    aside: Aside
    result: Imported
    begun: tuple[_Pages, int] | None = None

    def refuse(self, row: Row, why: str) -> None:
        self.result.refuse(row.where, why)
        self.aside.put(row.where, why, row.raw)

    def keep(self, batch: list[tuple[str, RawPost]], done: int) -> None:
        """Begin a batch, and store the one that was begun before it."""
        pages = []
        for source in dict.fromkeys(source for source, _ in batch):
            page = Page(source, QUERY, tuple(post for s, post in batch if s == source))
            pages.append((page, self.ingest.begin_item(page)))
        before, self.begun = self.begun, (pages, done)
        if before:
            self._store(*before)

    def finish(self) -> None:
        """Store what is begun."""
        if self.begun:
            self._store(*self.begun)

    def _store(self, pages: _Pages, done: int) -> None:
        """Store a batch, then how far it reaches: read again, it changes nothing."""
        for page, begun in pages:
            self.ingest.keep(page, begun)
            times = [post.created_at for post in page.posts]
            _reach(self.progress.extent, page.source, min(times), max(times))
        self.progress.done = done
        with self.store.writing() as connection:
            cursors.write(connection, self.key, QUERY, self.progress.written(), datetime.now(UTC))


def _import(reading: _Reading, path: Path, told: Told) -> None:
    batch: list[tuple[str, RawPost]] = []
    number, done = 0, reading.progress.done
    form = reading.wanted.form
    kind, items = (form.rows, form.items) if form else ("lines", "")
    for number, row in enumerate(until_broken(path, kind, items, told, reading.result), 1):
        if number <= done:
            continue
        _take(reading, row, batch)
        if len(batch) >= BATCH:
            reading.keep(batch, number)
            batch.clear()
    reading.keep(batch, max(number, done))
    reading.finish()


def _take(reading: _Reading, row: Row, batch: list[tuple[str, RawPost]]) -> None:
    if row.why:
        reading.result.read += 1
        reading.refuse(row, row.why)
        return
    form = reading.wanted.form
    for value in _within(form, row.value):
        reading.result.read += 1
        try:
            source, post = _post(value) if form is None else (form.source, form.post(value))
            batch.append(((reading.wanted.source or source)[:60], post))
        except BAD_VALUE as error:
            reading.refuse(row, reason(error))


def _within(form: FieldMapping | None, value: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The posts of a row: itself, or those of the list that it holds."""
    inside = value.get(form.within) if form and form.within else None
    if isinstance(inside, list):
        yield from (entry for entry in inside if isinstance(entry, dict))
    else:
        yield value


def _cover(
    store: Store,
    result: Imported,
    extent: Extent,
    covered: tuple[Span, ...],
) -> None:
    for source, (first, last) in sorted(extent.items()):
        spans = [Covered(span) for span in covered]
        if not spans:
            spans = [Covered(Span(first, last + _INSTANT), assumed=True)]
            result.warnings.append(
                f"{source}: no --covered was given, so the file is taken to hold everything "
                f"from {first.isoformat()} to {last.isoformat()}"
            )
        with store.writing() as connection:
            storage.store_page(connection, Page(source, QUERY, covered=tuple(spans)), [])


def _digest(path: Path) -> str:
    """What tells a file apart: how it begins, and its name."""
    digest = hashlib.sha256(path.name.encode("utf-8", "surrogateescape"))
    with suppress(OSError), path.open("rb") as file:
        digest.update(file.read(_HEAD))
    return digest.hexdigest()[:32]


def _post(value: dict[str, Any]) -> tuple[str, RawPost]:
    source, id_, text = value["source"], value["id"], value["text"]
    if not isinstance(source, str) or not source or not isinstance(text, str):
        raise ValueError("source and text must be text")
    if not isinstance(id_, str | int) or isinstance(id_, bool) or id_ == "":
        raise ValueError("id must be text or a number")
    if value.get("simulated") is True:
        raise ValueError("it says that it is simulated: nothing real comes of it")
    url = text_or_none(value.get("url"))
    return source[:60], RawPost(
        external_id=str(id_),
        created_at=iso(value["created_at"]),
        text=text,
        url=url if url and url.startswith(("http://", "https://")) else None,
        author=text_or_none(value.get("author")),
        lang=text_or_none(value.get("lang")),
        likes=count_or_none(value.get("likes")),
        reposts=count_or_none(value.get("reposts")),
        replies=count_or_none(value.get("replies")),
        reply_to=text_or_none(value.get("reply_to")),
    )
