"""How well scores tell good posts from bad ones, and what makes them probabilities."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from analysis.sentiment.card import Quality, Rate
from db.core.errors import BadInput

GOOD, BAD, NEUTRAL = "good", "bad", "neutral"
LABELS = (GOOD, BAD, NEUTRAL)
BINS = 10
HALF = 0.5

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
# One of LABELS for each post.
Marks = NDArray[np.str_]


def auc(scores: Floats, good: Flags) -> float:
    """The probability that a good post scores above a bad one, ties as half; NaN without both."""
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(good, scores)) if good.any() and not good.all() else float("nan")


def threshold(scores: Floats, bad: Flags) -> float:
    """Where sensitivity plus specificity is greatest (Youden 1950), calling bad what lies below.

    Of several as good ones the middle one; halfway between two scores.
    """
    if not bad.any() or bad.all():
        raise BadInput("a threshold needs posts that are bad and posts that are not")
    levels = np.unique(scores)
    cuts = np.append(levels, np.inf)
    se = np.searchsorted(np.sort(scores[bad]), cuts, side="left") / bad.sum()
    fall = np.searchsorted(np.sort(scores[~bad]), cuts, side="left") / (~bad).sum()
    best = np.flatnonzero(se - fall >= (se - fall).max() - 1e-12)
    at = best[len(best) // 2]
    low, high = levels[max(at - 1, 0)], levels[min(at, len(levels) - 1)]
    return float((low + high) / 2)


def calibration(figures: Floats, good: Flags) -> tuple[float, float]:
    """(slope, offset) of the logistic function that makes figures probabilities of being good.

    Platt 1999, with his targets, which keep the slope finite where classes lie apart.
    """
    from scipy.optimize import minimize

    n_good, n_bad = int(good.sum()), int((~good).sum())
    targets = np.where(good, (n_good + 1) / (n_good + 2), 1 / (n_bad + 2))
    spread = float(figures.std()) or 1.0
    x = figures / spread

    def loss(ab: Floats) -> float:
        z = ab[0] * x + ab[1]
        return float(np.sum(np.logaddexp(0, z) - targets * z))

    found = minimize(loss, np.array([1.0, 0.0]), method="BFGS")
    return float(found.x[0] / spread), float(found.x[1])


def quality(
    what: str, scores: Sequence[float | None], labels: Sequence[str], limit: float
) -> Quality:
    """How scores fit labels (good, bad, neutral), calling bad what lies below `limit`.

    Posts without a score are left out of all but `unscored`.
    """
    kept = [(s, label) for s, label in zip(scores, labels, strict=True) if s is not None]
    values = np.array([s for s, _ in kept], dtype=np.float64)
    names = np.array([label for _, label in kept], dtype=np.str_)
    good, bad = names == GOOD, names == BAD
    plain = good | bad
    low = values < limit
    return Quality(
        what=what,
        good=int(good.sum()),
        bad=int(bad.sum()),
        neutral=int((names == NEUTRAL).sum()),
        unscored=len(scores) - len(kept),
        auc=auc(values[plain], good[plain]),
        accuracy=_rate((values[plain] < HALF) == bad[plain]),
        sensitivity=_rate(low[bad]),
        specificity=_rate(~low[~bad]),
        bins=_bins(values[plain], good[plain]),
    )


def _rate(flags: Flags) -> Rate:
    return Rate(int(flags.sum()), len(flags))


def _bins(scores: Floats, good: Flags) -> tuple[Rate, ...]:
    which = np.minimum((scores * BINS).astype(np.int64), BINS - 1)
    return tuple(_rate(good[which == b]) for b in range(BINS))
