"""The posts expected in a window without an outage: level times shapes, each shrunk.

Sources: the shrinkage is the gamma-Poisson posterior mean with its strength estimated by moments
(Clayton & Kaldor 1987, Biometrics 43); down-weighting of past bursts follows the improved
Farrington method (Noufaily et al. 2013, Statistics in Medicine 32).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.attention.channel import Channel
from analysis.statistics.arrays import Floats

HALF_LIFE_DAYS = 14.0
LOCAL_HALF_LIFE_DAYS = 7.0
BURST_RESIDUAL = 2.58
# A falling level is extrapolated to no less than the mean of its days divided by this.
MAX_LEVEL_FALL = 3.0
MIN_COVERED_SHARE = 0.5
DAYS_A_WEEK = 7
FULL_HISTORY_DAYS = 28


@dataclass(frozen=True, slots=True)
class Expected:
    """The expected count of the window and its uncertainty.

    dispersion: of block counts about their own local level (variance = m + dispersion·m²).
    doubt: relative variance of `mean` itself. blocks: usable earlier blocks. block_ratios: their
    counts over their own expected count, for the placebo. hourly: expected posts in each of the
    24 hours of the window's day. history_days: days with any usable hour.
    """

    mean: float
    dispersion: float
    doubt: float
    blocks: int
    block_ratios: Floats
    hourly: Floats
    history_days: int


def estimate_expected(channel: Channel) -> Expected | None:
    """Estimate the window's expected count; None if no past hour was read."""
    usable = np.where(channel.exposure >= MIN_COVERED_SHARE, channel.exposure, 0.0)
    if not usable.any():
        return None
    weights = np.ones_like(usable)
    recency = 0.5 ** (np.arange(len(usable)) / HALF_LIFE_DAYS)
    for _ in range(3):
        exposed = usable * weights
        hod, dow = _shapes(channel, exposed)
        grid = usable * hod[None, :] * dow[channel.weekdays]
        days = (channel.counts * weights * (usable > 0)).sum(axis=1), (grid * weights).sum(axis=1)
        weights = _burst_weights(channel, grid, _local_level(*days))
    level, level_doubt = _level(*days, recency)
    grid_window = _window_shape(channel, hod, dow)
    blocks = _blocks(channel, hod, dow, *days)
    n = int(blocks.usable.sum())
    mean = level * grid_window * (channel.window_exposure / max(channel.window_hours, 1e-9))
    shape_doubt = _shape_doubt(hod, n, blocks.dispersion, level * grid_window)
    return Expected(
        mean=float(mean),
        dispersion=blocks.dispersion,
        doubt=float(level_doubt + shape_doubt),
        blocks=n,
        block_ratios=blocks.ratios,
        hourly=level * hod * dow[_window_days(channel, np.arange(24))],
        history_days=int((usable.sum(axis=1) > 0).sum()),
    )


def _shapes(channel: Channel, exposed: Floats) -> tuple[Floats, Floats]:
    """Hour-of-day and day-of-week multipliers, mean 1, shrunk towards 1 while data are few."""
    counted = channel.counts * np.where(
        channel.exposure >= MIN_COVERED_SHARE,
        exposed / np.maximum(channel.exposure, MIN_COVERED_SHARE),
        0.0,
    )
    total, exposure = counted.sum(), exposed.sum()
    if total <= 0:
        return np.ones(24), np.ones(DAYS_A_WEEK)
    rate = total / exposure
    due = rate * exposed
    seen, expected = counted.sum(axis=0), due.sum(axis=0)
    raw = np.divide(seen, expected, out=np.ones(24), where=expected > 0)
    hod = _shrunk(seen, expected, _overdispersion(counted, due * raw[None, :], 24))
    return hod, _week(channel, counted, exposed * hod[None, :])


def _week(channel: Channel, counted: Floats, due: Floats) -> Floats:
    """Day-of-week multipliers of days against the level around them, so that a change of level is
    not taken for a weekly shape."""
    due = due * _local_level(counted.sum(axis=1), due.sum(axis=1))[:, None]
    days = channel.weekdays
    seen, expected = (
        np.bincount(days.ravel(), cells.ravel(), DAYS_A_WEEK).astype(np.float64)
        for cells in (counted, due)
    )
    raw = np.divide(seen, expected, out=np.ones(DAYS_A_WEEK), where=expected > 0)
    # Whole rows: hours of a day are not independent of each other.
    rows = counted.sum(axis=1), (due * raw[days]).sum(axis=1)
    return _shrunk(seen, expected, _overdispersion(*rows, DAYS_A_WEEK))


