"""Backups of a store that is in use, by SQLite's online backup."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from db.core.engine import Store, known_revisions, store_file
from db.core.errors import BadInput, ShrugError
from db.core.files import write_atomic

PAGES_PER_STEP = 2048
LOCK_TIMEOUT_SECONDS = 30
# Called with the pages that are copied, and all pages.
CopyProgress = Callable[[int, int], None]


def copy(
    store: Store, target: Path, on_progress: CopyProgress = lambda _done, _total: None
) -> None:
    """Copy a store as it is at one instant; `target` is then complete and sound, or unchanged.

    Raises BadInput if the store is not SQLite, and ShrugError if the copy is damaged.
    """
    _copy(_require_file(store.file), target, on_progress)


def _copy(source: Path, target: Path, on_progress: CopyProgress) -> None:
    with write_atomic(target, mode=0o600) as part:
        _copy_pages(source, part, on_progress)
        check(part)


def restore(backup: Path, url: str, on_progress: CopyProgress = lambda _done, _total: None) -> Path:
    """Replace the store at a URL, which may be damaged, by a backup; return the path to which the
    former store was moved.

    The backup is checked first. Raises BadInput if it is not one, or is of a newer version.
    """
    target = _require_file(store_file(url))
    check(backup)
    before = target.with_name(f"{target.name}.before-restore")
    try:
        _copy(target, before, lambda _done, _total: None)
    except ShrugError:
        _replace_damaged(backup, target, before, on_progress)
    else:
        # Page by page: processes that have it open can go on reading.
        _copy_pages(backup, target, on_progress)
    return before


def _replace_damaged(backup: Path, target: Path, before: Path, on_progress: CopyProgress) -> None:
    """Move a store that can't be copied, and thus not read, to `before`; then put a backup in its
    place. If there is no room for the backup, nothing changes."""
    staged = target.with_name(f".{target.name}.restore")
    _copy(backup, staged, on_progress)
    for ending in ("", "-wal", "-shm"):
        damaged = target.with_name(target.name + ending)
        if damaged.exists():
            damaged.replace(before.with_name(before.name + ending))
    staged.replace(target)


def check(file: Path) -> None:
    """Raise BadInput if a file is not a sound store of this version or an older one."""
    if not file.is_file():
        raise BadInput(f"{file}: there is no such file")
    try:
        with closing(sqlite3.connect(file)) as connection:
            damage = connection.execute("pragma quick_check(1)").fetchone()[0]
            revision = connection.execute("select version_num from alembic_version").fetchone()[0]
    except sqlite3.DatabaseError as error:
        raise BadInput(f"{file}: not a store of shrug: {error}") from None
    if damage != "ok":
        raise BadInput(f"{file}: it is damaged: {damage}")
    if revision not in known_revisions():
        raise BadInput(f"{file}: made by a newer shrug (revision {revision}); update shrug first")


def _require_file(file: Path | None) -> Path:
    if file is None:
        raise BadInput("this store is no file: a PostgreSQL server is backed up with pg_dump")
    return file


def _copy_pages(source: Path, target: Path, on_progress: CopyProgress) -> None:
    try:
        with (
            closing(sqlite3.connect(source, timeout=LOCK_TIMEOUT_SECONDS)) as reader,
            closing(sqlite3.connect(target, timeout=LOCK_TIMEOUT_SECONDS)) as writer,
        ):
            reader.backup(
                writer,
                pages=PAGES_PER_STEP,
                progress=lambda _, remaining, total: on_progress(total - remaining, total),
            )
    except (sqlite3.Error, OSError) as error:
        raise ShrugError(f"{target}: not copied: {error}") from None
