"""Evaluation of scores on labelled posts: AUC, threshold, calibration, error rates."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from analysis.sentiment.card import Quality, Rate
from analysis.statistics.arrays import Booleans, Floats
from db.core.errors import BadInput

GOOD, BAD, NEUTRAL = "good", "bad", "neutral"
LABELS = (GOOD, BAD, NEUTRAL)
BINS = 10
HALF = 0.5

# One of LABELS for each post.
Labels = NDArray[np.str_]


def auc(scores: Floats, good: Booleans) -> float:
    """Return P(a good post scores above a bad one), ties as half; NaN without both."""
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(good, scores)) if good.any() and not good.all() else float("nan")


def best_threshold(scores: Floats, bad: Booleans) -> float:
    """Return the threshold with the greatest sensitivity plus specificity (Youden 1950).

    Posts below it are called bad. It lies halfway between two scores; of several equally good
    ones it is the middle one. Raises BadInput unless there are both bad and other posts.
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


def calibration(values: Floats, good: Booleans) -> tuple[float, float]:
    """Return (slope, offset) of the logistic function from decision values to P(good).

    Platt 1999, with his targets, which keep the slope finite even if the classes are separable.
    """
    from scipy.optimize import minimize

    n_good, n_bad = int(good.sum()), int((~good).sum())
    targets = np.where(good, (n_good + 1) / (n_good + 2), 1 / (n_bad + 2))
    scale = float(values.std()) or 1.0
    x = values / scale

    def loss(ab: Floats) -> float:
        z = ab[0] * x + ab[1]
        return float(np.sum(np.logaddexp(0, z) - targets * z))

    fit = minimize(loss, np.array([1.0, 0.0]), method="BFGS")
    return float(fit.x[0] / scale), float(fit.x[1])


def measure_quality(
    what: str, scores: Sequence[float | None], labels: Sequence[str], limit: float
) -> Quality:
    """Compare scores with labels (good, bad, neutral); posts below `limit` are called bad.

    Posts without a score count in `unscored` only.
    """
    scored = [(s, label) for s, label in zip(scores, labels, strict=True) if s is not None]
    values = np.array([s for s, _ in scored], dtype=np.float64)
    names = np.array([label for _, label in scored], dtype=np.str_)
    good, bad = names == GOOD, names == BAD
    polar = good | bad
    low = values < limit
    return Quality(
        what=what,
        good=int(good.sum()),
        bad=int(bad.sum()),
        neutral=int((names == NEUTRAL).sum()),
        unscored=len(scores) - len(scored),
        auc=auc(values[polar], good[polar]),
        accuracy=_rate((values[polar] < HALF) == bad[polar]),
        sensitivity=_rate(low[bad]),
        specificity=_rate(~low[~bad]),
        bins=_bins(values[polar], good[polar]),
    )


def _rate(flags: Booleans) -> Rate:
    return Rate(int(flags.sum()), len(flags))


def _bins(scores: Floats, good: Booleans) -> tuple[Rate, ...]:
    which = np.minimum((scores * BINS).astype(np.int64), BINS - 1)
    return tuple(_rate(good[which == b]) for b in range(BINS))
