"""Queries on trending boards."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from db.core.models import BoardEntry, BoardFirst, BoardSnapshot, BoardTitle
from db.core.records import FirstSeen, Snapshot
from db.core.upsert import upsert
from db.core.value_lists import in_values


@dataclass(frozen=True, slots=True)
class Sighting:
    """A title in a snapshot, with its rank and heat."""

    seen_at: datetime
    title: str
    rank: int | None
    heat: int | None


def store(connection: Connection, snapshots: Sequence[Snapshot]) -> int:
    """Store snapshots that are not stored yet; return the number of new ones."""
    number = 0
    for board in sorted({s.board for s in snapshots}):
        unique = {(s.seen_at, s.digest): s for s in snapshots if s.board == board}
        stored = _stored_ids(connection, board, unique.values())
        new = [snapshot for key, snapshot in unique.items() if key not in stored]
        if new:
            _insert(connection, board, new)
        number += len(new)
    return number


def _stored_ids(
    connection: Connection, board: str, snapshots: Iterable[Snapshot]
) -> dict[tuple[datetime, int], int]:
    """Return ids of the board's stored snapshots over the same time, by time and digest."""
    times = [s.seen_at for s in snapshots]
    rows = connection.execute(
        select(BoardSnapshot.seen_at, BoardSnapshot.digest, BoardSnapshot.id).where(
            BoardSnapshot.board == board,
            BoardSnapshot.seen_at >= min(times),
            BoardSnapshot.seen_at <= max(times),
        )
    )
    return {(seen_at, digest): id_ for seen_at, digest, id_ in rows}


def _insert(connection: Connection, board: str, snapshots: Sequence[Snapshot]) -> None:
    columns = ("board", "seen_at", "digest", "floor_heat")
    connection.execute(
        insert(BoardSnapshot), [{name: getattr(s, name) for name in columns} for s in snapshots]
    )
    ids = _stored_ids(connection, board, snapshots)
    titles = _title_ids(connection, board, {e.title for s in snapshots for e in s.entries})
    rows = []
    for snapshot in snapshots:
        id_ = ids[snapshot.seen_at, snapshot.digest]
        rows += [
            {
                "snapshot_id": id_,
                "position": position,
                "title_id": titles[entry.title],
                "rank": entry.rank,
                "heat": entry.heat,
                "ranked": entry.ranked,
            }
            for position, entry in enumerate(snapshot.entries)
        ]
    connection.execute(insert(BoardEntry), rows)


def _title_ids(connection: Connection, board: str, titles: Collection[str]) -> dict[str, int]:
    ordered = sorted(titles)
    upsert(
        connection, BoardTitle, [{"board": board, "title": t} for t in ordered], ["board", "title"]
    )
    query = select(BoardTitle.title, BoardTitle.id).where(
        BoardTitle.board == board, in_values(BoardTitle.title, ordered)
    )
    return dict(connection.execute(query).all())


def store_first_sightings(connection: Connection, firsts: Sequence[FirstSeen]) -> int:
    """Store first sightings that are not stored yet; return the number of new ones."""
    before = _count_firsts(connection)
    for board in sorted({f.board for f in firsts}):
        on_board = [f for f in firsts if f.board == board]
        ids = _title_ids(connection, board, {f.title for f in on_board})
        rows = [{"title_id": ids[f.title], "seen_at": f.seen_at, "rank": f.rank} for f in on_board]
        upsert(connection, BoardFirst, rows, ["title_id", "seen_at"])
    return _count_firsts(connection) - before


def _count_firsts(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(BoardFirst)).scalar_one()


def first_sightings(connection: Connection, board: str, titles: Collection[str]) -> list[FirstSeen]:
    """Return first sightings of these titles, oldest first."""
    rows = connection.execute(
        select(BoardFirst.seen_at, BoardTitle.title, BoardFirst.rank)
        .join(BoardTitle, BoardFirst.title_id == BoardTitle.id)
        .where(BoardTitle.board == board)
        .where(in_values(BoardTitle.title, sorted(titles)))
    )
    sightings = [FirstSeen(board, at, title, rank) for at, title, rank in rows]
    return sorted(sightings, key=lambda f: (f.seen_at, f.title))


def first_times(connection: Connection, board: str) -> list[datetime]:
    """Return every time at which a title was first seen on the board that day, ascending."""
    rows = connection.execute(
        select(BoardFirst.seen_at)
        .join(BoardTitle, BoardFirst.title_id == BoardTitle.id)
        .where(BoardTitle.board == board)
        .distinct()
    )
    return sorted(rows.scalars())


def board_names(connection: Connection) -> list[str]:
    """Return the names of all boards, sorted."""
    rows = connection.execute(select(BoardTitle.board).distinct().order_by(BoardTitle.board))
    return list(rows.scalars())


def titles(connection: Connection, board: str) -> list[str]:
    """Return every title of a board, sorted."""
    query = select(BoardTitle.title).where(BoardTitle.board == board).order_by(BoardTitle.title)
    return list(connection.execute(query).scalars())


def sightings(connection: Connection, board: str, titles: Collection[str]) -> list[Sighting]:
    """Return the ranked entries of these titles, oldest first."""
    rows = connection.execute(
        select(BoardSnapshot.seen_at, BoardTitle.title, BoardEntry.rank, BoardEntry.heat)
        .join(BoardEntry, BoardEntry.snapshot_id == BoardSnapshot.id)
        .join(BoardTitle, BoardEntry.title_id == BoardTitle.id)
        .where(BoardSnapshot.board == board, BoardEntry.ranked)
        .where(in_values(BoardTitle.title, sorted(titles)))
    )
    return sorted((Sighting(*row) for row in rows), key=lambda s: (s.seen_at, s.title))


def floor_heats(
    connection: Connection, board: str, start: datetime, end: datetime
) -> list[tuple[datetime, int | None]]:
    """Return (time, highest floor heat) of the snapshots in [start, end), by time."""
    rows = connection.execute(
        select(BoardSnapshot.seen_at, func.max(BoardSnapshot.floor_heat))
        .where(BoardSnapshot.board == board)
        .where(BoardSnapshot.seen_at >= start, BoardSnapshot.seen_at < end)
        .group_by(BoardSnapshot.seen_at)
        .order_by(BoardSnapshot.seen_at)
    )
    return [(seen_at, floor) for seen_at, floor in rows]


def size(connection: Connection, board: str) -> tuple[int, int]:
    """Return the numbers of snapshots and of entries of a board."""
    snapshots = select(func.count(BoardSnapshot.id)).where(BoardSnapshot.board == board)
    entries = (
        select(func.count())
        .select_from(BoardEntry)
        .join(BoardSnapshot, BoardEntry.snapshot_id == BoardSnapshot.id)
        .where(BoardSnapshot.board == board)
    )
    return connection.execute(snapshots).scalar_one(), connection.execute(entries).scalar_one()
