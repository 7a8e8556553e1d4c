"""Outages pooled by class, year, source and provider."""

from dataclasses import replace
from datetime import datetime

import pytest

from analysis.report.groups import pool_groups
from tests.analysis.report.reports import AT, make_outage

YEAR = AT.replace(year=2026)
ALIKE = [make_outage(i, f"p{i % 3}", None, ratio=2.0) for i in range(9)]


def group(name: str, *outages: object) -> dict[str, object]:
    pooled = pool_groups(outages or ALIKE)  # type: ignore[arg-type]
    return {t.key: t for t in pooled if t.group == name}


def test_each_group_pools_its_own_outages() -> None:
    later = [replace(o, start=YEAR) for o in ALIKE[:3]]
    game = [replace(o, provider="g", provider_kind="game") for o in ALIKE[:3]]
    everything = [*ALIKE, *later, *game]
    number = {
        name: {key: pooled.outages for key, pooled in group(name, *everything).items()}  # type: ignore[attr-defined]
        for name in ("class", "year", "source", "provider")
    }
    assert number == {
        "class": {"ai": 12, "game": 3},
        "year": {"2025": 9, "2026": 3},
        "source": {"s": 12},
        "provider": {"p0": 4, "p1": 4, "p2": 4, "g": 3},
    }


def test_together_they_tell_more_than_each() -> None:
    pooled = group("class")["ai"]
    widths = [o.combined.ratio.high / o.combined.ratio.low for o in ALIKE]  # type: ignore[union-attr]
    assert pooled.ratio.high / pooled.ratio.low < min(widths)  # type: ignore[attr-defined]
    assert pooled.ratio.low < 2 < pooled.ratio.high  # type: ignore[attr-defined]


def test_suggested_capped_and_unmeasured_outages_are_in_no_pool() -> None:
    one, two, three = ALIKE[:3]
    suggested = replace(two, confirmed=False)
    capped = replace(two, combined=replace(two.combined, capped=True), channels=())  # type: ignore[type-var]
    unmeasured = replace(three, combined=None, channels=())
    assert pool_groups([one, suggested, capped, unmeasured]) == ()


@pytest.mark.parametrize("at", [datetime(2025, 12, 31, 23, 59, tzinfo=AT.tzinfo)])
def test_a_year_is_that_of_the_outages_start(at: datetime) -> None:
    outages = [replace(o, start=at, end=YEAR) for o in ALIKE[:3]]
    later = replace(ALIKE[3], start=YEAR)
    assert set(group("year", *outages, later)) == {"2025"}
    assert group("year", *outages) == {}
