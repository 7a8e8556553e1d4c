"""What the estimator is compared with: an oracle that knows shape, level and dispersion, and the
published rule of Downdetector."""

from collections.abc import Sequence

import numpy as np

from analysis.attention.channel import Channel
from analysis.attention.verdicts import MIN_POSTS
from analysis.statistics.arrays import Booleans, Floats
from analysis.statistics.interval import cdf, upper_tail
from analysis.validation.worlds import AUTOCORRELATION, Scenario, SimulatedOutage

TAIL = 0.025


def true_distribution(
    scenario: Scenario, outages: Sequence[SimulatedOutage]
) -> tuple[Floats, Floats]:
    """The true mean of each window without an outage, and the true dispersion of its count.

    Hours share the level, a lognormal whose covariance falls by AUTOCORRELATION an hour, and have
    a gamma-Poisson noise of their own.
    """
    means = np.stack([o.truth for o in outages])
    apart = np.abs(np.subtract.outer(np.arange(means.shape[1]), np.arange(means.shape[1])))
    shared = np.exp(scenario.spread**2 * AUTOCORRELATION**apart) - 1
    independent = np.eye(means.shape[1]) * scenario.dispersion * np.exp(scenario.spread**2)
    total = means.sum(axis=1)
    return total, np.einsum("ni,ij,nj->n", means, shared + independent, means) / total**2


def notices(observed: Floats, mean: Floats, dispersion: Floats) -> Booleans:
    """Whether the oracle would call each count noticed."""
    return (upper_tail(observed, mean, dispersion) <= TAIL) & (observed >= MIN_POSTS)


def shrugs(observed: Floats, mean: Floats, dispersion: Floats, worth: float) -> Booleans:
    """Whether the oracle would call each count shrugged off: a ratio of `worth` is ruled out."""
    return cdf(observed, worth * mean, dispersion) <= TAIL


def alarm_score(channel: Channel) -> float:
    """How many standard deviations a count lies above the mean of the same time on earlier days.

    The published rule: "significantly above the typical volume for that time of day".
    """
    read = channel.block_exposure >= channel.window_hours / 2
    if read.sum() < 2:
        return 0.0
    counts = channel.block_counts[read] * channel.window_hours / channel.block_exposure[read]
    spread = max(float(counts.std(ddof=1)), 1.0)
    return float((channel.observed - counts.mean()) / spread)