def _overdispersion(seen: Floats, due: Floats, fitted: int) -> float:
    """Variance over mean of the cells about `fitted` means of their own, at least 1 (Poisson)."""
    keep = due > 0
    if keep.sum() <= fitted:
        return 1.0
    squares = float(np.sum((seen[keep] - due[keep]) ** 2 / due[keep]))
    return max(1.0, squares / (int(keep.sum()) - fitted))


def _shrunk(seen: Floats, due: Floats, inflation: float) -> Floats:
    """Posterior means of gamma-distributed multipliers with mean 1.

    Their variance is what the ratios vary beyond `inflation` times Poisson noise.
    """
    keep = due > 0
    if not keep.any():
        return np.ones_like(seen)
    ratio = np.divide(seen, due, out=np.ones_like(seen), where=keep)
    noise = inflation / due[keep]
    spread = float(np.mean((ratio[keep] - 1) ** 2 - noise))
    if spread <= 0:
        return np.ones_like(seen)
    prior = inflation / spread
    shrunk = np.where(keep, (seen + prior) / (due + prior), 1.0)
    return np.asarray(shrunk / np.average(shrunk, weights=np.where(keep, due, 0)), dtype=np.float64)


def _local_level(seen: Floats, due: Floats) -> Floats:
    """Each day's level from the days around it, itself left out. shape (days,)"""
    index = np.arange(len(seen))
    weights = 0.5 ** (np.abs(index[:, None] - index[None, :]) / LOCAL_HALF_LIFE_DAYS)
    np.fill_diagonal(weights, 0.0)
    due_near = weights @ due
    total = seen.sum() / due.sum() if due.sum() > 0 else 0.0
    # One day's worth of the overall level keeps sparse data from a level of zero.
    anchor = float(np.mean(due))
    return np.asarray((weights @ seen + anchor * total) / (due_near + anchor), dtype=np.float64)


def _burst_weights(channel: Channel, grid: Floats, level: Floats) -> Floats:
    """Hours of past bursts weigh less: (BURST / residual)² beyond BURST, by window-long blocks."""
    length = min(24, max(1, len(channel.shares)))
    edges = np.arange(0, 24, length)
    due = np.add.reduceat(grid, edges, axis=1) * level[:, None]
    seen = np.add.reduceat(channel.counts * (grid > 0), edges, axis=1)
    dispersion = _dispersion(seen[due > 0], due[due > 0])
    # At least a post of spread: where posts are rare, one of them is no burst.
    residual = (seen - due) / np.sqrt(np.maximum(due + dispersion * due**2, 1.0))
    weight = np.where(
        residual > BURST_RESIDUAL, (BURST_RESIDUAL / np.maximum(residual, BURST_RESIDUAL)) ** 2, 1.0
    )
    widths = np.diff(np.append(edges, 24))
    return np.repeat(weight, widths, axis=1)


def _dispersion(seen: Floats, due: Floats, weights: Floats | None = None) -> float:
    """Moment estimate of α in variance = m + α·m²."""
    if not len(due):
        return 0.0
    w = np.ones_like(due) if weights is None else weights
    return float(max(0.0, np.sum(w * ((seen - due) ** 2 - due)) / max(np.sum(w * due**2), 1e-12)))


def _level(seen: Floats, due: Floats, recency: Floats) -> tuple[float, float]:
    """Posts an hour at the time of the window if all shapes were 1, and the relative variance.

    Recent days weigh more. Their weighted mean lags behind a changing level by the days' mean age
    times the slope; that is added, with the slope shrunk by 1 - error²/slope² (or to 0 if that is
    negative: James & Stein 1961).
    """
    keep = due > 0
    if not keep.any():
        return 0.0, 0.0
    rate, due_ = seen[keep] / due[keep], due[keep]
    age, weight = np.flatnonzero(keep) + 1.0, recency[keep] * due_
    share = weight / weight.sum()
    mean, mean_age = float(share @ rate), float(share @ age)
    apart = share * (age - mean_age)
    moved, slope = float(apart @ (age - mean_age)), 0.0
    doubt = share
    if moved > 0 and mean > 0:
        slope = float(apart @ rate) / moved
        fitted = np.asarray(mean + slope * (age - mean_age), dtype=np.float64)
        noise = float((apart / moved) ** 2 @ _noise(fitted, rate, due_))
        shrinkage = max(0.0, 1 - noise / slope**2) if slope else 0.0
        slope *= shrinkage
        doubt = share - shrinkage * mean_age * apart / moved
    level = max(mean - slope * mean_age, mean / MAX_LEVEL_FALL)
    if level <= 0:
        return 0.0, 0.0
    fitted = np.asarray(mean + slope * (age - mean_age), dtype=np.float64)
    variance = float(doubt**2 @ _noise(fitted, rate, due_))
    return level, variance / level**2


