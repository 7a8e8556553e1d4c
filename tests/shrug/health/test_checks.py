"""Checks of what is around the sources, and their repair."""

from datetime import UTC, datetime, timedelta

import pytest

from db.core.engine import Store
from db.crawl import outages, runs
from shrug.health import checks
from shrug.health.checks import repair, run_checks
from shrug.settings import Settings

NOW = datetime(2026, 4, 20, 12, tzinfo=UTC)


def states(store: Store) -> dict[str, str]:
    return {check.what: check.state for check in run_checks(store, Settings(), NOW)}


def test_an_empty_ledger_is_repaired_from_the_bundled_one(store: Store) -> None:
    with store.writing() as connection:
        for outage in outages.read(connection):
            assert outage.confirmed
    (ledger,) = (c for c in run_checks(store, Settings(), NOW) if c.what == "ledger")
    assert ledger.state == "no_outage"
    assert repair(ledger, store, Settings())
    assert states(store)["ledger"] == "well"


def test_a_check_that_needs_a_choice_is_not_repaired(store: Store) -> None:
    with store.writing() as connection:
        runs.begin(connection, "forum", "x", NOW + timedelta(days=2))
    (clock,) = (c for c in run_checks(store, Settings(), NOW) if c.what == "clock")
    assert clock.state == "clock_back"
    assert not repair(clock, store, Settings())


def test_a_check_that_cannot_be_made_has_failed_and_says_why(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_store: Store) -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr(checks, "_full_disk", refuse)
    (disk,) = (c for c in run_checks(store, Settings(), NOW) if c.what == "disk")
    assert (disk.state, disk.values) == ("failed", {"why": "the disk is gone"})
