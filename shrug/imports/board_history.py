"""Public archives of Weibo's board, as checkouts: each commit is a look at the board."""

import json
import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

from crawler.parsing import as_count
from db.core.engine import Store
from db.core.errors import BadInput
from db.core.records import FirstSeen, Snapshot, SnapshotEntry
from db.core.times import read_time
from db.crawl import cursors
from shrug.imports.boards import BoardRecord, store_records
from shrug.imports.git_log import FileReader, Repository
from shrug.imports.lines import BAD_VALUE, ImportResult, ProgressCallback, describe_error

COMMITS_PER_BATCH = 200
BOARD = "weibo"
_BEIJING = ZoneInfo("Asia/Shanghai")
_HOUR_FILE = re.compile(r"api/(\d{4}-\d\d-\d\d)/(\d\d)\.json")
_DAY_FILE = re.compile(r"raw/(\d{4}-\d\d-\d\d)\.json")
# A commit of another time than the file's name says was made to tidy up, not to look.
_NEAR = timedelta(hours=2)

# Parses one file as it was at a commit: (files, commit, time of the commit, path of the file).
ArchiveParser = Callable[[FileReader, str, datetime, str], Sequence[BoardRecord]]


class BoardHistory:
    """A checkout of lxw15337674/weibo-trending-hot-history (folder `api`: snapshots) or of
    justjavac/weibo-trending-hot-search (folder `raw`: when each title was first seen that day).

    commits: those that no earlier import has read. Raises BadInput for any other folder.
    """

    def __init__(self, store: Store, path: Path) -> None:
        self._store = store
        self._repository = Repository(path)
        folder = next((f for f in ("api", "raw") if self._repository.has_folder(f)), None)
        if folder is None:
            raise BadInput(f"{path}: neither api/ nor raw/: no archive that is known")
        self._parse: ArchiveParser = _snapshots if folder == "api" else _FirstSightings().parse
        self._key = f"git:{folder}", self._repository.root
        with store.reading() as connection:
            after = cursors.read(connection, *self._key)
        self.commits = self._repository.commits(folder, after)

    def import_commits(self, on_commit: ProgressCallback) -> ImportResult:
        """Import the board of each commit. Records and the last commit are stored together."""
        result = ImportResult()
        batch: list[BoardRecord] = []
        with self._repository.file_reader() as files:
            for number, (id_, at) in enumerate(self.commits, 1):
                for path in self._repository.changed_files(id_):
                    try:
                        records = self._parse(files, id_, at, path)
                    except BAD_VALUE as error:
                        result.read += 1
                        result.refuse(f"{id_[:12]}:{path}", describe_error(error))
                        continue
                    result.read += len(records)
                    batch += records
                on_commit(1)
                if number % COMMITS_PER_BATCH == 0 or number == len(self.commits):
                    with self._store.writing() as connection:
                        result.new += store_records(connection, batch)
                        cursors.write(connection, *self._key, id_, at)
                    batch = []
        return result


def _rows(body: bytes | None) -> list[dict[str, Any]]:
    rows = json.loads(body or b"[]")
    if not isinstance(rows, list):
        raise ValueError(f"a list was due, {type(rows).__name__} came")
    return [row for row in rows if isinstance(row, dict) and _title(row)]


def _title(row: dict[str, Any]) -> str:
    title = row.get("title")
    return title.strip()[:500] if isinstance(title, str) else ""


def _snapshots(files: FileReader, id_: str, at: datetime, path: str) -> list[Snapshot]:
    """The look that a commit added as the file of its hour."""
    name = _HOUR_FILE.fullmatch(path)
    if name is None:
        return []
    start = read_time(f"{name[1]}T{name[2]}:00", _BEIJING)
    if not start - _NEAR <= at <= start + _NEAR:
        return []
    rows = _rows(files.read(id_, path))
    if not rows:
        raise ValueError("a board without an entry")
    entries, place = [], 0
    for row in rows:
        heat = as_count(row.get("hot"))
        ranked = bool(heat) and not row.get("ads")
        place += ranked
        entries.append(SnapshotEntry(_title(row), place if ranked else None, heat, ranked))
    return [Snapshot(BOARD, at, tuple(entries))]


class _FirstSightings:
    """Titles that a commit added to the file of its day."""

    def __init__(self) -> None:
        self._path, self._known = "", set[str]()

    def parse(self, files: FileReader, id_: str, at: datetime, path: str) -> list[FirstSeen]:
        name = _DAY_FILE.fullmatch(path)
        if name is None:
            return []
        day = read_time(name[1], _BEIJING)
        # The archive names its files by the day in UTC for a time, later by Beijing's.
        if not day - _NEAR <= at <= day + timedelta(hours=32) + _NEAR:
            return []
        if path != self._path:
            before = _rows(files.read(f"{id_}^", path))
            self._path, self._known = path, {_title(row) for row in before}
        rows = _rows(files.read(id_, path))
        fresh = {_title(r): r for r in reversed(rows) if _title(r) not in self._known}
        self._known |= set(fresh)
        return [FirstSeen(BOARD, at, title, _rank(row)) for title, row in fresh.items()]


def _rank(row: dict[str, Any]) -> int | None:
    query = parse_qs(urlsplit(str(row.get("url") or "")).query)
    return as_count(query.get("band_rank", [None])[0])
