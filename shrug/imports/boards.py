"""Trending boards as JSONL: snapshots, or first sightings of titles."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from crawler.parsing import as_count
from db.core.engine import Connection, Store
from db.core.records import FirstSeen, Snapshot, SnapshotEntry
from db.crawl import boards
from shrug.imports.lines import (
    BAD_VALUE,
    ImportResult,
    ProgressCallback,
    describe_error,
    parse_iso_time,
)
from shrug.imports.rows import rows_until_unreadable

ENTRIES_PER_BATCH = 20_000
BoardRecord = Snapshot | FirstSeen


def import_board(
    store: Store, files: list[Path], on_bytes: ProgressCallback, board: str = "weibo"
) -> ImportResult:
    """Import JSONL of board snapshots, or of when each title was first seen that day.

    board: the name of the board in lines that name none. Records that exist stay as they are.
    """
    result = ImportResult()
    for path in files:
        batch: list[BoardRecord] = []
        entries = 0
        for row in rows_until_unreadable(path, "lines", "", on_bytes, result):
            result.read += 1
            try:
                record = _record({"board": board, **row.checked_value()})
            except BAD_VALUE as error:
                result.refuse(row.where, describe_error(error))
                continue
            batch.append(record)
            entries += len(record.entries) if isinstance(record, Snapshot) else 1
            if entries >= ENTRIES_PER_BATCH:
                result.new += _store_batch(store, batch)
                batch, entries = [], 0
        result.new += _store_batch(store, batch)
    return result


def store_records(connection: Connection, records: Sequence[BoardRecord]) -> int:
    """Store snapshots and first sightings; return the number of new ones."""
    new = boards.store(connection, [r for r in records if isinstance(r, Snapshot)])
    return new + boards.store_first_sightings(
        connection, [r for r in records if isinstance(r, FirstSeen)]
    )


def _store_batch(store: Store, batch: Sequence[BoardRecord]) -> int:
    if not batch:
        return 0
    with store.writing() as connection:
        return store_records(connection, batch)


def _record(value: dict[str, Any]) -> BoardRecord:
    board = value["board"]
    if not isinstance(board, str) or not board or "/" in board:
        raise ValueError("board must be text without a slash")
    seen_at = parse_iso_time(value["seen_at"])
    if "entries" not in value:
        return FirstSeen(board[:60], seen_at, _title(value), as_count(value.get("rank")))
    entries = value["entries"]
    if not isinstance(entries, list) or not entries:
        raise ValueError("entries must be a list with at least one entry")
    return Snapshot(board[:60], seen_at, tuple(_entry(e) for e in entries))


def _title(value: dict[str, Any]) -> str:
    title = value["title"]
    if not isinstance(title, str) or not title:
        raise ValueError("an entry without a title")
    return title.replace("\0", "").encode("utf-8", "ignore").decode("utf-8")[:500]


def _entry(value: dict[str, Any]) -> SnapshotEntry:
    heat = as_count(value.get("heat"))
    # No heat means pinned by the editors; `ad` means paid: neither place is earned.
    ranked = bool(heat) and not value.get("ad")
    return SnapshotEntry(_title(value), as_count(value.get("rank")), heat, ranked)
