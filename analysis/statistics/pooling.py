"""Meta-analysis of outages: the random-effects mean of log ratios, and their heterogeneity."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, sqrt

import numpy as np
from scipy.optimize import brentq
from scipy.stats import chi2, t

from analysis.statistics.arrays import Floats
from analysis.statistics.interval import NORMAL_975, Interval

_MAX_VARIANCE = 100.0


@dataclass(frozen=True, slots=True)
class LogRatio:
    """A log ratio and its variance."""

    value: float
    variance: float


@dataclass(frozen=True, slots=True)
class Pooled:
    """The mean of `number` ratios and their heterogeneity, each with its 95% interval.

    spread: exp of the standard deviation between the true log ratios; 1 if all are alike.
    q_p: the p-value of Cochran's Q, under the hypothesis that all are alike.
    """

    number: int
    ratio: Interval
    spread: Interval
    q_p: float


def log_ratio_of_counts(observed: float, expected: float, dispersion: float) -> LogRatio:
    """Return the log ratio of a count to its expectation, 0.5 added to each (delta method)."""
    return LogRatio(log((observed + 0.5) / (expected + 0.5)), 1 / (observed + 0.5) + dispersion)


def log_ratio_of_shares(hits: float, of: float, usual_hits: float, usual_of: float) -> LogRatio:
    """Return the log ratio of two shares, 0.5 added to each count (Walter 1975)."""
    value = log((hits + 0.5) / (of + 0.5)) - log((usual_hits + 0.5) / (usual_of + 0.5))
    variance = 1 / (hits + 0.5) - 1 / (of + 0.5) + 1 / (usual_hits + 0.5) - 1 / (usual_of + 0.5)
    return LogRatio(value, max(variance, 0.0))


def ratio_interval(ratio: LogRatio) -> Interval:
    """Return the ratio with its 95% interval, normal on the log scale."""
    half = NORMAL_975 * sqrt(ratio.variance)
    return Interval(exp(ratio.value), exp(ratio.value - half), exp(ratio.value + half))


def pool(ratios: Sequence[LogRatio]) -> Pooled | None:
    """Return the random-effects mean and the spread of log ratios; None of fewer than two.

    The spread is DerSimonian and Laird's (1986) with the Q-profile interval (Viechtbauer 2007,
    Statistics in Medicine 26:37); the mean's interval is Hartung and Knapp's (2001), never
    narrower than the plain one.
    """
    if len(ratios) < 2:
        return None
    y = np.array([r.value for r in ratios])
    v = np.array([r.variance for r in ratios])
    between = _moment_variance(y, v)
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
    """Return the change of the log ratio per unit of time, with its 95% interval.

    None with fewer than three ratios, or if all are at one time.

    Random-effects meta-regression: weights 1 / (variance + between), where `between` is the
    moment estimate about the line, and Knapp and Hartung's interval (2003, Statistics in
    Medicine 22).
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
    centred = x - w @ x / w.sum()
    slope = float((w * centred) @ y / (w @ centred**2))
    return slope, np.asarray(y - w @ y / w.sum() - slope * centred, dtype=np.float64)


def pool_each_group(groups: Sequence[Sequence[LogRatio]]) -> list[LogRatio]:
    """Return one log ratio for each group: its mean, weighted by precision."""
    means = []
    for group in groups:
        weights = [1 / r.variance for r in group]
        mean = sum(w * r.value for w, r in zip(weights, group, strict=True)) / sum(weights)
        means.append(LogRatio(mean, 1 / sum(weights)))
    return means


def _moment_variance(y: Floats, v: Floats) -> float:
    """Return DerSimonian and Laird's estimate of the variance between true values."""
    w = 1 / v
    scale = float(w.sum() - (w**2).sum() / w.sum())
    return max(0.0, (_q(y, v, 0.0) - (len(y) - 1)) / scale) if scale > 0 else 0.0


def _q(y: Floats, v: Floats, between: float) -> float:
    w = 1 / (v + between)
    return float(w @ (y - w @ y / w.sum()) ** 2)


def _profile(y: Floats, v: Floats, target: float) -> float:
    """Return the variance between true values at which Q has this value; Q falls with it."""

    def excess(between: float) -> float:
        return _q(y, v, between) - target

    if excess(0.0) <= 0:
        return 0.0
    if excess(_MAX_VARIANCE) > 0:
        return _MAX_VARIANCE
    return float(brentq(excess, 0.0, _MAX_VARIANCE))
