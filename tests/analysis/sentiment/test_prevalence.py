import numpy as np
import pytest

from analysis.sentiment.card import Rate
from analysis.sentiment.prevalence import correct_prevalence


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.9])
@pytest.mark.parametrize("number", [20, 200])
def test_the_interval_covers_the_true_share(share: float, number: int) -> None:
    """With a scorer as good as ours, measured on as many posts as ours."""
    rng = np.random.default_rng(0)
    covered = answered = 0
    for _ in range(1000):
        a, b = rng.binomial(125, 0.66), rng.binomial(223, 0.7)
        k = rng.binomial(number, share * 0.66 + (1 - share) * 0.3)
        interval = correct_prevalence(k / number, number, Rate(a, 125), Rate(b, 223))
        if interval:
            answered += 1
            covered += interval.low <= share <= interval.high
    assert answered > 850
    assert covered / answered > 0.935


def test_an_exact_scorer_needs_no_correction() -> None:
    interval = correct_prevalence(0.25, 1000, Rate(1000, 1000), Rate(1000, 1000))
    assert interval
    assert interval.estimate == 0.25
    assert interval.low == pytest.approx(0.224, abs=0.004)
    assert interval.high == pytest.approx(0.278, abs=0.004)


def test_an_error_that_can_not_be_that_of_these_posts_gives_no_share() -> None:
    assert correct_prevalence(0.0, 500, Rate(66, 100), Rate(140, 200)) is None
    assert correct_prevalence(0.5, 100, Rate(30, 100), Rate(60, 100)) is None
    assert correct_prevalence(0.5, 0, Rate(90, 100), Rate(90, 100)) is None
