"""Simulated outages whose true effect is known, as channels."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from analysis.attention.channel import Channel
from analysis.statistics.arrays import Floats

WEEKS, WINDOW = 8, 4
AUTOCORRELATION = 0.7
RECENT_DAYS = 10


@dataclass(frozen=True, slots=True)
class Scenario:
    """A kind of simulated world.

    mean: posts an hour. dispersion: negative-binomial, of an hour. missing: share of hours that
    were not read. spread: standard deviation of the level's logarithm, which is autocorrelated by
    AUTOCORRELATION an hour. trend: growth over eight weeks. shift: what the level is multiplied by
    in the last RECENT_DAYS. holiday: what the day of the window is. cap: posts that the source
    gives of a window at most. flood: near-copies of one text in the window. days: of history.
    """

    name: str
    mean: float
    dispersion: float
    missing: float = 0.1
    spread: float = 0.3
    trend: float = 0.2
    shift: float = 1.0
    holiday: float = 1.0
    cap: int | None = None
    flood: int = 0
    days: int = WEEKS * 7


@dataclass(frozen=True, slots=True)
class SimulatedOutage:
    """A simulated outage: what is observed, and the same with near-copies counted once (voices).

    For the oracle: `posted`, all posts in the window except copies, and `truth`, the mean posts of
    its hours without the outage, shape (WINDOW,).
    """

    channel: Channel
    voices: Channel
    posted: int
    truth: Floats


def simulate_outage(rng: np.random.Generator, scenario: Scenario, ratio: float) -> SimulatedOutage:
    """Simulate an outage of WINDOW hours with `ratio` times the posts of other days."""
    hours, first = (scenario.days + 1) * 24, scenario.days * 24
    base, weekday, start = _base(rng, scenario, hours)
    true = base[first : first + WINDOW].copy()
    base[first : first + WINDOW] *= ratio
    level = _level(rng, scenario, hours)
    noise = rng.gamma(1 / scenario.dispersion, scenario.dispersion, hours)
    counts = rng.poisson(base * level * noise)
    exposure = (rng.random(hours) >= scenario.missing).astype(np.float64)
    grid = (counts * exposure)[:first].reshape(scenario.days, 24)[::-1].astype(np.float64)
    read = exposure[:first].reshape(scenario.days, 24)[::-1]
    observed = int(counts[first : first + WINDOW].sum())
    capped = scenario.cap is not None and observed > scenario.cap
    channel = Channel(
        counts=grid,
        exposure=read,
        weekday=weekday[:first].reshape(scenario.days, 24)[::-1, 0].astype(np.int64),
        window_weekday=int(weekday[first]),
        start_hour=start,
        shares=np.ones(WINDOW),
        block_counts=grid[:, :WINDOW].sum(axis=1),
        block_exposure=read[:, :WINDOW].sum(axis=1),
        period_days=1,
        observed=min(observed, scenario.cap) if scenario.cap is not None else observed,
        window_exposure=float(WINDOW),
        capped=capped,
        control=1000,
    )
    copies = int(rng.poisson(scenario.flood)) if scenario.flood else 0
    return SimulatedOutage(
        replace(channel, observed=channel.observed + copies), channel, observed, true
    )


def _base(
    rng: np.random.Generator, scenario: Scenario, hours: int
) -> tuple[Floats, NDArray[np.int64], int]:
    """Posts an hour on average, the weekday of each hour, and the first hour's hour of the day."""
    clock, start = np.arange(hours), int(rng.integers(24))
    daily = 1 + 0.6 * np.cos((clock + start - 14) / 24 * 2 * np.pi)
    weekday = ((clock + start) // 24 + rng.integers(7)) % 7
    weekly = np.where(weekday >= 5, 0.8, 1.0)
    trend = 1 + scenario.trend * clock / (WEEKS * 7 * 24)
    shift = np.where(clock >= hours - (RECENT_DAYS + 1) * 24, scenario.shift, 1.0)
    holiday = np.where(clock >= hours - 24, scenario.holiday, 1.0)
    base = np.asarray(scenario.mean * daily * weekly * trend * shift * holiday, dtype=np.float64)
    return base, weekday.astype(np.int64), start


def _level(rng: np.random.Generator, scenario: Scenario, hours: int) -> Floats:
    """The level's lognormal factor, mean 1, autocorrelated from hour to hour."""
    steps = rng.normal(0, scenario.spread * np.sqrt(1 - AUTOCORRELATION**2), hours)
    steps[0] = rng.normal(0, scenario.spread)
    log = lfilter([1.0], [1.0, -AUTOCORRELATION], steps)
    return np.asarray(np.exp(log - scenario.spread**2 / 2), dtype=np.float64)
