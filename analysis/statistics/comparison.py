"""Outages against each other: percentile, who drew more, trend."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from scipy.stats import kendalltau, theilslopes

from analysis.field_types import Count, Positive, Probability
from analysis.statistics.interval import NORMAL_975, Interval

LEAST_EVENTS = 5
_DRAWS = 4000
_SEED = 20250811


@dataclass(frozen=True, slots=True)
class Rank:
    """A place among `of`, 1 the loudest, with the places that its 95% interval reaches."""

    place: Positive
    low: Positive
    high: Positive
    of: Positive


@dataclass(frozen=True, slots=True)
class Trend:
    """Change of log attention a year: Theil–Sen slope with its 95% interval, Kendall's test."""

    events: Count
    slope_a_year: Annotated[Interval, Field(serialization_alias="log_heat_a_year")]
    kendall_tau: float
    p_value: Probability


def percentile(value: float, reference: Sequence[float]) -> Interval | None:
    """Share (0 to 1) of the reference class that drew less, ties by half, with a 95% interval.

    The interval is from resampling the reference class (percentile bootstrap, fixed seed); None
    where the class has under LEAST_EVENTS members.
    """
    if len(reference) < LEAST_EVENTS:
        return None
    below = _wins(value, np.asarray(reference, dtype=np.float64))
    return _bootstrap(below)


def more_often(values: Sequence[float], others: Sequence[float]) -> Interval | None:
    """P(a random one of `values` is more than a random one of `others`), ties by half.

    Both classes are resampled for the 95% interval (the probability of superiority, or common
    language effect size: McGraw & Wong 1992).
    """
    if len(values) < LEAST_EVENTS or len(others) < LEAST_EVENTS:
        return None
    a, b = np.asarray(values, dtype=np.float64), np.asarray(others, dtype=np.float64)
    wins = (a[:, None] > b[None, :]) + 0.5 * (a[:, None] == b[None, :])
    rng = np.random.default_rng(_SEED)
    draws = [
        wins[np.ix_(rng.integers(0, len(a), len(a)), rng.integers(0, len(b), len(b)))].mean()
        for _ in range(_DRAWS)
    ]
    low, high = np.percentile(draws, [2.5, 97.5])
    return Interval(float(wins.mean()), float(low), float(high))


def _wins(value: float, reference: NDArray[np.float64]) -> NDArray[np.float64]:
    wins = (value > reference) + 0.5 * (value == reference)
    return np.asarray(wins, dtype=np.float64)


def _bootstrap(sample: NDArray[np.float64]) -> Interval:
    rng = np.random.default_rng(_SEED)
    means = sample[rng.integers(0, len(sample), (_DRAWS, len(sample)))].mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return edged(Interval(float(sample.mean()), float(low), float(high)), len(sample))


def edged(share: Interval, n: int) -> Interval:
    """Resampling says nothing where all or none drew less; the rule of three does."""
    low, high = share.low, share.high
    if share.estimate == 0:
        high = max(high, min(1.0, 3 / n))
    if share.estimate == 1:
        low = min(low, max(0.0, 1 - 3 / n))
    return Interval(share.estimate, low, high)


def shrug_index(ratio: Interval, reference: Sequence[Interval]) -> Interval | None:
    """100 × (1 − the percentile of attention within the reference class), with a 95% interval.

    Each ratio is drawn from its own doubt (log-normal), and the class is resampled.
    """
    if len(reference) < LEAST_EVENTS or not np.isfinite(ratio.high):
        return None
    rng = np.random.default_rng(_SEED)
    own = _draw(rng, ratio, _DRAWS)
    others = np.stack([_draw(rng, r, _DRAWS) for r in reference], axis=1)
    chosen = rng.integers(0, len(reference), others.shape)
    share = (own[:, None] > np.take_along_axis(others, chosen, axis=1)).mean(axis=1)
    low, high = np.percentile(share, [2.5, 97.5])
    estimate = _wins(ratio.estimate, np.array([r.estimate for r in reference])).mean()
    found = edged(Interval(float(estimate), float(low), float(high)), len(reference))
    return Interval(100 * (1 - found.estimate), 100 * (1 - found.high), 100 * (1 - found.low))


def _draw(rng: np.random.Generator, ratio: Interval, n: int) -> NDArray[np.float64]:
    low, high = max(ratio.low, 1e-3), min(max(ratio.high, 1e-3), 1e6)
    centre = (np.log(low) + np.log(high)) / 2
    spread = (np.log(high) - np.log(low)) / (2 * NORMAL_975)
    drawn = np.exp(rng.normal(centre, max(spread, 1e-6), n))
    return np.asarray(drawn, dtype=np.float64)


def ranks(ratios: Sequence[Interval]) -> list[Rank]:
    """The place of each ratio among all, loudest first, when each is drawn from its own doubt."""
    if not ratios:
        return []
    rng = np.random.default_rng(_SEED)
    drawn = np.stack([_draw(rng, ratio, _DRAWS) for ratio in ratios], axis=1)
    places = 1 + np.argsort(np.argsort(-drawn, axis=1), axis=1)
    low, high = np.percentile(places, [2.5, 97.5], axis=0, method="nearest").astype(int)
    estimates = np.array([ratio.estimate for ratio in ratios])
    own = 1 + (estimates[None, :] > estimates[:, None]).sum(axis=1)
    return [
        Rank(int(p), int(min(p, lo)), int(max(p, hi)), len(ratios))
        for p, lo, hi in zip(own, low, high, strict=True)
    ]


def louder(ratios: Sequence[Interval]) -> NDArray[np.float64]:
    """P(row drew more attention than column) for each pair, each ratio drawn from its own doubt;
    a square array, one half on the diagonal."""
    rng = np.random.default_rng(_SEED)
    drawn = np.stack([_draw(rng, ratio, _DRAWS) for ratio in ratios], axis=1)
    wins = (drawn[:, :, None] > drawn[:, None, :]) + 0.5 * (drawn[:, :, None] == drawn[:, None, :])
    return np.asarray(wins.mean(axis=0), dtype=np.float64)


def own_past(ratio: float, earlier: Sequence[float]) -> tuple[int, int, float] | None:
    """(how many earlier outages, how many were louder, their median ratio); None without any."""
    if not earlier:
        return None
    return len(earlier), sum(1 for other in earlier if other > ratio), float(np.median(earlier))


def trend(years: Sequence[float], values: Sequence[float]) -> Trend | None:
    """Trend of log values over time in years; None with under LEAST_EVENTS events."""
    if len(values) < LEAST_EVENTS:
        return None
    logs = np.log(np.asarray(values, dtype=np.float64))
    slope, _, low, high = theilslopes(logs, np.asarray(years, dtype=np.float64), 0.95)
    test = kendalltau(years, logs)
    return Trend(
        len(values),
        Interval(float(slope), float(low), float(high)),
        float(test.statistic),
        float(test.pvalue),
    )
