"""Intervals and tests of a negative-binomial count whose expectation is uncertain."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betainc, gammaincc

from analysis.field_types import UpperBound
from analysis.statistics.arrays import Booleans, Floats

# The 97.5% point of the standard normal.
NORMAL_975 = 1.959964
LOWEST, HIGHEST = 1e-6, 1e7
_STEPS = 80
_POISSON = 1e-9


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its 95% interval; `high` is infinite (null in JSON) if unbounded."""

    estimate: float
    low: float
    high: UpperBound


def cdf(count: ArrayLike, mean: ArrayLike, dispersion: ArrayLike) -> Floats:
    """Return P(X ≤ count) if X has this mean and the variance mean + dispersion·mean².

    Arrays broadcast.
    """
    k, m, a = np.broadcast_arrays(
        np.asarray(count, float), np.asarray(mean, float), np.asarray(dispersion, float)
    )
    size = 1 / np.maximum(a, _POISSON)
    binomial = betainc(size, np.maximum(k, 0) + 1, size / (size + m))
    poisson = gammaincc(np.maximum(k, 0) + 1, m)
    return np.where(k < 0, 0.0, np.where(a > _POISSON, binomial, poisson))


def upper_tail(count: ArrayLike, mean: ArrayLike, dispersion: ArrayLike) -> Floats:
    """Return P(X ≥ count); parameters as for `cdf`."""
    return 1 - cdf(np.asarray(count, float) - 1, mean, dispersion)


def ratio_bounds(
    observed: ArrayLike, mean: ArrayLike, dispersion: ArrayLike, level: float = 0.95
) -> tuple[Floats, Floats]:
    """Return the least and greatest ρ with `observed` between the tail points for ρ·mean.

    Bisection on log ρ. The lower bound of 0 observed is 0; an upper bound above HIGHEST is
    infinite.
    """
    observed, mean, dispersion = np.broadcast_arrays(
        np.asarray(observed, float), np.asarray(mean, float), np.asarray(dispersion, float)
    )
    tail = (1 - level) / 2
    low = _solve(lambda rho: upper_tail(observed, rho * mean, dispersion) < tail, observed.shape)
    high = _solve(lambda rho: cdf(observed, rho * mean, dispersion) > tail, observed.shape)
    unbounded = high > HIGHEST * (1 - 1e-6)
    return np.where(observed <= 0, 0.0, low), np.where(unbounded, np.inf, high)


def _solve(still_below: Callable[[Floats], Booleans], shape: tuple[int, ...]) -> Floats:
    """Return the ρ at which `still_below(ρ)` turns from true to false, by bisection."""
    low, high = np.full(shape, np.log(LOWEST)), np.full(shape, np.log(HIGHEST))
    for _ in range(_STEPS):
        middle = (low + high) / 2
        below = still_below(np.exp(middle))
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return np.asarray(np.exp((low + high) / 2), dtype=np.float64)


def critical_count(mean: ArrayLike, dispersion: ArrayLike, tail: float = 0.025) -> Floats:
    """Return the least count that counts as more than expected: P(X ≥ count) ≤ tail."""
    mean, dispersion = np.broadcast_arrays(np.asarray(mean, float), np.asarray(dispersion, float))
    low, high = np.zeros(mean.shape), np.ones(mean.shape)
    while (more := upper_tail(high, mean, dispersion) > tail).any():
        low, high = np.where(more, high, low), np.where(more, high * 2, high)
    while (high - low > 1).any():
        middle = np.floor((low + high) / 2)
        more = upper_tail(middle, mean, dispersion) > tail
        low, high = np.where(more, middle, low), np.where(more, high, middle)
    return high


def minimum_detectable_ratio(mean: ArrayLike, dispersion: ArrayLike, power: float = 0.8) -> Floats:
    """Return the least ρ that would be noticed with this probability; infinite if mean is 0."""
    mean, dispersion = np.broadcast_arrays(np.asarray(mean, float), np.asarray(dispersion, float))
    some = np.where(mean > 0, mean, 1.0)
    count = critical_count(some, dispersion)
    rho = _solve(lambda r: upper_tail(count, r * some, dispersion) < power, mean.shape)
    return np.where((mean > 0) & (rho < HIGHEST * (1 - 1e-6)), rho, np.inf)
