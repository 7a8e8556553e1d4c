"""Reading what posts do, for those that the present rules have not read."""

from collections.abc import Callable

from analysis.behaviour.acts import rules
from db import readings
from db.engine import Store
from shrug.matching import matcher

BATCH = 4096


def pending(store: Store) -> int:
    """How many mentions the present rules have not read."""
    with store.reading() as connection:
        return readings.count_unread(connection, rules().version)


def read(store: Store, told: Callable[[int], None] = lambda _: None) -> int:
    """Read what is unread; each batch is stored at once, so an interrupted run goes on."""
    version, after, total = rules().version, (0, 0), 0
    while True:
        with store.reading() as connection:
            batch = readings.unread(connection, version, after, BATCH)
        if not batch:
            return total
        known = {text: rules().read(text, matcher()) for text in {m.text for m in batch}}
        rows = []
        for mention in batch:
            found = known[mention.text]
            flags = {flag: flag in found.acts for flag in readings.FLAGS}
            flags["failed"] = mention.provider in found.failed
            rows.append({"post_id": mention.post_id, "provider_id": mention.provider_id, **flags})
        with store.writing() as connection:
            readings.write(connection, version, rows)
        after = (batch[-1].post_id, batch[-1].provider_id)
        total += len(batch)
        told(len(batch))
