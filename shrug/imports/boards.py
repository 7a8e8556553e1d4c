"""Trending boards as JSONL: snapshots, or first sightings of titles."""

from pathlib import Path
from typing import Any

from crawler.parsing import count_or_none
from db.core.engine import Store
from db.core.records import Entry, FirstSeen, Snapshot
from db.crawl import boards
from shrug.imports.lines import BAD_VALUE, Imported, Told, iso, reason
from shrug.imports.rows import until_broken

SNAPSHOTS = 200
FIRSTS = 20_000


def import_board(store: Store, files: list[Path], told: Told, board: str = "weibo") -> Imported:
    """Import JSONL of board snapshots, or of when each title was first seen that day.

    `board` is that of lines which name none. What is already there is left as it is.
    """
    result = Imported()
    for path in files:
        batch = _BoardBatch(store)
        for row in until_broken(path, "lines", "", told, result):
            result.read += 1
            try:
                batch.add({"board": board, **row.sound()})
            except BAD_VALUE as error:
                result.refuse(row.where, reason(error))
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
    return Snapshot(_board(value), iso(value["seen_at"]), tuple(_entry(e) for e in entries))


def _first(value: dict[str, Any]) -> FirstSeen:
    title, rank = _title(value), count_or_none(value.get("rank"))
    return FirstSeen(_board(value), iso(value["seen_at"]), title, rank)


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
