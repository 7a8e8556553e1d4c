"""When people noticed an outage, when they were loudest, and when they stopped."""

from dataclasses import dataclass

import numpy as np

from analysis.statistics.interval import Floats

# Posts are counted in bins of this many minutes, smoothed over three of them.
BIN = 10
# Fewer posts than this have no peak.
LEAST = 20


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


def dynamics(
    minutes: Floats, failed: Floats, window: tuple[float, float], usual: float
) -> Dynamics:
    """minutes: when posts were made, ascending. failed: when those that say so. window: its
    beginning and end. All in minutes from the start. usual: posts an hour."""
    first = float(failed.min()) if len(failed) else None
    if len(minutes) < LEAST:
        return Dynamics(first, None, None, None, None)
    edges = np.arange(window[0], window[1] + BIN, BIN)
    counts = np.histogram(minutes, edges)[0].astype(np.float64)
    smooth = np.convolve(counts, np.ones(3) / 3, mode="same")
    top = int(smooth.argmax())
    peak = float(edges[top] + BIN / 2)
    expected = usual * BIN / 60
    half = (smooth[top] - expected) / 2 + expected
    below = np.flatnonzero(smooth[top:] <= half)
    back = _back(counts, top, usual)
    return Dynamics(
        first=first,
        peak=peak,
        peak_rate=float(smooth[top] * 60 / BIN),
        half_life=float(below[0] * BIN) if len(below) else None,
        back=float(edges[back]) if back is not None else None,
    )


def _back(counts: Floats, top: int, usual: float) -> int | None:
    """The first bin from the peak on whose hour holds no more than the usual and chance."""
    bins = 60 // BIN
    enough = usual + 2 * np.sqrt(max(usual, 1.0))
    for at in range(top + 1, len(counts) - bins + 1):
        if counts[at : at + bins].sum() <= enough:
            return at
    return None
