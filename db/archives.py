"""Months of a source that lie in files: put away, brought back, checked."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select

from db import bulk, facts, months, parquet
from db.errors import BadInput
from db.models import Archive, Gone, Mention, Post, Reading, Score
from db.upsert import upsert

FOLDER, LEFT = "archive.folder", "archive.left"


@dataclass(frozen=True, slots=True)
class KeptArchive:
    """A month of a source, and the file that holds it."""

    source: str
    month: datetime
    path: Path
    digest: str
    posts: int

    def check(self) -> None:
        """Raises BadInput where the file is gone or is not what was written."""
        try:
            digest = parquet.digest_of(self.path)
        except OSError as error:
            raise BadInput(
                f"{self.path}: an archive of the store can't be read: {error.strerror}; put it "
                "back, or say with `shrug archive folder` where archives lie now"
            ) from None
        if digest != self.digest:
            raise BadInput(
                f"{self.path}: it is damaged: its SHA-256 is not that of the archive that was "
                "written; put a copy of it in its place"
            )


def known(
    connection: Connection, start: datetime | None = None, end: datetime | None = None
) -> list[KeptArchive]:
    """The archives that [start, end) touches, or all, by month and source."""
    query = select(Archive).order_by(Archive.month, Archive.source)
    if start and end:
        query = query.where(Archive.month >= months.month_of(start), Archive.month < end)
    folder = Path(facts.read(connection, FOLDER) or ".")
    return [
        KeptArchive(row.source, row.month, folder / row.file, row.digest, row.posts)
        for row in connection.execute(query)
    ]


def move(connection: Connection, folder: Path) -> None:
    """Archives lie in another folder from now on."""
    facts.write(connection, FOLDER, str(folder.resolve()))


def folder(connection: Connection) -> Path | None:
    """The folder in which archives lie; None where there never was one."""
    told = facts.read(connection, FOLDER)
    return Path(told) if told else None


def due(connection: Connection, before: datetime) -> Iterator[tuple[str, datetime]]:
    """(source, month) of every month before one that the store still holds posts of."""
    for source in sources(connection):
        own = select(func.min(Post.created_at)).where(Post.source == source)
        at = connection.execute(own.where(Post.created_at < before)).scalar()
        while at is not None and at < before:
            month = months.month_of(at)
            yield source, month
            later = own.where(Post.created_at >= months.after(month), Post.created_at < before)
            at = connection.execute(later).scalar()


def sources(connection: Connection) -> list[str]:
    """Every source of which the store holds posts, by name; each is looked up in the index."""
    found: list[str] = []
    while True:
        query = select(func.min(Post.source))
        last = connection.execute(query.where(Post.source > found[-1]) if found else query).scalar()
        if last is None:
            return found
        found.append(last)


def on_any_source(connection: Connection) -> ColumnElement[bool]:
    """What every mention meets: said, so that times are looked up in the index, source by source,
    rather than in all that names a provider."""
    return Mention.source.in_(sources(connection))


def put_away(connection: Connection, source: str, month: datetime, folder: Path) -> KeptArchive:
    """Move a source's posts of a month into a file. The file is there before they are gone.

    Raises BadInput where the month is in a file already.
    """
    own = Archive.source == source, Archive.month == month
    if connection.execute(select(Archive.file).where(*own)).scalar():
        raise BadInput(f"{source}, {month:%Y-%m}: it is in an archive already")
    path, digest = parquet.write(connection, source, month, folder)
    mine = (
        Post.source == source,
        Post.created_at >= month,
        Post.created_at < months.after(month),
    )
    number, last = connection.execute(select(func.count(), func.max(Post.id)).where(*mine)).one()
    ids = select(Post.id).where(*mine)
    for table in (Mention, Score, Reading):
        connection.execute(delete(table).where(table.post_id.in_(ids)))
    connection.execute(delete(Post).where(*mine))
    row = {
        "source": source,
        "month": month,
        "file": str(path.relative_to(folder)),
        "digest": digest,
        "posts": number,
        "last_id": last,
    }
    connection.execute(insert(Archive), row)
    # A month that came back and is put away again as it was is in the same file.
    facts.list_(connection, LEFT, sorted(facts.listed(connection, LEFT) - {str(path)}))
    return KeptArchive(source, month, path, digest, number)


def bring_back(connection: Connection, archives: Iterable[KeptArchive]) -> int:
    """Move months back into the store, as they were; gives how many posts. Their files stay until
    this is committed; see `delete_left`. Raises BadInput where one is gone or damaged."""
    number = 0
    for archive in archives:
        archive.check()
        for model, columns in parquet.rows(connection, archive.path, archive.source):
            bulk.insert(connection, model, columns)
        own = Archive.source == archive.source, Archive.month == archive.month
        connection.execute(delete(Archive).where(*own))
        left = facts.listed(connection, LEFT) | {str(archive.path)}
        facts.list_(connection, LEFT, sorted(left))
        number += archive.posts
    return number


def delete_left(connection: Connection) -> None:
    """Delete the files whose months were brought back by what was committed before; nobody else
    may write meanwhile."""
    used = {archive.path for archive in known(connection)}
    for path in {Path(name) for name in facts.listed(connection, LEFT)} - used:
        path.unlink(missing_ok=True)
    facts.list_(connection, LEFT, [])


def note_gone(connection: Connection, source: str, external_ids: Sequence[str]) -> None:
    """Posts that the store does not hold are gone: they are looked for in the source's archives,
    if there are any."""
    own = select(Archive.month).where(Archive.source == source).limit(1)
    if external_ids and connection.execute(own).scalar() is not None:
        rows = [{"source": source, "external_id": id_} for id_ in dict.fromkeys(external_ids)]
        upsert(connection, Gone, rows, ["source", "external_id"])


def gone(connection: Connection) -> dict[str, list[str]]:
    """What is to be looked for in archives, by source."""
    found: dict[str, list[str]] = {}
    for source, id_ in connection.execute(select(Gone.source, Gone.external_id)):
        found.setdefault(source, []).append(id_)
    return found


def forget_gone(connection: Connection) -> None:
    """They have been looked for."""
    connection.execute(delete(Gone))


def of_times(connection: Connection, source: str, times: Sequence[datetime]) -> list[KeptArchive]:
    """The archives of a source that posts of these times belong to."""
    found = known(connection, min(times), months.after(months.month_of(max(times))))
    own = [a for a in found if a.source == source]
    wanted = {months.month_of(at) for at in times} if own else ()
    return [a for a in own if a.month in wanted]


def holding(
    connection: Connection, source: str, ids: Sequence[str], authors: Sequence[str] = ()
) -> list[KeptArchive]:
    """The archives of a source that hold a post by any of these ids or authors."""
    if not (ids or authors):
        return []
    own = [a for a in known(connection) if a.source == source]
    return [a for a in own if parquet.holds(a.path, ids, authors)]
