"""Copies of a store that is in use, by SQLite's online backup."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from db.core.engine import Store, file_of, known_revisions
from db.core.errors import BadInput, ShrugError
from db.core.files import write_atomic

PAGES, WAIT = 2048, 30
Told = Callable[[int, int], None]


def copy(store: Store, target: Path, told: Told = lambda _done, _total: None) -> None:
    """Copy a store as it is at one instant; the file stands there whole and sound, or not at all.

    Raises BadInput where the store is no file, and ShrugError where the copy is damaged.
    """
    _copy(_file(store.file), target, told)


def _copy(source: Path, target: Path, told: Told) -> None:
    with write_atomic(target, mode=0o600) as part:
        _copied(source, part, told)
        check(part)


def restore(backup: Path, url: str, told: Told = lambda _done, _total: None) -> Path:
    """Put a backup in the place of the store at a URL, which may be damaged; gives where what was
    there before is kept.

    The backup is checked first. Raises BadInput where it is none, or of a newer version.
    """
    target = _file(file_of(url))
    check(backup)
    before = target.with_name(f"{target.name}.before-restore")
    try:
        _copy(target, before, lambda _done, _total: None)
    except ShrugError:
        _replaced(backup, target, before, told)
    else:
        # Those who read it go on reading.
        _copied(backup, target, told)
    return before


def _replaced(backup: Path, target: Path, before: Path, told: Told) -> None:
    """Put a backup in the place of a store that can't be copied, which is kept as it is; nobody
    can be reading it. Without room for the backup all stays as it was."""
    staged = target.with_name(f".{target.name}.restore")
    _copy(backup, staged, told)
    for ending in ("", "-wal", "-shm"):
        damaged = target.with_name(target.name + ending)
        if damaged.exists():
            damaged.replace(before.with_name(before.name + ending))
    staged.replace(target)


def check(file: Path) -> None:
    """Raises BadInput where a file is no sound store of this version or an older one."""
    if not file.is_file():
        raise BadInput(f"{file}: there is no such file")
    try:
        with closing(sqlite3.connect(file)) as connection:
            wrong = connection.execute("pragma quick_check(1)").fetchone()[0]
            revision = connection.execute("select version_num from alembic_version").fetchone()[0]
    except sqlite3.DatabaseError as error:
        raise BadInput(f"{file}: not a store of shrug: {error}") from None
    if wrong != "ok":
        raise BadInput(f"{file}: it is damaged: {wrong}")
    if revision not in known_revisions():
        raise BadInput(f"{file}: made by a newer shrug (revision {revision}); update shrug first")


def _file(file: Path | None) -> Path:
    if file is None:
        raise BadInput("this store is no file: a PostgreSQL server is backed up with pg_dump")
    return file


def _copied(source: Path, target: Path, told: Told) -> None:
    try:
        with (
            closing(sqlite3.connect(source, timeout=WAIT)) as read,
            closing(sqlite3.connect(target, timeout=WAIT)) as written,
        ):
            read.backup(
                written,
                pages=PAGES,
                progress=lambda _status, left, total: told(total - left, total),
            )
    except (sqlite3.Error, OSError) as error:
        raise ShrugError(f"{target}: not copied: {error}") from None
