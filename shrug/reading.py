"""Reading what posts do, for those that the present rules have not read."""

from collections.abc import Callable, Iterator, Sequence

from analysis.behaviour.acts import Reading, rules
from db import readings
from db.engine import Store
from db.readings import Unread
from shrug.matching import matcher
from shrug.spreading import Here, Spread


def pending(store: Store) -> int:
    """How many mentions the present rules have not read."""
    with store.reading() as connection:
        return readings.count_unread(connection, rules().version)


def read(
    store: Store, told: Callable[[int], None] = lambda _: None, where: Spread | None = None
) -> int:
    """Read what is unread; each batch is stored at once, so an interrupted run goes on. where: on
    which machines; in this process where nothing is said."""
    version, total, spread = rules().version, 0, where or Here()
    for batch, found in spread.over(_read, version, _unread(store, version, spread.size), _texts):
        known = dict(zip(_texts(batch), found, strict=True))
        rows = []
        for mention in batch:
            told_of = known[mention.text]
            flags = {flag: flag in told_of.acts for flag in readings.FLAGS}
            flags["failed"] = mention.provider in told_of.failed
            rows.append({"post_id": mention.post_id, "provider_id": mention.provider_id, **flags})
        with store.writing() as connection:
            readings.write(connection, version, rows)
        total += len(batch)
        told(len(batch))
    return total


def _unread(store: Store, version: str, size: int) -> Iterator[Sequence[Unread]]:
    after = (0, 0)
    while True:
        with store.reading() as connection:
            batch = readings.unread(connection, version, after, size)
        if not batch:
            return
        yield batch
        after = (batch[-1].post_id, batch[-1].provider_id)


def _texts(batch: Sequence[Unread]) -> list[str]:
    return sorted({mention.text for mention in batch})


def _read(version: str, texts: Sequence[str]) -> list[Reading]:
    if rules().version != version:
        raise ValueError(f"a worker reads by rules {rules().version}, {version} were due")
    return [rules().read(text, matcher()) for text in texts]
