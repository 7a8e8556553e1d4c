import gzip
from datetime import datetime

import numpy as np
import pytest

from analysis.attention.bursts import MIN_HISTORY_DAYS, find_bursts
from tests.conftest import REAL_DATA

TWEETS = REAL_DATA / "tweet-volume"


def quiet(rng: np.random.Generator, weeks: int = 8) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    hours = np.arange(weeks * 168)
    base = 10 * (1 + 0.6 * np.cos(hours / 24 * 2 * np.pi))
    return rng.poisson(base * rng.gamma(5, 0.2, len(hours))).astype(np.float64)


def test_a_burst_is_found_where_it_is() -> None:
    rng = np.random.default_rng(0)
    counts = quiet(rng)
    counts[800:803] += 150
    counts[804] += 150
    bursts = find_bursts(counts, np.ones_like(counts), 5, 2)
    assert [(b.first, b.last) for b in bursts] == [(800, 804)]
    assert bursts[0].ratio > 5
    assert bursts[0].posts >= 600


def test_quiet_weeks_hold_none() -> None:
    rng = np.random.default_rng(1)
    bursts = [find_bursts(quiet(rng), np.ones(8 * 168), 0, 0) for _ in range(30)]
    assert sum(map(len, bursts)) <= 2


def test_hours_that_were_not_read_neither_begin_nor_hide_a_burst() -> None:
    rng = np.random.default_rng(2)
    counts, exposure = quiet(rng), np.ones(8 * 168)
    exposure[600:760] = 0
    counts[600:760] = 0
    counts[800] += 200
    assert [b.first for b in find_bursts(counts, exposure, 0, 0)] == [800]
    exposure[800] = 0.2
    assert find_bursts(counts, exposure, 0, 0) == []


def test_a_short_series_holds_none() -> None:
    counts = np.full(MIN_HISTORY_DAYS * 24, 5.0)
    counts[-1] = 500
    assert find_bursts(counts, np.ones_like(counts), 0, 0) == []
    assert find_bursts(np.zeros(0), np.zeros(0), 0, 0) == []


@pytest.mark.real_data
def test_alarms_on_tweets_about_companies_are_few() -> None:
    """No outage is known in them: each alarm counts as false, though some were news."""
    if not TWEETS.is_dir():
        pytest.skip(f"the counts of tweets are not there: {TWEETS}")
    alarms, weeks = 0, 0.0
    for path in sorted(TWEETS.glob("*.csv.gz")):
        with gzip.open(path, "rt") as file:
            rows = [line.strip().split(",") for line in file][1:]
        times = [datetime.fromisoformat(at) for at, _ in rows]
        first = times[0].replace(minute=0, second=0)
        hours = [int((at - first).total_seconds() // 3600) for at in times]
        counts = np.bincount(hours, [float(n) for _, n in rows]).astype(np.float64)
        bursts = find_bursts(counts, np.ones_like(counts), first.hour, first.weekday())
        alarms += len(bursts)
        weeks += len(counts) / 168 - MIN_HISTORY_DAYS / 7
    assert weeks > 20
    assert alarms / weeks < 0.5
