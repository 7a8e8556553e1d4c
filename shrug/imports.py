"""Files gathered elsewhere: posts, boards and outages. One bad line costs that line only."""

import csv
import gzip
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from crawler.reading import count_or_none, instant, text_or_none
from db import boards, catalogue, outages, posts
from db.catalogue import local_time
from db.engine import Store
from db.errors import BadInput, ShrugError
from db.records import Covered, Entry, FirstSeen, NewOutage, Page, RawPost, Snapshot, Span
from shrug.ingest import Ingest

BATCH = 1000
SNAPSHOTS = 200
FIRSTS = 20_000
LONGEST_LINE = 4_000_000
SHOWN = 20
_INSTANT = timedelta(microseconds=1)

Told = Callable[[int], None]


@dataclass
class Imported:
    """What an import came to; `refused` names file, line and reason of the first bad lines."""

    read: int = 0
    new: int = 0
    bad: int = 0
    refused: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def refuse(self, where: str, why: str) -> None:
        self.bad += 1
        if len(self.refused) < SHOWN:
            self.refused.append(f"{where}: {why}")


def lines(path: Path, told: Told) -> Iterator[tuple[str, bytes]]:
    """(file:line, bytes) of a file, gzipped or not; `told` hears how many bytes were read."""
    try:
        with path.open("rb") as raw:
            zipped = raw.peek(2)[:2] == b"\x1f\x8b"
            file = gzip.GzipFile(fileobj=raw) if zipped else raw
            before = 0
            for number, line in enumerate(_bounded(file), 1):
                yield f"{path}:{number}", line
                told(raw.tell() - before)
                before = raw.tell()
    except OSError as error:
        # A file cut off in the middle keeps what came before the cut.
        raise BadInput(f"{path}: cannot be read on: {error}") from None
    except EOFError:
        raise BadInput(
            f"{path}: cut off before its end; the lines before the cut are kept"
        ) from None


def _bounded(file: Any) -> Iterator[bytes]:
    while line := file.readline(LONGEST_LINE):
        yield line


def _value(line: bytes) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        raise ValueError("not a line of JSON") from None
    if not isinstance(value, dict):
        raise ValueError(f"an object was due, {type(value).__name__} came")
    return value


def _reason(error: Exception) -> str:
    return (
        f"{str(error) or type(error).__name__}"
        if not isinstance(error, KeyError)
        else f"no {error}"
    )


BAD_VALUE = (ValueError, KeyError, TypeError, OverflowError, AttributeError)


def import_posts(
    ingest: Ingest, store: Store, files: list[Path], covered: list[Span], told: Told
) -> Imported:
    """Import JSONL of posts; each batch is stored with the coverage that it completes."""
    result = Imported()
    extent: dict[str, tuple[datetime, datetime]] = {}
    for path in files:
        batch: list[tuple[str, RawPost]] = []
        for where, line in _until_broken(path, told, result):
            if not line.strip():
                continue
            result.read += 1
            try:
                batch.append(_post(_value(line)))
            except BAD_VALUE as error:
                result.refuse(where, _reason(error))
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


def _until_broken(path: Path, told: Told, result: Imported) -> Iterator[tuple[str, bytes]]:
    try:
        yield from lines(path, told)
    except BadInput as error:
        result.refuse(str(path), str(error).removeprefix(f"{path}: "))


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
        created_at=_iso(value["created_at"]),
        text=text,
        url=url if url and url.startswith(("http://", "https://")) else None,
        author=text_or_none(value.get("author")),
        lang=text_or_none(value.get("lang")),
        likes=count_or_none(value.get("likes")),
        reposts=count_or_none(value.get("reposts")),
        replies=count_or_none(value.get("replies")),
        reply_to=text_or_none(value.get("reply_to")),
    )


def _iso(value: Any) -> datetime:
    if not isinstance(value, str):
        raise ValueError("a time must be ISO 8601 text with a zone")
    return instant(value)


def import_board(store: Store, files: list[Path], told: Told, board: str = "weibo") -> Imported:
    """Import JSONL of board snapshots, or of when each title was first seen that day.

    `board` is that of lines which name none. What is already there is left as it is.
    """
    result = Imported()
    for path in files:
        batch = _BoardBatch(store)
        for where, line in _until_broken(path, told, result):
            if not line.strip():
                continue
            result.read += 1
            try:
                batch.add({"board": board, **_value(line)})
            except BAD_VALUE as error:
                result.refuse(where, _reason(error))
            if batch.full:
                result.new += batch.keep()
        result.new += batch.keep()
    return result


