"""Pooling over outages: the random-effects mean of log ratios, and how much they differ."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, sqrt

import numpy as np
from scipy.optimize import brentq
from scipy.stats import chi2, t

from analysis.statistics.interval import NORMAL_975, Floats, Interval

_MOST_SPREAD = 100.0


@dataclass(frozen=True, slots=True)
class LogRatio:
    """A log ratio and its variance."""

    value: float
    variance: float


@dataclass(frozen=True, slots=True)
class Pooled:
    """ratio: the mean one, with its interval. spread: exp of the standard deviation between true
    log ratios, with its interval; 1 where all are alike. q_p: of all being alike."""

    number: int
    ratio: Interval
    spread: Interval
    q_p: float


def of_counts(observed: float, expected: float, dispersion: float) -> LogRatio:
    """The log ratio of a count to its expectation, half a post added to each (delta method)."""
    return LogRatio(log((observed + 0.5) / (expected + 0.5)), 1 / (observed + 0.5) + dispersion)


def of_shares(hits: float, of: float, usual_hits: float, usual_of: float) -> LogRatio:
    """The log ratio of two shares, half a post added to each (Walter 1975)."""
    value = log((hits + 0.5) / (of + 0.5)) - log((usual_hits + 0.5) / (usual_of + 0.5))
    variance = 1 / (hits + 0.5) - 1 / (of + 0.5) + 1 / (usual_hits + 0.5) - 1 / (usual_of + 0.5)
    return LogRatio(value, max(variance, 0.0))


def interval(ratio: LogRatio) -> Interval:
    """The ratio with its 95% interval, normal on the log scale."""
    half = NORMAL_975 * sqrt(ratio.variance)
    return Interval(exp(ratio.value), exp(ratio.value - half), exp(ratio.value + half))


def pool(ratios: Sequence[LogRatio]) -> Pooled | None:
    """The random-effects mean and the spread of at least two log ratios; None of fewer.

    The spread is DerSimonian and Laird's (1986) with the Q-profile interval (Viechtbauer 2007,
    Statistics in Medicine 26:37); the mean's interval is Hartung and Knapp's (2001), never
    narrower than the plain one.
    """
    if len(ratios) < 2:
        return None
    y = np.array([r.value for r in ratios])
    v = np.array([r.variance for r in ratios])
    between = _between(y, v)
    w = 1 / (v + between)
    mean = float(w @ y / w.sum())
    wide = max(1.0, float(w @ (y - mean) ** 2) / (len(y) - 1))
    half = float(t.ppf(0.975, len(y) - 1)) * sqrt(wide / float(w.sum()))
    low, high = (_profile(y, v, float(chi2.ppf(p, len(y) - 1))) for p in (0.975, 0.025))
    spread = [exp(sqrt(s)) for s in (between, low, high)]
    return Pooled(
        number=len(y),
        ratio=Interval(exp(mean), exp(mean - half), exp(mean + half)),
        spread=Interval(spread[0], min(spread[:2]), max(spread[0], spread[2])),
        q_p=float(chi2.sf(_q(y, v, 0.0), len(y) - 1)),
    )


def slope(times: Sequence[float], ratios: Sequence[LogRatio]) -> Interval | None:
    """Change of the log ratio per unit of time, with its 95% interval; None with under three, or
    all at one time.

    Random-effects meta-regression: weights 1 / (variance + between), where between is the moment
    estimate about the line, and Knapp and Hartung's interval (2003, Statistics in Medicine 22).
    """
    x, y = np.asarray(times, dtype=np.float64), np.array([r.value for r in ratios])
    v = np.array([r.variance for r in ratios])
    if len(y) < 3 or np.ptp(x) == 0:
        return None
    residuals = _line(x, y, 1 / v)[1]
    scale = float((1 / v).sum() - (1 / v**2).sum() / (1 / v).sum())
    q = float((residuals**2 / v).sum())
    between = max(0.0, (q - (len(y) - 2)) / scale) if scale > 0 else 0.0
    w = 1 / (v + between)
    estimate, residuals = _line(x, y, w)
    moved = float(w @ (x - w @ x / w.sum()) ** 2)
    wide = max(1.0, float(w @ residuals**2) / (len(y) - 2))
    half = float(t.ppf(0.975, len(y) - 2)) * sqrt(wide / moved)
    return Interval(estimate, estimate - half, estimate + half)


def _line(x: Floats, y: Floats, w: Floats) -> tuple[float, Floats]:
    """The weighted slope, and the residuals about its line."""
    apart = x - w @ x / w.sum()
    found = float((w * apart) @ y / (w @ apart**2))
    return found, np.asarray(y - w @ y / w.sum() - found * apart, dtype=np.float64)


def within(groups: Sequence[Sequence[LogRatio]]) -> list[LogRatio]:
    """One log ratio a group: its mean, weighed by precision."""
    found = []
    for group in groups:
        weights = [1 / r.variance for r in group]
        mean = sum(w * r.value for w, r in zip(weights, group, strict=True)) / sum(weights)
        found.append(LogRatio(mean, 1 / sum(weights)))
    return found


def _between(y: Floats, v: Floats) -> float:
    w = 1 / v
    scale = float(w.sum() - (w**2).sum() / w.sum())
    return max(0.0, (_q(y, v, 0.0) - (len(y) - 1)) / scale) if scale > 0 else 0.0


def _q(y: Floats, v: Floats, between: float) -> float:
    w = 1 / (v + between)
    return float(w @ (y - w @ y / w.sum()) ** 2)


def _profile(y: Floats, v: Floats, target: float) -> float:
    """The variance between at which Q has this value; Q falls with it."""

    def beyond(between: float) -> float:
        return _q(y, v, between) - target

    if beyond(0.0) <= 0:
        return 0.0
    if beyond(_MOST_SPREAD) > 0:
        return _MOST_SPREAD
    return float(brentq(beyond, 0.0, _MOST_SPREAD))
