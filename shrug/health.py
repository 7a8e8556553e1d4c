"""How sources are: what the last crawls got, and what they missed."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from db import catalogue, receipts
from db.catalogue import SourceEntry
from db.engine import Store
from db.receipts import KeptReceipt


@dataclass(frozen=True, slots=True)
class Health:
    """How a source is.

    state: well; off (it needs what is not set); new (never crawled); unfinished (a crawl that
    never came to its end); or the worst of what was missed (see crawler.items.Kind). last, posts:
    when its newest crawl began, and what that got.
    """

    source: str
    tier: str
    state: str
    last: datetime | None = None
    posts: int = 0
    why: str | None = None
    needs: tuple[str, ...] = ()


def sources(store: Store, secrets: Mapping[str, str]) -> list[Health]:
    """Every source of the catalogue, by key."""
    with store.reading() as connection:
        newest = receipts.latest(connection)
    own: dict[str, list[KeptReceipt]] = defaultdict(list)
    for receipt in newest:
        own[receipt.source.partition(":")[0]].append(receipt)
    entries = sorted(catalogue.sources().values(), key=lambda entry: entry.key)
    return [_health(entry, own[entry.key], secrets) for entry in entries]


def _health(entry: SourceEntry, own: list[KeptReceipt], secrets: Mapping[str, str]) -> Health:
    missing = entry.lacking(secrets)
    if not entry.url and entry.queries != "page":
        missing += (f"--address {entry.key}=URL",)
    if missing and not own:
        return Health(entry.key, entry.tier, "off", needs=missing)
    if not own:
        return Health(entry.key, entry.tier, "new")
    last = max(receipt.started_at for receipt in own)
    posts = sum(receipt.outcome.posts for receipt in own)
    missed = [r for r in own if r.outcome.kind]
    unfinished = any(receipt.ended_at is None for receipt in own)
    worst = missed[0].outcome if missed else None
    state = (worst.kind if worst else None) or ("unfinished" if unfinished else "well")
    return Health(entry.key, entry.tier, state, last, posts, worst.why if worst else None, missing)
