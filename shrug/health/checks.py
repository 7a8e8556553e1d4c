"""What can be wrong around the sources: the store, keys, the clock, the disk, the scorers."""

import os
import shutil
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from db.core import engine
from db.core.engine import Store
from db.core.errors import BadInput, ShrugError
from db.crawl import outages, runs
from db.ops import deliveries
from shrug.label import acts, sentiment
from shrug.privacy import pseudonyms
from shrug.settings import Settings
from shrug.store.bootstrap import sync_ledger

# A crawl a day writes some megabytes; SQLite may need as much again while it tidies up.
LEAST_FREE = 500_000_000
# A machine's clock may be this far off before posts land in another hour.
CLOCK_SLACK = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at. `state`: well, or what is the matter, by the name under which the
    catalogue of messages says what to do (`check_…`); `values` are put in there."""

    what: str
    state: str = "well"
    values: dict[str, object] = field(default_factory=dict)


def checks(store: Store, settings: Settings, now: datetime) -> list[Check]:
    """Everything but the sources themselves; a check that can't be made is told as ill."""
    looks: dict[str, Callable[[], Check]] = {
        "store": lambda: _store(store),
        "migrations": lambda: _migrations(store),
        "ledger": lambda: _ledger(store),
        "key": lambda: _key(settings.key_file),
        "clock": lambda: _clock(store, now),
        "disk": lambda: _disk(store),
        "model": lambda: _model(store, settings),
        "delivery": lambda: _delivery(store),
    }
    return [_made(what, look) for what, look in looks.items()]


def mend(check: Check, store: Store, settings: Settings) -> bool:
    """Mend what can be mended without a choice or a loss; gives whether it was."""
    if check.state == "open_key":
        settings.key_file.chmod(0o600)
    elif check.state == "no_outage":
        sync_ledger(store)
    else:
        return False
    return True


def _made(what: str, look: Callable[[], Check]) -> Check:
    try:
        return look()
    except (ShrugError, BadInput, OSError) as error:
        return Check(what, "failed", {"why": str(error)})


def _store(store: Store) -> Check:
    wrong = engine.damage(store)
    return Check("store", "damaged", {"why": wrong}) if wrong else Check("store")


def _migrations(store: Store) -> Check:
    current, newest = engine.revisions(store)
    if current != newest:
        return Check("migrations", "behind", {"current": current, "newest": newest})
    return Check("migrations")


def _ledger(store: Store) -> Check:
    with store.reading() as connection:
        known = len(outages.read(connection))
    return Check("ledger") if known else Check("ledger", "no_outage")


def _key(path: Path) -> Check:
    pseudonyms.present(path)
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        return Check("key", "open_key", {"path": path})
    return Check("key")


def _clock(store: Store, now: datetime) -> Check:
    with store.reading() as connection:
        newest = max((r.started_at for r in runs.latest(connection)), default=None)
    if newest and newest > now + CLOCK_SLACK:
        return Check("clock", "clock_back", {"now": now, "newest": newest})
    return Check("clock")


def _disk(store: Store) -> Check:
    if store.file is None:
        return Check("disk")
    free = shutil.disk_usage(store.file.resolve().parent).free
    wanted = max(LEAST_FREE, store.file.stat().st_size)
    if free < wanted:
        megabytes = {"free": free // 10**6, "wanted": wanted // 10**6}
        return Check("disk", "disk_full", {"folder": store.file.parent, **megabytes})
    return Check("disk")


def _model(store: Store, settings: Settings) -> Check:
    used = sentiment.in_use(store, settings.models_folder)
    waiting = sentiment.pending(store, used) + acts.pending(store)
    return Check("model", "unscored", {"n": waiting}) if waiting else Check("model")


def _delivery(store: Store) -> Check:
    with store.reading() as connection:
        names = deliveries.undelivered(connection)
    return (
        Check("delivery", "undelivered", {"names": ", ".join(names)})
        if names
        else Check("delivery")
    )
