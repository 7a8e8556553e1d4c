"""The share of bad posts, corrected for a scorer's measured error."""

from math import sqrt

from analysis.sentiment.card import Rate
from analysis.statistics.interval import NORMAL_975, Interval

# An interval that lies nearly all outside 0 to 1 is no answer: what would be left of it between
# them is narrow because the error does not fit, not because much is known.
FITS = 0.25


def corrected(
    called: float, number: float, sensitivity: Rate, specificity: Rate
) -> Interval | None:
    """The true share of bad posts where `called` is the share that a scorer calls bad of a
    `number` of independent posts, with its 95% interval.

    The estimate is Rogan and Gladen's (1978, Am J Epidemiol 107:71); the interval Lang and
    Reiczigel's (2014, Prev Vet Med 113:13), which carries the doubt in sensitivity and
    specificity too. None where there is no post, where the scorer tells nothing apart, and where
    no share fits: then its error is another one on these posts than on those it was measured on.
    """
    if not (number and sensitivity.of and specificity.of):
        return None
    power = sensitivity.share + specificity.share - 1
    se = (sensitivity.hits + 1) / (sensitivity.of + 2)
    sp = (specificity.hits + 1) / (specificity.of + 2)
    if power <= 0 or se + sp <= 1:
        return None
    z2 = NORMAL_975**2
    share = (called * number + z2 / 2) / (number + z2)
    middle = (share + sp - 1) / (se + sp - 1)
    var_se, var_sp = se * (1 - se) / (sensitivity.of + 2), sp * (1 - sp) / (specificity.of + 2)
    shift = 2 * z2 * (middle * var_se - (1 - middle) * var_sp)
    spread = share * (1 - share) / (number + z2)
    spread += middle**2 * var_se + (1 - middle) ** 2 * var_sp
    half = NORMAL_975 * sqrt(spread) / (se + sp - 1)
    estimate = _inside((called + specificity.share - 1) / power)
    low, high = _inside(middle + shift - half), _inside(middle + shift + half)
    if high - low < FITS * 2 * half:
        return None
    return Interval(estimate, min(low, estimate), max(high, estimate))


def _inside(share: float) -> float:
    return min(1.0, max(0.0, share))