class _BoardBatch:
    """What one transaction takes in."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._snapshots: list[Snapshot] = []
        self._firsts: list[FirstSeen] = []

    @property
    def full(self) -> bool:
        return len(self._snapshots) >= SNAPSHOTS or len(self._firsts) >= FIRSTS

    def add(self, value: dict[str, Any]) -> None:
        if "entries" in value:
            self._snapshots.append(_snapshot(value))
        else:
            self._firsts.append(_first(value))

    def keep(self) -> int:
        if not self._snapshots and not self._firsts:
            return 0
        with self._store.writing() as connection:
            new = boards.store(connection, self._snapshots)
            new += boards.store_firsts(connection, self._firsts)
        self._snapshots, self._firsts = [], []
        return new


def _snapshot(value: dict[str, Any]) -> Snapshot:
    entries = value["entries"]
    if not isinstance(entries, list) or not entries:
        raise ValueError("entries must be a list with at least one entry")
    return Snapshot(_board(value), _iso(value["seen_at"]), tuple(_entry(e) for e in entries))


def _first(value: dict[str, Any]) -> FirstSeen:
    title, rank = _title(value), count_or_none(value.get("rank"))
    return FirstSeen(_board(value), _iso(value["seen_at"]), title, rank)


def _board(value: dict[str, Any]) -> str:
    board = value["board"]
    if not isinstance(board, str) or not board or "/" in board:
        raise ValueError("board must be text without a slash")
    return board[:60]


def _title(value: dict[str, Any]) -> str:
    title = value["title"]
    if not isinstance(title, str) or not title:
        raise ValueError("an entry without a title")
    return title.replace("\0", "").encode("utf-8", "ignore").decode("utf-8")[:500]


def _entry(value: dict[str, Any]) -> Entry:
    heat = count_or_none(value.get("heat"))
    # No heat means pinned by the editors; `ad` means paid: neither place is earned.
    ranked = bool(heat) and not value.get("ad")
    return Entry(_title(value), count_or_none(value.get("rank")), heat, ranked)


def import_outages(store: Store, path: Path) -> Imported:
    """Import outages from YAML, CSV or JSON."""
    result = Imported()
    good: list[NewOutage] = []
    for where, value in _rows(path):
        result.read += 1
        try:
            good.append(outage_of(value, str(path.name)))
        except (*BAD_VALUE, ShrugError) as error:
            result.refuse(where, _reason(error))
    with store.writing() as connection:
        result.new = outages.add(connection, good)
    return result


def add_outage(store: Store, value: dict[str, Any]) -> NewOutage:
    """Store one outage that a person entered by hand."""
    try:
        outage = replace(outage_of(value, "entered by hand"), origin="manual")
    except BAD_VALUE as error:
        raise BadInput(_reason(error)) from None
    with store.writing() as connection:
        outages.add(connection, [outage])
    return outage


def _rows(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path}: cannot be read: {error}") from None
    if path.suffix.lower() == ".csv":
        for number, row in enumerate(csv.DictReader(io.StringIO(text)), 2):
            yield f"{path}:{number}", row
        return
    try:
        values = json.loads(text) if path.suffix.lower() == ".json" else yaml.safe_load(text)
    except (ValueError, RecursionError, yaml.YAMLError) as error:
        raise BadInput(f"{path}: neither YAML nor JSON: {str(error).splitlines()[0]}") from None
    if isinstance(values, dict):
        values = values.get("outages")
    if not isinstance(values, list):
        raise BadInput(f"{path}: a list of outages was due")
    for number, value in enumerate(values, 1):
        yield f"{path}: outage {number}", value


def outage_of(value: dict[str, Any], file: str) -> NewOutage:
    """An outage from a row of a file; times need an offset, or a `zone` beside them."""
    provider = catalogue.provider_key(str(value["provider"]))
    start = _when(value["start"], value.get("zone"))
    end = _when(value["end"], value.get("zone")) if value.get("end") else None
    if end and end < start:
        raise ValueError("it ends before it starts")
    kind = str(value.get("kind") or "outage")
    if kind not in {"outage", "degraded", "maintenance"}:
        raise ValueError(f"kind must be outage, degraded or maintenance, not {kind[:40]!r}")
    url = text_or_none(value.get("url"))
    external = value.get("id") or f"{provider}/{start.isoformat()}"
    return NewOutage(
        provider=provider,
        start=start,
        end=end,
        kind=kind,
        title=str(value.get("title") or "")[:300],
        origin="file",
        external_id=str(external)[:300],
        url=url if url and url.startswith(("http://", "https://")) else None,
        rounded_minutes=count_or_none(value.get("rounded_minutes")) or 0,
        read_at=text_or_none(value.get("origin")) or file,
    )


def _when(value: Any, zone: Any) -> datetime:
    if isinstance(value, datetime):
        value = value.isoformat()
    text = str(value)
    try:
        at = local_time(text, str(zone)) if zone else datetime.fromisoformat(text)
    except KeyError:
        raise ValueError(f"no such zone: {str(zone)[:40]!r}") from None
    return instant(at.isoformat())
