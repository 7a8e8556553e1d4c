"""Intervals and tests on a negative-binomial count with a known-but-doubted expectation."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc, gammaincc

from analysis.field_types import UpperBound

Floats = NDArray[np.float64]

# The 97.5% point of the standard normal.
NORMAL_975 = 1.959964
LOWEST, HIGHEST = 1e-6, 1e7
_STEPS = 80
_POISSON = 1e-9


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its 95% interval; `high` is infinite, null in JSON, where only a lower bound
    is known."""

    estimate: float
    low: float
    high: UpperBound


def cdf(count: ArrayLike, mean: ArrayLike, dispersion: ArrayLike) -> Floats:
    """P(X ≤ count) for X with this mean and variance mean + dispersion·mean²; arrays broadcast."""
    k, m, a = np.broadcast_arrays(
        np.asarray(count, float), np.asarray(mean, float), np.asarray(dispersion, float)
    )
    size = 1 / np.maximum(a, _POISSON)
    binomial = betainc(size, np.maximum(k, 0) + 1, size / (size + m))
    poisson = gammaincc(np.maximum(k, 0) + 1, m)
    return np.where(k < 0, 0.0, np.where(a > _POISSON, binomial, poisson))


def upper_tail(count: ArrayLike, mean: ArrayLike, dispersion: ArrayLike) -> Floats:
    """P(X ≥ count)."""
    return 1 - cdf(np.asarray(count, float) - 1, mean, dispersion)


def ratio_bounds(
    observed: ArrayLike, mean: ArrayLike, dispersion: ArrayLike, level: float = 0.95
) -> tuple[Floats, Floats]:
    """All ρ under which `observed` lies between the tail points of the count's distribution.

    Found by bisection on log ρ; observed 0 gives a lower bound of 0.
    """
    observed, mean, dispersion = np.broadcast_arrays(
        np.asarray(observed, float), np.asarray(mean, float), np.asarray(dispersion, float)
    )
    tail = (1 - level) / 2
    low = _solve(lambda rho: upper_tail(observed, rho * mean, dispersion) < tail, observed.shape)
    high = _solve(lambda rho: cdf(observed, rho * mean, dispersion) > tail, observed.shape)
    unbounded = high > HIGHEST * (1 - 1e-6)
    return np.where(observed <= 0, 0.0, low), np.where(unbounded, np.inf, high)


def _solve(still_below: Callable[[Floats], NDArray[np.bool_]], shape: tuple[int, ...]) -> Floats:
    """The ρ at which `still_below(ρ)` turns from true to false."""
    left = np.full(shape, np.log(LOWEST))
    right = np.full(shape, np.log(HIGHEST))
    for _ in range(_STEPS):
        middle = (left + right) / 2
        below = still_below(np.exp(middle))
        left, right = np.where(below, middle, left), np.where(below, right, middle)
    return np.asarray(np.exp((left + right) / 2), dtype=np.float64)


def critical_count(mean: ArrayLike, dispersion: ArrayLike, tail: float = 0.025) -> Floats:
    """The least count that would be called more than expected: P(X ≥ count) ≤ tail."""
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
    """The least ρ whose outage would be called noticed with this probability; infinite where
    nothing was expected."""
    mean, dispersion = np.broadcast_arrays(np.asarray(mean, float), np.asarray(dispersion, float))
    some = np.where(mean > 0, mean, 1.0)
    count = critical_count(some, dispersion)
    rho = _solve(lambda r: upper_tail(count, r * some, dispersion) < power, mean.shape)
    return np.where((mean > 0) & (rho < HIGHEST * (1 - 1e-6)), rho, np.inf)
