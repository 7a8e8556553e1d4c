"""One who knows shape, level and dispersion, and one who goes by the published rule of
Downdetector: whom the estimator is compared with."""

import numpy as np
from numpy.typing import NDArray

from analysis.attention.channel import Channel, Floats
from analysis.attention.verdicts import LEAST_POSTS
from analysis.statistics.interval import cdf, upper_tail
from analysis.validation.worlds import AUTOCORRELATION, Cell, World

TAIL = 0.025
Flags = NDArray[np.bool_]


def known(cell: Cell, worlds: list[World]) -> tuple[Floats, Floats]:
    """The true mean of each window without an outage, and the true dispersion of its count.

    Hours share the level, a lognormal whose covariance falls by AUTOCORRELATION an hour, and have
    a gamma-Poisson noise of their own.
    """
    means = np.stack([w.truth for w in worlds])
    apart = np.abs(np.subtract.outer(np.arange(means.shape[1]), np.arange(means.shape[1])))
    shared = np.exp(cell.spread**2 * AUTOCORRELATION**apart) - 1
    own = np.eye(means.shape[1]) * cell.dispersion * np.exp(cell.spread**2)
    total = means.sum(axis=1)
    return total, np.einsum("ni,ij,nj->n", means, shared + own, means) / total**2


def notices(observed: Floats, mean: Floats, dispersion: Floats) -> Flags:
    """Whether one who knows would call each count noticed."""
    return (upper_tail(observed, mean, dispersion) <= TAIL) & (observed >= LEAST_POSTS)


def shrugs(observed: Floats, mean: Floats, dispersion: Floats, worth: float) -> Flags:
    """Whether one who knows would call each count shrugged off: a ratio of `worth` ruled out."""
    return cdf(observed, worth * mean, dispersion) <= TAIL


def alarm(channel: Channel) -> float:
    """How far a count lies above the mean of the same time on earlier days, in their standard
    deviations: "significantly above the typical volume for that time of day"."""
    read = channel.block_exposure >= channel.window_hours / 2
    if read.sum() < 2:
        return 0.0
    counts = channel.block_counts[read] * channel.window_hours / channel.block_exposure[read]
    spread = max(float(counts.std(ddof=1)), 1.0)
    return float((channel.observed - counts.mean()) / spread)
