import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.sentiment.card import Rate
from analysis.sentiment.quality import best_threshold, calibration, measure_quality
from db.core.errors import BadInput

scored = st.lists(st.tuples(st.sampled_from([0.1, 0.2, 0.3, 0.5, 0.9]), st.booleans()), min_size=2)


@settings(max_examples=200)
@given(scored.filter(lambda rows: len({bad for _, bad in rows}) == 2))
def test_no_cut_has_a_greater_youden_index(
    rows: list[tuple[float, bool]],
) -> None:
    scores, bad = np.array([s for s, _ in rows]), np.array([b for _, b in rows])

    def youden(cut: float) -> float:
        return float((scores[bad] < cut).mean() - (scores[~bad] < cut).mean())

    best = max(youden(cut) for cut in [*np.unique(scores), 2.0, *(np.unique(scores) + 0.01)])
    assert youden(best_threshold(scores, bad)) == pytest.approx(best) or best == 0


def test_a_threshold_needs_bad_and_other_posts() -> None:
    with pytest.raises(BadInput):
        best_threshold(np.array([0.1, 0.2]), np.array([True, True]))


def test_calibration_finds_the_line_that_made_the_labels() -> None:
    rng = np.random.default_rng(0)
    figures = rng.normal(0, 5, 5000)
    good = rng.random(5000) < 1 / (1 + np.exp(-(0.4 * figures - 0.7)))
    slope, offset = calibration(figures, good)
    assert slope == pytest.approx(0.4, abs=0.04)
    assert offset == pytest.approx(-0.7, abs=0.15)


def test_calibration_stays_finite_if_classes_are_separable() -> None:
    slope, offset = calibration(np.array([-2.0, -1, 1, 2]), np.array([False, False, True, True]))
    assert 0 < slope < 50
    assert abs(offset) < 5


def test_quality_counts_posts_by_label_and_score() -> None:
    labels = ["good", "good", "bad", "bad", "neutral", "neutral", "bad"]
    measured = measure_quality("x", [0.9, 0.4, 0.1, 0.6, 0.2, 0.8, None], labels, 0.3)
    assert (measured.good, measured.bad, measured.neutral, measured.unscored) == (2, 2, 2, 1)
    assert measured.auc == 0.75
    assert measured.accuracy == Rate(2, 4)
    assert measured.sensitivity == Rate(1, 2)
    assert measured.specificity == Rate(3, 4)
    assert measured.confusion == ((1, 1), (1, 3))
    assert sum(b.of for b in measured.bins) == 4
