"""Reading what posts do, for those that the present rules have not read."""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass

from analysis.labels.acts import rules
from db.core.engine import Store
from db.counts.cells import mark
from db.posts import labels
from shrug.label.executors import BATCH, map_unordered
from shrug.label.matcher import matcher


def pending(store: Store) -> int:
    """How many mentions the present rules have not read."""
    with store.reading() as connection:
        return labels.count_unread(connection, rules().version)


def read(
    store: Store,
    told: Callable[[int], None] = lambda _: None,
    executor: Executor | None = None,
) -> int:
    """Read what is unread; each batch is stored at once, so an interrupted run goes on. executor:
    as for scoring."""
    total = 0
    desk = _Desk(store, rules().version)
    for part, _ in map_unordered(executor, _Desk.read, desk, desk.parts()):
        total += part.number
        told(part.number)
    return total


@dataclass(frozen=True, slots=True)
class _Part:
    """Mentions in (after, last], by post and provider, and how many of them were unread."""

    after: tuple[int, int]
    last: tuple[int, int]
    number: int


@dataclass(frozen=True, slots=True)
class _Desk:
    """What it takes to read a part of the mentions by the rules of a version, here or in another
    process."""

    store: Store
    version: str

    def parts(self) -> Iterator[_Part]:
        """All that is unread, in parts."""
        last = (0, 0)
        while True:
            with self.store.reading() as connection:
                keys = labels.unread_keys(connection, self.version, last, BATCH)
            if not keys:
                return
            yield _Part(last, keys[-1], len(keys))
            last = keys[-1]

    def read(self, part: _Part) -> None:
        """Read what is unread of a part, and store that at once: done again, it changes nothing."""
        if rules().version != self.version:
            raise ValueError(f"a worker reads by {rules().version}, {self.version} was due")
        own = self.version, part.after, part.last
        with self.store.reading() as connection:
            before, unread = mark(connection), labels.unread(connection, *own)
        known = {text: rules().read(text, matcher()) for text in {m.text for m in unread}}
        rows = []
        for mention in unread:
            told_of = known[mention.text]
            flags = {flag: flag in told_of.acts for flag in labels.FLAGS}
            flags["failed"] = mention.provider in told_of.failed
            rows.append({"post_id": mention.post_id, "provider_id": mention.provider_id, **flags})
        with self.store.writing() as connection:
            if mark(connection) != before:
                # Some may have been edited or deleted meanwhile: those wait for the next run.
                present = set(labels.unread(connection, *own))
                rows = [row for row, one in zip(rows, unread, strict=True) if one in present]
            labels.write(connection, self.version, rows)