def _noise(fitted: Floats, rate: Floats, due: Floats) -> Floats:
    """The variance of each day's rate about the fitted one."""
    expected = np.maximum(fitted, 1e-12) * due
    between = _dispersion(rate * due, expected)
    return np.asarray((expected + between * expected**2) / due**2, dtype=np.float64)


def _window_shape(channel: Channel, shape: Floats, dow: Floats) -> float:
    """Shape-hours of the window: its hours, each times its multipliers."""
    hours = np.arange(len(channel.shares))
    days = _window_days(channel, hours)
    return float((channel.shares * shape[hours % 24] * dow[days]).sum())


def _window_days(channel: Channel, hours: NDArray[np.int64]) -> NDArray[np.int64]:
    """The weekday of each of `hours` after the window's first."""
    return (channel.window_weekday + channel.days_on(hours)) % DAYS_A_WEEK


@dataclass(frozen=True, slots=True)
class _Blocks:
    usable: NDArray[np.bool_]
    ratios: Floats
    dispersion: float


def _blocks(channel: Channel, shape: Floats, dow: Floats, seen: Floats, due: Floats) -> _Blocks:
    """The earlier blocks against their local level; their dispersion is shrunk towards that of all
    blocks of this length."""
    level = _local_level(seen, due)
    rows = np.arange(1, len(channel.block_counts) + 1) * channel.period_days - 1
    rows = rows[rows < len(level)]
    hours = np.arange(len(channel.shares))
    days = (channel.weekday[rows][:, None] + channel.days_on(hours)[None, :]) % DAYS_A_WEEK
    unit = (channel.shares[None, :] * shape[hours % 24][None, :] * dow[days]).sum(axis=1)
    read = channel.block_exposure[: len(rows)] / max(channel.window_hours, 1e-9)
    usable = read >= MIN_COVERED_SHARE
    expected = level[rows] * unit * read
    counts = channel.block_counts[: len(rows)]
    capped = np.minimum(counts, _burst_bound(expected))
    same = _dispersion(capped[usable], expected[usable])
    pooled = _pooled_dispersion(channel, shape, dow, level)
    n = int(usable.sum())
    steady = (n * same + DAYS_A_WEEK * 4 * pooled) / (n + DAYS_A_WEEK * 4)
    ratios = np.divide(counts, expected, out=np.zeros_like(expected), where=expected > 0)
    return _Blocks(usable, np.asarray(ratios[usable], dtype=np.float64), float(steady))


def _burst_bound(expected: Floats) -> Floats:
    """The count that larger past bursts are cut to."""
    return np.asarray(expected + 8 * np.sqrt(expected + expected**2) + 3, dtype=np.float64)


def _pooled_dispersion(channel: Channel, shape: Floats, dow: Floats, level: Floats) -> float:
    length = min(24, max(1, len(channel.shares)))
    edges = np.arange(0, 24 - length + 1, length)
    usable = np.where(channel.exposure >= MIN_COVERED_SHARE, channel.exposure, 0.0)
    grid = usable * shape[None, :] * dow[channel.weekdays] * level[:, None]
    due = np.stack([grid[:, e : e + length].sum(axis=1) for e in edges], axis=1)
    counted = channel.counts * (usable > 0)
    seen = np.stack([counted[:, e : e + length].sum(axis=1) for e in edges], axis=1)
    keep = due > 0
    return _dispersion(np.minimum(seen, _burst_bound(due))[keep], due[keep])


def _shape_doubt(hod: Floats, blocks: int, dispersion: float, mean: float) -> float:
    """Relative variance that the hour-of-day shape adds, damped as far as it was shrunk to flat."""
    if mean <= 0 or blocks == 0:
        return 0.0
    return min(1.0, float(np.std(hod)) / 0.1) * (dispersion + 1 / mean) / blocks
