"""Checks of everything around the sources: the store, the key, the clock, the disk, scorers."""

import os
import shutil
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from db.core import engine
from db.core.engine import Store
from db.core.errors import ShrugError
from db.crawl import outages, runs
from db.ops import deliveries
from shrug.label import acts, sentiment
from shrug.privacy import pseudonyms
from shrug.settings import Settings
from shrug.store.bootstrap import sync_ledger

# Bytes. A crawl a day writes some megabytes; SQLite may need as much again to tidy up.
LEAST_FREE = 500_000_000
# A machine's clock may be this far off before posts land in another hour.
CLOCK_SLACK = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Check:
    """The result of one check. state: well, or the problem, whose message `check_…` says what to do
    about it; values: what the message needs."""

    what: str
    state: str = "well"
    values: dict[str, object] = field(default_factory=dict)


# The state and the values of a check that is not well.
CheckProblem = tuple[str, dict[str, object]]


def run_checks(store: Store, settings: Settings, now: datetime) -> list[Check]:
    """Check everything but the sources themselves; a check that can't be made has failed."""
    checks: dict[str, Callable[[], CheckProblem | None]] = {
        "store": lambda: _damaged_store(store),
        "migrations": lambda: _missing_migrations(store),
        "ledger": lambda: _empty_ledger(store),
        "key": lambda: _open_key(settings.key_file),
        "clock": lambda: _clock_set_back(store, now),
        "disk": lambda: _full_disk(store),
        "model": lambda: _unscored_posts(store, settings),
        "delivery": lambda: _undelivered_reports(store),
    }
    return [_run(what, find_problem) for what, find_problem in checks.items()]


def repair(check: Check, store: Store, settings: Settings) -> bool:
    """Repair what needs no choice and loses nothing; return whether it was repaired."""
    if check.state == "open_key":
        settings.key_file.chmod(0o600)
    elif check.state == "no_outage":
        sync_ledger(store)
    else:
        return False
    return True


def _run(what: str, find_problem: Callable[[], CheckProblem | None]) -> Check:
    try:
        problem = find_problem()
    except (ShrugError, OSError) as error:
        problem = "failed", {"why": str(error)}
    return Check(what, *problem) if problem else Check(what)


def _damaged_store(store: Store) -> CheckProblem | None:
    damage = engine.quick_check(store)
    return ("damaged", {"why": damage}) if damage else None


def _missing_migrations(store: Store) -> CheckProblem | None:
    current, newest = engine.revisions(store)
    return ("behind", {"current": current, "newest": newest}) if current != newest else None


def _empty_ledger(store: Store) -> CheckProblem | None:
    with store.reading() as connection:
        return None if outages.read(connection) else ("no_outage", {})


def _open_key(path: Path) -> CheckProblem | None:
    pseudonyms.current_key(path)
    is_open = os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077
    return ("open_key", {"path": path}) if is_open else None


def _clock_set_back(store: Store, now: datetime) -> CheckProblem | None:
    with store.reading() as connection:
        newest = max((r.started_at for r in runs.latest(connection)), default=None)
    is_ahead = newest is not None and newest > now + CLOCK_SLACK
    return ("clock_back", {"now": now, "newest": newest}) if is_ahead else None


def _full_disk(store: Store) -> CheckProblem | None:
    if store.file is None:
        return None
    free = shutil.disk_usage(store.file.resolve().parent).free
    wanted = max(LEAST_FREE, store.file.stat().st_size)
    megabytes = {"free": free // 10**6, "wanted": wanted // 10**6}
    return ("disk_full", {"folder": store.file.parent, **megabytes}) if free < wanted else None


def _unscored_posts(store: Store, settings: Settings) -> CheckProblem | None:
    used = sentiment.scorers_in_use(store, settings.models_folder)
    waiting = sentiment.count_pending(store, used) + acts.count_pending(store)
    return ("unscored", {"n": waiting}) if waiting else None


def _undelivered_reports(store: Store) -> CheckProblem | None:
    with store.reading() as connection:
        names = deliveries.undelivered(connection)
    return ("undelivered", {"names": ", ".join(names)}) if names else None
