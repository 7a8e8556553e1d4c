"""Queries on trending boards."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from db.core.models import BoardEntry, BoardFirst, BoardSnapshot, BoardTitle
from db.core.records import FirstSeen, Snapshot
from db.core.upsert import upsert
from db.core.value_lists import among


@dataclass(frozen=True, slots=True)
class Sighting:
    """A title seen in a snapshot."""

    seen_at: datetime
    title: str
    rank: int | None
    heat: int | None


def store(connection: Connection, snapshots: Sequence[Snapshot]) -> int:
    """Store snapshots that are not there yet; gives how many were new.

    A snapshot is a fact about an instant: one that is already kept is left as it is.
    """
    new = 0
    for board in sorted({s.board for s in snapshots}):
        fresh = _fresh(connection, board, [s for s in snapshots if s.board == board])
        if fresh:
            _insert(connection, board, fresh)
            new += len(fresh)
    return new


def _kept(
    connection: Connection, board: str, snapshots: Iterable[Snapshot]
) -> dict[tuple[datetime, int], int]:
    """Ids of the board's snapshots over the same time, by time and digest."""
    times = [s.seen_at for s in snapshots]
    rows = connection.execute(
        select(BoardSnapshot.seen_at, BoardSnapshot.digest, BoardSnapshot.id).where(
            BoardSnapshot.board == board,
            BoardSnapshot.seen_at >= min(times),
            BoardSnapshot.seen_at <= max(times),
        )
    )
    return {(seen_at, digest): id_ for seen_at, digest, id_ in rows}


def _fresh(connection: Connection, board: str, snapshots: Sequence[Snapshot]) -> list[Snapshot]:
    known = _kept(connection, board, snapshots)
    by_key = {(s.seen_at, s.digest): s for s in snapshots}
    return [s for key, s in by_key.items() if key not in known]


def _insert(connection: Connection, board: str, snapshots: Sequence[Snapshot]) -> None:
    columns = ("board", "seen_at", "digest", "floor_heat")
    connection.execute(
        insert(BoardSnapshot), [{name: getattr(s, name) for name in columns} for s in snapshots]
    )
    ids = _kept(connection, board, snapshots)
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
        BoardTitle.board == board, among(BoardTitle.title, ordered)
    )
    return dict(connection.execute(query).all())


def store_firsts(connection: Connection, firsts: Sequence[FirstSeen]) -> int:
    """Store first sightings that are not there yet; gives how many were new."""
    before = _count_firsts(connection)
    for board in sorted({f.board for f in firsts}):
        own = [f for f in firsts if f.board == board]
        ids = _title_ids(connection, board, {f.title for f in own})
        rows = [{"title_id": ids[f.title], "seen_at": f.seen_at, "rank": f.rank} for f in own]
        upsert(connection, BoardFirst, rows, ["title_id", "seen_at"])
    return _count_firsts(connection) - before


def _count_firsts(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(BoardFirst)).scalar_one()


def firsts(connection: Connection, board: str, titles: Collection[str]) -> list[FirstSeen]:
    """First sightings of these titles, oldest first."""
    rows = connection.execute(
        select(BoardFirst.seen_at, BoardTitle.title, BoardFirst.rank)
        .join(BoardTitle, BoardFirst.title_id == BoardTitle.id)
        .where(BoardTitle.board == board)
        .where(among(BoardTitle.title, sorted(titles)))
    )
    found = [FirstSeen(board, at, title, rank) for at, title, rank in rows]
    return sorted(found, key=lambda f: (f.seen_at, f.title))


def first_times(connection: Connection, board: str) -> list[datetime]:
    """Every time at which the board was seen with a title new that day."""
    rows = connection.execute(
        select(BoardFirst.seen_at)
        .join(BoardTitle, BoardFirst.title_id == BoardTitle.id)
        .where(BoardTitle.board == board)
        .distinct()
    )
    return sorted(rows.scalars())


def names(connection: Connection) -> list[str]:
    rows = connection.execute(select(BoardTitle.board).distinct().order_by(BoardTitle.board))
    return list(rows.scalars())


def titles(connection: Connection, board: str) -> list[str]:
    return list(
        connection.execute(
            select(BoardTitle.title).where(BoardTitle.board == board).order_by(BoardTitle.title)
        ).scalars()
    )


def sightings(connection: Connection, board: str, titles: Collection[str]) -> list[Sighting]:
    """Where and when these titles stood among the ranked entries, oldest first."""
    rows = connection.execute(
        select(BoardSnapshot.seen_at, BoardTitle.title, BoardEntry.rank, BoardEntry.heat)
        .join(BoardEntry, BoardEntry.snapshot_id == BoardSnapshot.id)
        .join(BoardTitle, BoardEntry.title_id == BoardTitle.id)
        .where(BoardSnapshot.board == board, BoardEntry.ranked)
        .where(among(BoardTitle.title, sorted(titles)))
    )
    found = [Sighting(*row) for row in rows]
    return sorted(found, key=lambda s: (s.seen_at, s.title))


def floors(
    connection: Connection, board: str, start: datetime, end: datetime
) -> list[tuple[datetime, int | None]]:
    """(time, floor heat) of each look in [start, end), oldest first; looks of one time are one."""
    rows = connection.execute(
        select(BoardSnapshot.seen_at, func.max(BoardSnapshot.floor_heat))
        .where(BoardSnapshot.board == board)
        .where(BoardSnapshot.seen_at >= start, BoardSnapshot.seen_at < end)
        .group_by(BoardSnapshot.seen_at)
        .order_by(BoardSnapshot.seen_at)
    )
    return [(seen_at, floor) for seen_at, floor in rows]


def size(connection: Connection, board: str) -> tuple[int, int]:
    """How many snapshots and entries the board has."""
    snapshots = select(func.count(BoardSnapshot.id)).where(BoardSnapshot.board == board)
    entries = (
        select(func.count())
        .select_from(BoardEntry)
        .join(BoardSnapshot, BoardEntry.snapshot_id == BoardSnapshot.id)
        .where(BoardSnapshot.board == board)
    )
    return connection.execute(snapshots).scalar_one(), connection.execute(entries).scalar_one()
