"""How sources are: what the last crawls got, and what they missed."""

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
from db.crawl.runs import KeptReceipt
from db.posts import queries

QUIET = timedelta(days=3)
# States in which nothing is wrong with a source.
FINE = {"well", "off", "new"}


@dataclass(frozen=True, slots=True)
class Health:
    """How a source is.

    state: well; off (it needs what is not set); new (never crawled); quiet (it gave nothing for
    days, though it always gives some); unfinished (a crawl that never came to its end); or the
    worst of what was missed. last, posts: when its newest crawl began, and what that got.
    """

    source: str
    tier: str
    state: str
    last: datetime | None = None
    posts: Count = 0
    why: str | None = None
    needs: tuple[str, ...] = ()


def advice(health: Health, messages: Messages) -> str:
    """What to do about a source."""
    needs = messages.listed(health.needs)
    return messages(f"advice_{health.state}", why=health.why or "", needs=needs)


def sources(
    store: Store,
    secrets: Mapping[str, str],
    addresses: Collection[str] = (),
    now: datetime | None = None,
) -> list[Health]:
    """Every source of the catalogue, by key. addresses: sources whose own server is known. now:
    with it, one that was well and gave nothing for QUIET, though it always gives some, is quiet.
    """
    with store.reading() as connection:
        newest = runs.latest(connection)
        lately = queries.extents(connection, now - QUIET, now) if now else []
    own: dict[str, list[KeptReceipt]] = defaultdict(list)
    for receipt in newest:
        own[receipt.source.partition(":")[0]].append(receipt)
    entries = sorted(catalog.sources().values(), key=lambda entry: entry.key)
    found = [_health(e, own[e.key], _missing(e, secrets, addresses)) for e in entries]
    heard = {source.partition(":")[0] for source, *_ in lately}
    return [_quiet(h, e, heard) if now else h for h, e in zip(found, entries, strict=True)]


def _quiet(health: Health, entry: SourceEntry, heard: set[str]) -> Health:
    usual = entry.posts_a_day
    silent = usual[0] > 0 and entry.key not in heard
    return replace(health, state="quiet") if health.state == "well" and silent else health


def _missing(
    entry: SourceEntry, secrets: Mapping[str, str], addresses: Collection[str]
) -> tuple[str, ...]:
    missing = entry.lacking(secrets)
    if not entry.url and entry.queries != "page" and entry.key not in addresses:
        missing += (f"--address {entry.key}=URL",)
    return missing


def _health(entry: SourceEntry, own: list[KeptReceipt], missing: tuple[str, ...]) -> Health:
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
