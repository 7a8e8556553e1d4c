"""Moving old months into files, and back."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from db import archives, partitions, posts
from db.archives import KeptArchive
from db.engine import Store
from db.errors import BadInput, ShrugError

Told = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Archived:
    """How many months of sources were put away, how many posts, and how many posts that are gone at
    their source were deleted from archives before."""

    months: int
    posts: int
    gone: int


def make(store: Store, before: datetime, folder: Path, told: Told = lambda _: None) -> Archived:
    """Put every month of every source before one into files, a month at a time."""
    with store.writing() as connection:
        own = archives.folder(connection)
        if own is None:
            archives.move(connection, folder)
            own = folder.resolve()
    gone = _delete_gone(store)
    with store.reading() as connection:
        due = list(archives.due(connection, before))
    number = 0
    for source, month in due:
        with store.writing() as connection:
            number += archives.put_away(connection, source, month, own).posts
        told(1)
    _drop_empty(store, {month for _, month in due})
    return Archived(len(due), number, gone)


def _drop_empty(store: Store, months: Iterable[datetime]) -> None:
    for month in sorted(months):
        # One who reads for long holds it up: the next time will do.
        with suppress(ShrugError), store.writing() as connection:
            partitions.drop_empty(connection, month)


def _delete_gone(store: Store) -> int:
    """Delete from archives what has gone at its source since: such months come back first."""
    with store.writing() as connection:
        number = 0
        for source, ids in archives.gone(connection).items():
            held = archives.holding(connection, source, ids)
            archives.bring_back(connection, held)
            number += posts.remove(connection, source, ids) if held else 0
        archives.forget_gone(connection)
    tidy(store)
    return number


def restore(store: Store, wanted: Iterable[KeptArchive], told: Told = lambda _: None) -> int:
    """Bring months back into the store, one by one; gives how many posts."""
    number = 0
    for archive in wanted:
        with store.writing() as connection:
            number += archives.bring_back(connection, [archive])
        tidy(store)
        told(1)
    return number


def check(store: Store) -> tuple[list[KeptArchive], list[str]]:
    """Every archive, and what is wrong with those that are damaged or gone."""
    with store.reading() as connection:
        found = archives.known(connection)
    wrong = []
    for archive in found:
        try:
            archive.check()
        except BadInput as error:
            wrong.append(str(error))
    return found, wrong


def tidy(store: Store) -> None:
    """Delete the files whose months are back in the store."""
    with store.writing() as connection:
        archives.delete_left(connection)
