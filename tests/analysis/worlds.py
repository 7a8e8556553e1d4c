"""Worlds with known truth, as MEASUREMENT describes its first try, laid out as channels."""

from dataclasses import dataclass

import numpy as np

from analysis.attention.channel import Channel

DAYS, WINDOW = 56, 4
AUTOCORRELATION, TREND = 0.7, 0.2


@dataclass(frozen=True)
class Cell:
    """Mean posts an hour, negative-binomial dispersion of an hour, true ratio.

    missing: share of hours not read. spread: standard deviation of the level's logarithm.
    """

    mean: float
    dispersion: float
    ratio: float = 1.0
    missing: float = 0.1
    days: int = DAYS
    spread: float = 0.3


def channel(rng: np.random.Generator, cell: Cell) -> Channel:
    """One outage of four hours in a world of this cell."""
    hours = (cell.days + 1) * 24
    steps = rng.normal(0, cell.spread * np.sqrt(1 - AUTOCORRELATION**2), hours)
    level = np.zeros(hours)
    level[0] = rng.normal(0, cell.spread)
    for hour in range(1, hours):
        level[hour] = AUTOCORRELATION * level[hour - 1] + steps[hour]
    clock, start = np.arange(hours), int(rng.integers(24))
    daily = 1 + 0.6 * np.cos((clock + start - 14) / 24 * 2 * np.pi)
    weekday = ((clock + start) // 24 + rng.integers(7)) % 7
    weekly = np.where(weekday >= 5, 0.8, 1.0)
    trend = 1 + TREND * clock / (DAYS * 24)
    base = cell.mean * daily * weekly * trend * np.exp(level - cell.spread**2 / 2)
    first = cell.days * 24
    base[first : first + WINDOW] *= cell.ratio
    counts = rng.poisson(base * rng.gamma(1 / cell.dispersion, cell.dispersion, hours))
    exposure = (rng.random(hours) >= cell.missing).astype(float)
    grid = (counts * exposure)[:first].reshape(cell.days, 24)[::-1].astype(float)
    read = exposure[:first].reshape(cell.days, 24)[::-1]
    return Channel(
        counts=grid,
        exposure=read,
        weekday=weekday[:first].reshape(cell.days, 24)[::-1, 0].astype(np.int64),
        window_weekday=int(weekday[first]),
        shares=np.ones(WINDOW),
        block_counts=grid[:, :WINDOW].sum(axis=1),
        block_exposure=read[:, :WINDOW].sum(axis=1),
        period_days=1,
        observed=int(counts[first : first + WINDOW].sum()),
        window_exposure=float(WINDOW),
        capped=False,
        control=1000,
    )
