"""Posts from files: JSONL in our own format, exports of other tools, any shape by a mapping."""

import hashlib
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from crawler.parsing import as_count, as_text
from db.core.engine import Store
from db.core.records import CoveredSpan, Page, RawPost, Span
from db.crawl import cursors
from db.posts import storage
from shrug.crawl.ingest import Ingest
from shrug.imports.lines import (
    BAD_VALUE,
    ImportResult,
    ProgressCallback,
    describe_error,
    http_url,
    parse_iso_time,
)
from shrug.imports.mappings import FieldMapping
from shrug.imports.rejects import RejectWriter
from shrug.imports.rows import FileRow, rows_until_unreadable

POSTS_PER_BATCH = 1000
QUERY = "import"
_INSTANT = timedelta(microseconds=1)
_DIGESTED_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How files are read.

    mapping: where a row has each field of a post; none for JSONL in our own format. source: the
    source of all posts, instead of the mapping's. covered: spans that the files hold completely.
    reject_file: where refused lines are written; none for a file beside the one that is read.
    """

    mapping: FieldMapping | None = None
    source: str = ""
    covered: tuple[Span, ...] = ()
    reject_file: Path | None = None


Extent = dict[str, tuple[datetime, datetime]]


def _widen(extent: Extent, source: str, first: datetime, last: datetime) -> None:
    known = extent.get(source, (first, last))
    extent[source] = min(known[0], first), max(known[1], last)


class _Progress(BaseModel):
    """How many rows of a file are stored, and each source's first and last post among them."""

    done: int = 0
    extent: Extent = {}


def import_posts(
    ingest: Ingest,
    store: Store,
    files: list[Path],
    options: ImportOptions,
    on_bytes: ProgressCallback,
) -> ImportResult:
    """Import posts from files.

    Each batch is stored together with the number of rows that were read, so that an import that was
    killed resumes there. The coverage of the files is stored last.
    """
    result = ImportResult()
    extent: Extent = {}
    for path in files:
        key = f"file:{_digest(path)}"
        with store.reading() as connection:
            progress = _Progress.model_validate_json(cursors.read(connection, key, QUERY) or "{}")
        if progress.done:
            result.warnings.append(f"{path}: goes on after row {progress.done}")
        reject_file = options.reject_file or path.with_name(f"{path.name}.refused.jsonl")
        with RejectWriter(reject_file, append=progress.done > 0) as rejects:
            _FileImport(ingest, store, key, options, progress, rejects, result).run(path, on_bytes)
        if rejects.warning:
            result.warnings.append(rejects.warning)
        for source, (first, last) in progress.extent.items():
            _widen(extent, source, first, last)
        with store.writing() as connection:
            cursors.forget(connection, key, QUERY)
    result.new = ingest.new_posts
    _store_coverage(store, result, extent, options.covered)
    return result


_Pages = list[tuple[Page, Future[Any] | None]]


@dataclass
class _FileImport:
    """The import of one file. pending: the batch that is being matched, and its last row."""

    ingest: Ingest
    store: Store
    key: str
    options: ImportOptions
    progress: _Progress
    rejects: RejectWriter
    result: ImportResult
    pending: tuple[_Pages, int] | None = None

    def run(self, path: Path, on_bytes: ProgressCallback) -> None:
        batch: list[tuple[str, RawPost]] = []
        number, done = 0, self.progress.done
        mapping = self.options.mapping
        kind, items = (mapping.rows, mapping.items) if mapping else ("lines", "")
        rows = rows_until_unreadable(path, kind, items, on_bytes, self.result)
        for number, row in enumerate(rows, 1):
            if number <= done:
                continue
            batch += self._posts(row)
            if len(batch) >= POSTS_PER_BATCH:
                self._begin(batch, number)
                batch = []
        self._begin(batch, max(number, done))
        self._store_pending()

    def _posts(self, row: FileRow) -> Iterator[tuple[str, RawPost]]:
        """Yield (source, post) of a row, or of the list that the row holds."""
        mapping, values = self.options.mapping, [row.value]
        inside = row.value.get(mapping.within) if mapping and mapping.within else None
        if isinstance(inside, list):
            values = [entry for entry in inside if isinstance(entry, dict)]
        for value in values:
            self.result.read += 1
            try:
                if row.why:
                    raise ValueError(row.why)
                source, post = (mapping.source, mapping.to_post(value)) if mapping else _post(value)
                yield (self.options.source or source)[:60], post
            except BAD_VALUE as error:
                why = describe_error(error)
                self.result.refuse(row.where, why)
                self.rejects.write(row.where, why, row.raw)

    def _begin(self, batch: list[tuple[str, RawPost]], done: int) -> None:
        """Begin to match a batch, and store the one before it."""
        pages = []
        for source in dict.fromkeys(source for source, _ in batch):
            page = Page(source, QUERY, tuple(post for s, post in batch if s == source))
            pages.append((page, self.ingest.prepare_item(page)))
        self._store_pending()
        self.pending = pages, done

    def _store_pending(self) -> None:
        """Store a batch, then its last row: a batch that is read again changes nothing."""
        if self.pending is None:
            return
        pages, self.progress.done = self.pending
        for page, matching in pages:
            self.ingest.store_item(page, matching)
            times = [post.created_at for post in page.posts]
            _widen(self.progress.extent, page.source, min(times), max(times))
        with self.store.writing() as connection:
            cursors.write(
                connection, self.key, QUERY, self.progress.model_dump_json(), datetime.now(UTC)
            )


def _store_coverage(
    store: Store, result: ImportResult, extent: Extent, covered: tuple[Span, ...]
) -> None:
    for source, (first, last) in sorted(extent.items()):
        spans = [CoveredSpan(span) for span in covered]
        if not spans:
            spans = [CoveredSpan(Span(first, last + _INSTANT), assumed=True)]
            result.warnings.append(
                f"{source}: no --covered was given, so the file is taken to hold everything "
                f"from {first.isoformat()} to {last.isoformat()}"
            )
        with store.writing() as connection:
            storage.store_page(connection, Page(source, QUERY, covered=tuple(spans)), [])


def _digest(path: Path) -> str:
    """Return what identifies a file: a digest of its name and its first bytes."""
    digest = hashlib.sha256(path.name.encode("utf-8", "surrogateescape"))
    with suppress(OSError), path.open("rb") as file:
        digest.update(file.read(_DIGESTED_BYTES))
    return digest.hexdigest()[:32]


def _post(value: dict[str, Any]) -> tuple[str, RawPost]:
    source, id_, text = value["source"], value["id"], value["text"]
    if not isinstance(source, str) or not source or not isinstance(text, str):
        raise ValueError("source and text must be text")
    if not isinstance(id_, str | int) or isinstance(id_, bool) or id_ == "":
        raise ValueError("id must be text or a number")
    if value.get("simulated") is True:
        raise ValueError("it says that it is simulated: nothing real comes of it")
    return source[:60], RawPost(
        external_id=str(id_),
        created_at=parse_iso_time(value["created_at"]),
        text=text,
        url=http_url(value.get("url")),
        author=as_text(value.get("author")),
        lang=as_text(value.get("lang")),
        likes=as_count(value.get("likes")),
        reposts=as_count(value.get("reposts")),
        replies=as_count(value.get("replies")),
        reply_to=as_text(value.get("reply_to")),
    )
