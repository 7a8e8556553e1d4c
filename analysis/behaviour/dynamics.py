"""The timing of reactions: when people noticed an outage, when they peaked and stopped."""

from dataclasses import dataclass

import numpy as np

from analysis.statistics.arrays import Floats

# Posts are counted in bins of this many minutes, smoothed over three of them.
BIN_MINUTES = 10
# Fewer posts than this have no peak.
MIN_POSTS = 20


@dataclass(frozen=True, slots=True)
class Dynamics:
    """Minutes, from the outage's official start where nothing else is said.

    first: the first post that says that the provider failed; negative where people led. peak: the
    middle of the loudest half hour; peak_rate: posts an hour then. half_life: from the peak until
    half of what exceeds the usual is gone. back: until an hour no longer exceeds the usual by
    more than chance. Null if it did not happen in the window, or cannot be told.
    """

    first: float | None
    peak: float | None
    peak_rate: float | None
    half_life: float | None
    back: float | None


def measure_dynamics(
    minutes: Floats, failed: Floats, window: tuple[float, float], usual: float
) -> Dynamics:
    """Measure the timing of reactions to an outage.

    minutes: times of posts, ascending; failed: times of posts that say that the provider failed;
    window: its beginning and end; all in minutes from the start. usual: posts an hour.
    """
    first = float(failed.min()) if len(failed) else None
    if len(minutes) < MIN_POSTS:
        return Dynamics(first, None, None, None, None)
    edges = np.arange(window[0], window[1] + BIN_MINUTES, BIN_MINUTES)
    counts = np.histogram(minutes, edges)[0].astype(np.float64)
    smooth = np.convolve(counts, np.ones(3) / 3, mode="same")
    top = int(smooth.argmax())
    peak = float(edges[top] + BIN_MINUTES / 2)
    expected = usual * BIN_MINUTES / 60
    half = (smooth[top] - expected) / 2 + expected
    below = np.flatnonzero(smooth[top:] <= half)
    back = _back(counts, top, usual)
    return Dynamics(
        first=first,
        peak=peak,
        peak_rate=float(smooth[top] * 60 / BIN_MINUTES),
        half_life=float(below[0] * BIN_MINUTES) if len(below) else None,
        back=float(edges[back]) if back is not None else None,
    )


def _back(counts: Floats, top: int, usual: float) -> int | None:
    """The first bin after the peak whose hour has no more posts than usual, up to chance."""
    bins = 60 // BIN_MINUTES
    enough = usual + 2 * np.sqrt(max(usual, 1.0))
    for at in range(top + 1, len(counts) - bins + 1):
        if counts[at : at + bins].sum() <= enough:
            return at
    return None
