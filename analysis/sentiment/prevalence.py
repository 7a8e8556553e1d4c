"""The share of bad posts, corrected for a scorer's sensitivity and specificity."""

from math import sqrt

from analysis.sentiment.card import Rate
from analysis.statistics.interval import NORMAL_975, Interval

# An interval with less than this share of it between 0 and 1 is no answer: the rest of it is
# narrow because sensitivity and specificity do not fit these posts, not because much is known.
LEAST_SHARE_INSIDE = 0.25


def correct_prevalence(
    called: float, number: float, sensitivity: Rate, specificity: Rate
) -> Interval | None:
    """Return the true share of bad posts, with its 95% interval.

    `called` is the share that the scorer calls bad among a `number` of independent posts. The
    estimate is Rogan and Gladen's (1978, Am J Epidemiol 107:71), the interval Lang and
    Reiczigel's (2014, Prev Vet Med 113:13), which includes the uncertainty of sensitivity and
    specificity. None if there is no post, if the scorer does no better than chance, or if no
    share fits: then its errors on these posts differ from those that were measured.
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
    variance = share * (1 - share) / (number + z2)
    variance += middle**2 * var_se + (1 - middle) ** 2 * var_sp
    half = NORMAL_975 * sqrt(variance) / (se + sp - 1)
    estimate = _clamp((called + specificity.share - 1) / power)
    low, high = _clamp(middle + shift - half), _clamp(middle + shift + half)
    if high - low < LEAST_SHARE_INSIDE * 2 * half:
        return None
    return Interval(estimate, min(low, estimate), max(high, estimate))


def _clamp(share: float) -> float:
    return min(1.0, max(0.0, share))
