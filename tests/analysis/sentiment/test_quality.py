import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.sentiment.card import Rate
from analysis.sentiment.prevalence import corrected
from analysis.sentiment.quality import calibration, quality, threshold
from db.core.errors import BadInput

scored = st.lists(st.tuples(st.sampled_from([0.1, 0.2, 0.3, 0.5, 0.9]), st.booleans()), min_size=2)


@settings(max_examples=200)
@given(scored.filter(lambda rows: len({bad for _, bad in rows}) == 2))
def test_no_cut_tells_more_apart_than_the_threshold(rows: list[tuple[float, bool]]) -> None:
    scores, bad = np.array([s for s, _ in rows]), np.array([b for _, b in rows])

    def told(cut: float) -> float:
        return float((scores[bad] < cut).mean() - (scores[~bad] < cut).mean())

    best = max(told(cut) for cut in [*np.unique(scores), 2.0, *(np.unique(scores) + 0.01)])
    assert told(threshold(scores, bad)) == pytest.approx(best) or best == 0


def test_a_threshold_needs_both_kinds() -> None:
    with pytest.raises(BadInput):
        threshold(np.array([0.1, 0.2]), np.array([True, True]))


def test_calibration_finds_the_line_that_made_the_labels() -> None:
    rng = np.random.default_rng(0)
    figures = rng.normal(0, 5, 5000)
    good = rng.random(5000) < 1 / (1 + np.exp(-(0.4 * figures - 0.7)))
    slope, offset = calibration(figures, good)
    assert slope == pytest.approx(0.4, abs=0.04)
    assert offset == pytest.approx(-0.7, abs=0.15)


def test_calibration_stays_finite_where_classes_lie_apart() -> None:
    slope, offset = calibration(np.array([-2.0, -1, 1, 2]), np.array([False, False, True, True]))
    assert 0 < slope < 50
    assert abs(offset) < 5


def test_quality_counts_what_it_says() -> None:
    labels = ["good", "good", "bad", "bad", "neutral", "neutral", "bad"]
    found = quality("x", [0.9, 0.4, 0.1, 0.6, 0.2, 0.8, None], labels, 0.3)
    assert (found.good, found.bad, found.neutral, found.unscored) == (2, 2, 2, 1)
    assert found.auc == 0.75
    assert found.accuracy == Rate(2, 4)
    assert found.sensitivity == Rate(1, 2)
    assert found.specificity == Rate(3, 4)
    assert found.confusion == ((1, 1), (1, 3))
    assert sum(b.of for b in found.bins) == 4


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.9])
@pytest.mark.parametrize("number", [20, 200])
def test_the_corrected_share_holds_the_truth(share: float, number: int) -> None:
    """With a scorer as good as ours, measured on as many posts as ours."""
    rng = np.random.default_rng(0)
    held = told = 0
    for _ in range(1000):
        a, b = rng.binomial(125, 0.66), rng.binomial(223, 0.7)
        k = rng.binomial(number, share * 0.66 + (1 - share) * 0.3)
        found = corrected(k / number, number, Rate(a, 125), Rate(b, 223))
        if found:
            told += 1
            held += found.low <= share <= found.high
    assert told > 850
    assert held / told > 0.935


def test_an_exact_scorer_needs_no_correction() -> None:
    found = corrected(0.25, 1000, Rate(1000, 1000), Rate(1000, 1000))
    assert found
    assert found.estimate == 0.25
    assert found.low == pytest.approx(0.224, abs=0.004)
    assert found.high == pytest.approx(0.278, abs=0.004)


def test_an_error_that_can_not_be_that_of_these_posts_gives_no_share() -> None:
    assert corrected(0.0, 500, Rate(66, 100), Rate(140, 200)) is None
    assert corrected(0.5, 100, Rate(30, 100), Rate(60, 100)) is None
    assert corrected(0.5, 0, Rate(90, 100), Rate(90, 100)) is None
