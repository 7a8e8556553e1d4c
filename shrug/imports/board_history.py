"""Public archives of Weibo's board, as checkouts: each commit is a look at the board."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

from crawler.parsing import count_or_none
from db.core.engine import Store
from db.core.errors import BadInput
from db.core.records import Entry, FirstSeen, Snapshot
from db.core.times import read_time
from db.crawl import boards, cursors
from shrug.imports.git_log import Blobs, Repository
from shrug.imports.lines import BAD_VALUE, Imported, Told, reason

BATCH = 200
BOARD = "weibo"
_BEIJING = ZoneInfo("Asia/Shanghai")
_HOUR_FILE = re.compile(r"api/(\d{4}-\d\d-\d\d)/(\d\d)\.json")
_DAY_FILE = re.compile(r"raw/(\d{4}-\d\d-\d\d)\.json")
# A commit of another time than the file's name says was made to tidy up, not to look.
_NEAR = timedelta(hours=2)

Found = list[Snapshot] | list[FirstSeen]
Reader = Callable[[Blobs, str, datetime, str], Found]


class History:
    """A checkout of lxw15337674/weibo-trending-hot-history (folder `api`: snapshots) or of
    justjavac/weibo-trending-hot-search (folder `raw`: when each title was first seen that day).

    commits: those that no earlier import has read. Raises BadInput for any other folder.
    """

    def __init__(self, store: Store, path: Path) -> None:
        self._store = store
        self._repository = Repository(path)
        folder = next((f for f in ("api", "raw") if self._repository.has(f)), None)
        if folder is None:
            raise BadInput(f"{path}: neither api/ nor raw/: no archive that is known")
        self._reader: Reader = _snapshots if folder == "api" else _Firsts().read
        self._key = f"git:{folder}", self._repository.root
        with store.reading() as connection:
            after = cursors.read(connection, *self._key)
        self.commits = self._repository.commits(folder, after)

    def read_in(self, told: Told) -> Imported:
        """Import what the commits hold; `told` hears each one."""
        result = Imported()
        found: Found = []
        with self._repository.blobs() as blobs:
            for number, (id_, at) in enumerate(self.commits, 1):
                for file in self._repository.changed(id_):
                    found = [*found, *_read(result, self._reader, blobs, id_, at, file)]
                told(1)
                if number % BATCH == 0 or number == len(self.commits):
                    result.new += _keep(self._store, found, self._key, id_, at)
                    found = []
        return result


def _read(result: Imported, read: Reader, blobs: Blobs, id_: str, at: datetime, file: str) -> Found:
    try:
        found = read(blobs, id_, at, file)
    except BAD_VALUE as error:
        result.read += 1
        result.refuse(f"{id_[:12]}:{file}", reason(error))
        return []
    result.read += len(found)
    return found


def _keep(store: Store, found: Found, key: tuple[str, str], id_: str, at: datetime) -> int:
    """Store what was found, and up to which commit, in one transaction."""
    with store.writing() as connection:
        new = boards.store(connection, [f for f in found if isinstance(f, Snapshot)])
        new += boards.store_firsts(connection, [f for f in found if isinstance(f, FirstSeen)])
        cursors.write(connection, *key, id_, at)
    return new


def _rows(body: bytes | None) -> list[dict[str, Any]]:
    rows = json.loads(body or b"[]")
    if not isinstance(rows, list):
        raise ValueError(f"a list was due, {type(rows).__name__} came")
    return [row for row in rows if isinstance(row, dict) and _title(row)]


def _title(row: dict[str, Any]) -> str:
    title = row.get("title")
    return title.strip()[:500] if isinstance(title, str) else ""


def _snapshots(blobs: Blobs, id_: str, at: datetime, file: str) -> list[Snapshot]:
    """The look that a commit added as the file of its hour."""
    name = _HOUR_FILE.fullmatch(file)
    if name is None:
        return []
    start = read_time(f"{name[1]}T{name[2]}:00", _BEIJING)
    if not start - _NEAR <= at <= start + _NEAR:
        return []
    rows = _rows(blobs.read(id_, file))
    if not rows:
        raise ValueError("a board without an entry")
    return [Snapshot(BOARD, at, tuple(_ranked(rows)))]


def _ranked(rows: list[dict[str, Any]]) -> Iterator[Entry]:
    place = 0
    for row in rows:
        heat = count_or_none(row.get("hot"))
        ranked = bool(heat) and not row.get("ads")
        place += ranked
        yield Entry(_title(row), place if ranked else None, heat, ranked)


class _Firsts:
    """Titles that a commit added to the file of its day."""

    def __init__(self) -> None:
        self._file, self._known = "", set[str]()

    def read(self, blobs: Blobs, id_: str, at: datetime, file: str) -> list[FirstSeen]:
        name = _DAY_FILE.fullmatch(file)
        if name is None:
            return []
        day = read_time(name[1], _BEIJING)
        # The archive names its files by the day in UTC for a time, later by Beijing's.
        if not day - _NEAR <= at <= day + timedelta(hours=32) + _NEAR:
            return []
        if file != self._file:
            before = _rows(blobs.read(f"{id_}^", file))
            self._file, self._known = file, {_title(row) for row in before}
        rows = _rows(blobs.read(id_, file))
        fresh = {_title(r): r for r in reversed(rows) if _title(r) not in self._known}
        self._known |= set(fresh)
        return [FirstSeen(BOARD, at, title, _rank(row)) for title, row in fresh.items()]


def _rank(row: dict[str, Any]) -> int | None:
    query = parse_qs(urlsplit(str(row.get("url") or "")).query)
    return count_or_none(query.get("band_rank", [None])[0])
