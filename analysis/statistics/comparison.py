"""Comparison of outages: percentile, probability of superiority, rank, trend."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import ArrayLike
from pydantic import Field
from scipy.stats import kendalltau, theilslopes

from analysis.field_types import Count, Positive, Probability
from analysis.statistics.arrays import Floats
from analysis.statistics.interval import NORMAL_975, Interval

# With fewer outages there is no figure.
LEAST_EVENTS = 5
_DRAWS = 4000
_SEED = 20250811


@dataclass(frozen=True, slots=True)
class Rank:
    """A place among `of` outages, 1 the loudest, with its 95% interval."""

    place: Positive
    low: Positive
    high: Positive
    of: Positive


@dataclass(frozen=True, slots=True)
class Trend:
    """The yearly change of log attention: Theil–Sen slope (95% interval), Kendall's test."""

    events: Count
    slope_a_year: Annotated[Interval, Field(serialization_alias="log_heat_a_year")]
    kendall_tau: float
    p_value: Probability


def percentile(value: float, reference: Sequence[float]) -> Interval | None:
    """Return the share (0 to 1) of a reference class that is below a value, ties by half.

    The 95% interval is a percentile bootstrap of the class with a fixed seed. None if the class
    has fewer than LEAST_EVENTS members.
    """
    if len(reference) < LEAST_EVENTS:
        return None
    below = _wins(value, np.asarray(reference, dtype=np.float64))
    rng = np.random.default_rng(_SEED)
    means = below[rng.integers(0, len(below), (_DRAWS, len(below)))].mean(axis=1)
    return apply_rule_of_three(_interval(below.mean(), means), len(below))


def probability_of_superiority(values: Sequence[float], others: Sequence[float]) -> Interval | None:
    """Return P(a random one of `values` exceeds a random one of `others`), ties by half.

    Also called the common language effect size (McGraw & Wong 1992). Both classes are resampled
    for the 95% interval. None if either has fewer than LEAST_EVENTS members.
    """
    if len(values) < LEAST_EVENTS or len(others) < LEAST_EVENTS:
        return None
    a, b = np.asarray(values, dtype=np.float64), np.asarray(others, dtype=np.float64)
    wins = _wins(a[:, None], b[None, :])
    rng = np.random.default_rng(_SEED)
    draws = [
        wins[np.ix_(rng.integers(0, len(a), len(a)), rng.integers(0, len(b), len(b)))].mean()
        for _ in range(_DRAWS)
    ]
    return _interval(wins.mean(), draws)


def apply_rule_of_three(share: Interval, n: int) -> Interval:
    """Widen the interval of a share of n that is 0 or 1, of which resampling says nothing."""
    low, high = share.low, share.high
    if share.estimate == 0:
        high = max(high, min(1.0, 3 / n))
    if share.estimate == 1:
        low = min(low, max(0.0, 1 - 3 / n))
    return Interval(share.estimate, low, high)


def shrug_index(ratio: Interval, reference: Sequence[Interval]) -> Interval | None:
    """Return 100 × (1 − the percentile of attention within the reference class).

    For the 95% interval each ratio is drawn from its own uncertainty (log-normal), and the class
    is resampled. None if the class has fewer than LEAST_EVENTS members or the ratio no upper bound.
    """
    if len(reference) < LEAST_EVENTS or not np.isfinite(ratio.high):
        return None
    rng = np.random.default_rng(_SEED)
    drawn, others = _draw(rng, [ratio]), _draw(rng, reference)
    chosen = rng.integers(0, len(reference), others.shape)
    shares = (drawn > np.take_along_axis(others, chosen, axis=1)).mean(axis=1)
    estimate = _wins(ratio.estimate, np.array([r.estimate for r in reference])).mean()
    share = apply_rule_of_three(_interval(estimate, shares), len(reference))
    return Interval(100 * (1 - share.estimate), 100 * (1 - share.high), 100 * (1 - share.low))


def ranks(ratios: Sequence[Interval]) -> list[Rank]:
    """Return the place of each ratio, loudest first; each is drawn from its own uncertainty."""
    if not ratios:
        return []
    drawn = _draw(np.random.default_rng(_SEED), ratios)
    places = 1 + np.argsort(np.argsort(-drawn, axis=1), axis=1)
    low, high = np.percentile(places, [2.5, 97.5], axis=0, method="nearest").astype(int)
    estimates = np.array([ratio.estimate for ratio in ratios])
    by_estimate = 1 + (estimates[None, :] > estimates[:, None]).sum(axis=1)
    return [
        Rank(int(p), int(min(p, lo)), int(max(p, hi)), len(ratios))
        for p, lo, hi in zip(by_estimate, low, high, strict=True)
    ]


def louder_probabilities(ratios: Sequence[Interval]) -> Floats:
    """Return P(row drew more attention than column) for each pair, one half on the diagonal.

    Each ratio is drawn from its own uncertainty; the array is square.
    """
    drawn = _draw(np.random.default_rng(_SEED), ratios)
    return np.asarray(_wins(drawn[:, :, None], drawn[:, None, :]).mean(axis=0), dtype=np.float64)


def compare_with_past(ratio: float, earlier: Sequence[float]) -> tuple[int, int, float] | None:
    """Return (number of earlier ratios, of louder ones, their median); None without any."""
    if not earlier:
        return None
    return len(earlier), sum(1 for other in earlier if other > ratio), float(np.median(earlier))


def trend(years: Sequence[float], values: Sequence[float]) -> Trend | None:
    """Return the trend of log values over years; None with fewer than LEAST_EVENTS values."""
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


def _wins(a: ArrayLike, b: ArrayLike) -> Floats:
    """1 where a exceeds b, one half where they are equal; arrays broadcast."""
    a, b = np.asarray(a), np.asarray(b)
    return np.asarray((a > b) + 0.5 * (a == b), dtype=np.float64)


def _interval(estimate: float, draws: ArrayLike) -> Interval:
    low, high = np.percentile(np.asarray(draws), [2.5, 97.5])
    return Interval(float(estimate), float(low), float(high))


def _draw(rng: np.random.Generator, ratios: Sequence[Interval]) -> Floats:
    """Draw each ratio from the log-normal that its interval implies: shape (_DRAWS, ratios)."""
    columns = []
    for ratio in ratios:
        low, high = max(ratio.low, 1e-3), min(max(ratio.high, 1e-3), 1e6)
        centre = (np.log(low) + np.log(high)) / 2
        deviation = (np.log(high) - np.log(low)) / (2 * NORMAL_975)
        columns.append(np.exp(rng.normal(centre, max(deviation, 1e-6), _DRAWS)))
    return np.stack(columns, axis=1)
