"""The health of each source: what its newest crawl stored, and what it missed."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from analysis.field_types import Count
from analysis.messages import Messages
from db import catalog
from db.catalog import SourceEntry
from db.core.engine import Store
from db.crawl import runs
from db.crawl.runs import CrawlRunRecord
from db.posts import queries

QUIET_PERIOD = timedelta(days=3)
# States in which nothing is wrong with a source.
HEALTHY_STATES = {"well", "off", "new"}


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """The health of a source.

    state: well; off (a setting that it needs is missing); new (never crawled); quiet (no posts for
    days, though it always has some); unfinished (a crawl that never ended); or the kind of the
    first failure. last, posts: start and number of posts of its newest crawl.
    """

    source: str
    tier: str
    state: str
    last: datetime | None = None
    posts: Count = 0
    why: str | None = None
    needs: tuple[str, ...] = ()


def advice(health: SourceHealth, messages: Messages) -> str:
    """Return what to do about a source, in words."""
    needs = messages.listed(health.needs)
    return messages(f"advice_{health.state}", why=health.why or "", needs=needs)


def source_health(
    store: Store,
    secrets: Mapping[str, str],
    addresses: Collection[str] = (),
    now: datetime | None = None,
) -> list[SourceHealth]:
    """Return the health of every source of the catalogue, by key.

    addresses: sources whose own server is known. now: if given, a source that was well and had no
    post in the QUIET_PERIOD before it, though it always has some, is quiet.
    """
    with store.reading() as connection:
        newest = runs.latest(connection)
        recent = queries.extents(connection, now - QUIET_PERIOD, now) if now else []
    by_source: dict[str, list[CrawlRunRecord]] = defaultdict(list)
    for receipt in newest:
        by_source[receipt.source.partition(":")[0]].append(receipt)
    active = {source.partition(":")[0] for source, *_ in recent}
    sources = []
    for entry in sorted(catalog.sources().values(), key=lambda entry: entry.key):
        missing = _missing(entry, secrets, addresses)
        health = _health(entry, by_source[entry.key], missing)
        is_silent = entry.posts_a_day[0] > 0 and entry.key not in active
        if now and health.state == "well" and is_silent:
            health = replace(health, state="quiet")
        sources.append(health)
    return sources


def _missing(
    entry: SourceEntry, secrets: Mapping[str, str], addresses: Collection[str]
) -> tuple[str, ...]:
    missing = entry.missing_settings(secrets)
    if not entry.url and entry.queries != "page" and entry.key not in addresses:
        missing += (f"--address {entry.key}=URL",)
    return missing


def _health(
    entry: SourceEntry, receipts: list[CrawlRunRecord], missing: tuple[str, ...]
) -> SourceHealth:
    if not receipts:
        state = "off" if missing else "new"
        return SourceHealth(entry.key, entry.tier, state, needs=missing)
    failure = next((r.outcome for r in receipts if r.outcome.kind), None)
    is_unfinished = any(receipt.ended_at is None for receipt in receipts)
    return SourceHealth(
        source=entry.key,
        tier=entry.tier,
        state=(failure and failure.kind) or ("unfinished" if is_unfinished else "well"),
        last=max(receipt.started_at for receipt in receipts),
        posts=sum(receipt.outcome.posts for receipt in receipts),
        why=failure.why if failure else None,
        needs=missing,
    )
