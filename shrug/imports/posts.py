"""Posts as JSONL."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from crawler.reading import count_or_none, text_or_none
from db import posts
from db.engine import Store
from db.records import Covered, Page, RawPost, Span
from shrug.imports.reading import BAD_VALUE, Imported, Told, iso, reason, until_broken, value_of
from shrug.ingest import Ingest

BATCH = 1000
_INSTANT = timedelta(microseconds=1)


def import_posts(
    ingest: Ingest, store: Store, files: list[Path], covered: list[Span], told: Told
) -> Imported:
    """Import JSONL of posts; each batch is stored with the coverage that it completes."""
    result = Imported()
    extent: dict[str, tuple[datetime, datetime]] = {}
    for path in files:
        batch: list[tuple[str, RawPost]] = []
        for where, line in until_broken(path, told, result):
            if not line.strip():
                continue
            result.read += 1
            try:
                batch.append(_post(value_of(line)))
            except BAD_VALUE as error:
                result.refuse(where, reason(error))
            if len(batch) >= BATCH:
                _keep_posts(ingest, batch, extent)
                batch = []
        _keep_posts(ingest, batch, extent)
    result.new = ingest.new_posts
    for source, (first, last) in sorted(extent.items()):
        spans = [Covered(span) for span in covered]
        if not spans:
            spans = [Covered(Span(first, last + _INSTANT), assumed=True)]
            result.warnings.append(
                f"{source}: no --covered was given, so the file is taken to hold everything "
                f"from {first.isoformat()} to {last.isoformat()}"
            )
        with store.writing() as connection:
            posts.store_page(connection, Page(source, "import", covered=tuple(spans)), [])
    return result


def _keep_posts(
    ingest: Ingest, batch: list[tuple[str, RawPost]], extent: dict[str, tuple[datetime, datetime]]
) -> None:
    for source in dict.fromkeys(source for source, _ in batch):
        own = tuple(post for s, post in batch if s == source)
        ingest.keep(Page(source, "import", own))
        times = [post.created_at for post in own]
        first, last = extent.get(source, (min(times), max(times)))
        extent[source] = min(first, *times), max(last, *times)


def _post(value: dict[str, Any]) -> tuple[str, RawPost]:
    source, id_, text = value["source"], value["id"], value["text"]
    if not isinstance(source, str) or not source or not isinstance(text, str):
        raise ValueError("source and text must be text")
    if not isinstance(id_, str | int) or isinstance(id_, bool) or id_ == "":
        raise ValueError("id must be text or a number")
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
