"""Comparisons of peak heat that include outages that never reached a board: they drew less than
the board's last entry (left-censored values)."""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import CensoredData, ecdf

from analysis.statistics.arrays import Floats
from analysis.statistics.comparison import LEAST_EVENTS, apply_rule_of_three
from analysis.statistics.interval import Interval

_DRAWS = 1000
_SEED = 20250811


def share_below(value: float, peaks: Sequence[float], bounds: Sequence[float]) -> Interval | None:
    """The share of outages that drew less than `value`, with its 95% interval.

    peaks: heats of those that reached the board. bounds: upper bounds of the others' heats.
    Kaplan and Meier's estimate (1958) on the negated logarithm, which turns upper bounds into
    right-censored times; its interval is Greenwood's on the log-log scale. None with under
    LEAST_EVENTS outages, or if none of them reached the board.
    """
    if len(peaks) + len(bounds) < LEAST_EVENTS or not peaks:
        return None
    times = -np.log(np.array([*peaks, *bounds], dtype=np.float64))
    censored = np.repeat([False, True], [len(peaks), len(bounds)])
    survival: Any = ecdf(CensoredData.right_censored(times, censored)).sf
    at = -np.log(value)
    estimate = float(survival.evaluate(at))
    with warnings.catch_warnings():
        # It is undefined at the edges, which are handled below.
        warnings.simplefilter("ignore", RuntimeWarning)
        both = survival.confidence_interval(method="log-log")
    low, high = (float(curve.evaluate(at)) for curve in (both.low, both.high))
    if not np.isfinite(low + high):
        # Before the first peak or after the last only the edge itself is known.
        low, high = (0.0, estimate) if estimate < 1 else (1 - 3 / len(times), 1.0)
    return Interval(estimate, min(low, estimate), max(high, estimate))


Heats = tuple[Sequence[float], Sequence[float]]


def probability_of_superiority(one: Heats, other: Heats) -> Interval | None:
    """P(a random outage of `one` class draws more than a random one of the `other`), with a 95%
    interval; each class is given as (peaks, bounds), as in `share_below`.

    Efron's estimate (1967, Proceedings of the Fifth Berkeley Symposium 4): every pair weighs what
    Kaplan and Meier's estimates give its members. Two outages that are both only known to lie
    under everything seen are even. Both classes are resampled for the interval. None with under
    LEAST_EVENTS outages in a class, or if none of either reached the board.
    """
    classes = [_with_flags(*heats) for heats in (one, other)]
    if min(len(heat) for heat, _ in classes) < LEAST_EVENTS or not (one[0] or other[0]):
        return None
    rng = np.random.default_rng(_SEED)
    drawn = np.empty(_DRAWS)
    for i in range(_DRAWS):
        picks = [rng.integers(0, len(heat), len(heat)) for heat, _ in classes]
        sample = [(h[p], s[p]) for (h, s), p in zip(classes, picks, strict=True)]
        drawn[i] = _superior(*(_masses(*part) for part in sample))
    low, high = np.percentile(drawn, [2.5, 97.5])
    estimate = _superior(*(_masses(*part) for part in classes))
    least = min(len(heat) for heat, _ in classes)
    return apply_rule_of_three(
        Interval(estimate, min(estimate, float(low)), max(estimate, float(high))), least
    )


def _with_flags(
    peaks: Sequence[float], bounds: Sequence[float]
) -> tuple[Floats, NDArray[np.bool_]]:
    """Heats, and whether each was seen."""
    heats = np.array([*peaks, *bounds], dtype=np.float64)
    return heats, np.repeat([True, False], [len(peaks), len(bounds)])


def _masses(heats: Floats, seen: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Heats from the highest, and the weight of each; the remaining weight is at heat 0."""
    order = np.lexsort((~seen, -heats))
    at_risk = len(heats) - np.arange(len(heats))
    remaining = np.cumprod(1 - seen[order] / at_risk)
    before = np.concatenate([[1.0], remaining[:-1]])
    return np.append(heats[order], 0.0), np.append(before - remaining, remaining[-1])


def _superior(one: tuple[Floats, Floats], other: tuple[Floats, Floats]) -> float:
    (a, mass), (b, others) = one, other
    wins = (a[:, None] > b[None, :]) + 0.5 * (a[:, None] == b[None, :])
    # The weights sum to one only up to rounding.
    return min(1.0, float(mass @ wins @ others))
