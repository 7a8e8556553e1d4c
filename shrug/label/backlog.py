"""Backlogs: rows of the store that still need a result, processed in parts by an executor."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

from db.core.engine import Store
from db.counts.cells import mark
from shrug.label.executors import map_unordered

POSTS_PER_BATCH = 4096
Key = int | tuple[int, int]


@dataclass(frozen=True, slots=True)
class BacklogPart:
    """Rows with keys in (after, last], and how many of them were pending."""

    after: Key
    last: Key
    number: int


@dataclass(frozen=True, slots=True)
class Backlog:
    """The pending rows of a store; it can be pickled, for executors that run other processes.

    next_range(connection, after=key): the last key of the next batch (None at the end), and its
    size. pending(connection, after=key, last=key): the pending rows with keys in (after, last].
    label(rows): the result of each row. write(connection, rows=results): store results.
    """

    store: Store
    next_range: Callable[..., tuple[Key | None, int]]
    pending: Callable[..., Sequence[Any]]
    label: Callable[[Sequence[Any]], Sequence[Any]]
    write: Callable[..., None]

    def parts(self, after: Key) -> Iterator[BacklogPart]:
        """Yield all parts after a key, in order."""
        while True:
            with self.store.reading() as connection:
                last, number = self.next_range(connection, after=after)
            if last is None:
                return
            yield BacklogPart(after, last, number)
            after = last

    def process(self, part: BacklogPart) -> None:
        """Label the pending rows of a part and store the results; a repetition changes nothing."""
        keys = {"after": part.after, "last": part.last}
        with self.store.reading() as connection:
            before, rows = mark(connection), self.pending(connection, **keys)
        results = self.label(rows)
        with self.store.writing() as connection:
            if mark(connection) != before:
                # Some may have been edited or deleted meanwhile: those wait for the next run.
                present = set(self.pending(connection, **keys))
                pairs = zip(rows, results, strict=True)
                results = [result for row, result in pairs if row in present]
            self.write(connection, rows=results)

    def process_all(
        self, after: Key, on_progress: Callable[[int], None], executor: Executor | None
    ) -> int:
        """Process all parts and return the number of rows; an interrupted run can be resumed."""
        total = 0
        for part, _ in map_unordered(executor, Backlog.process, self, self.parts(after)):
            total += part.number
            on_progress(part.number)
        return total
