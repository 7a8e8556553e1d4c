import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.behaviour.shares import (
    COUNTED_ACTS,
    AuthorCounts,
    AuthorScores,
    effective_number,
    measure_behaviour,
    measure_mood,
    per_minute,
)
from analysis.sentiment.card import Quality, Rate
from analysis.statistics.pooling import log_ratio_of_counts

Rng = np.random.Generator


def crowd(rng: Rng, authors: int, share: float, spread: float) -> AuthorCounts:
    """Authors with some posts each, who do the first act with a share of their own."""
    posts = (1 + rng.poisson(1.0, authors)).astype(np.float64)
    shares = rng.beta(share / spread, (1 - share) / spread, authors)
    acts = np.zeros((authors, len(COUNTED_ACTS)))
    acts[:, 0] = rng.binomial(posts.astype(int), shares)
    return AuthorCounts(posts, acts, acts[:, 0])


def test_intervals_of_share_and_lift_hold_the_truth_where_authors_differ() -> None:
    rng = np.random.default_rng(1)
    share_covered = lift_covered = 0
    for _ in range(400):
        result = measure_behaviour(crowd(rng, 60, 0.3, 0.5), crowd(rng, 300, 0.1, 0.5), (), ())
        assert result
        complaint = result.acts[0]
        assert complaint.lift
        share_covered += complaint.share.low <= 0.3 <= complaint.share.high
        lift_covered += complaint.lift.low <= 3 <= complaint.lift.high
    assert share_covered / 400 > 0.92
    assert lift_covered / 400 > 0.92


def test_many_posts_by_one_author_count_as_one_author() -> None:
    posts = np.array([1.0] * 20 + [200.0])
    acts = np.zeros((21, len(COUNTED_ACTS)))
    acts[20, 0] = 200
    result = measure_behaviour(
        AuthorCounts(posts, acts, acts[:, 1]), AuthorCounts(posts, acts, acts[:, 1]), (), ()
    )
    assert result
    assert result.acts[0].posts == 200
    assert result.acts[0].share.estimate == pytest.approx(1 / 3)
    assert result.acts[0].share.low < 0.2


def test_nobody_did_anything() -> None:
    nothing = AuthorCounts(np.zeros(0), np.zeros((0, len(COUNTED_ACTS))), np.zeros(0))
    assert measure_behaviour(nothing, nothing, (), ()) is None
    some = AuthorCounts(np.ones(3), np.zeros((3, len(COUNTED_ACTS))), np.zeros(3))
    result = measure_behaviour(some, nothing, (), ())
    assert result
    assert result.acts[0].usual is None
    assert result.acts[0].lift is None
    assert result.acts[0].share.low == 0 < result.acts[0].share.high < 1


def errors(sensitivity: Rate, specificity: Rate) -> Quality:
    return Quality("", 1, 1, 1, 0, 0.9, Rate(1, 1), sensitivity, specificity, ())


def test_mood_is_corrected_and_compared() -> None:
    rng = np.random.default_rng(2)
    bad, usual = rng.binomial(1, 0.7, 300), rng.binomial(1, 0.2, 300)

    def mood(called: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> AuthorScores:
        bad = called.astype(np.float64)
        return AuthorScores(np.ones(300), np.ones(300) - bad, bad)

    exact = errors(Rate(1000, 1000), Rate(1000, 1000))
    result = measure_mood("zh", ("m", "1"), mood(bad), mood(usual), exact)
    assert result
    assert result.bad
    assert result.bad.estimate == pytest.approx(bad.mean())
    assert result.shift
    assert result.shift.low < -0.5 < result.shift.high
    # A scorer that tells nothing apart says nothing of how many there are.
    blind = measure_mood("zh", ("m", "1"), mood(bad), mood(usual), errors(Rate(5, 10), Rate(5, 10)))
    assert blind
    assert blind.bad is None
    assert blind.called == result.called


@settings(max_examples=100)
@given(st.lists(st.tuples(st.integers(1, 50), st.floats(0, 1)), min_size=1, max_size=40))
def test_effective_numbers_lie_between_one_and_all(rows: list[tuple[int, float]]) -> None:
    posts = np.array([float(n) for n, _ in rows])
    hits = np.array([float(round(n * share)) for n, share in rows])
    assert 1 <= effective_number(hits, posts) <= posts.sum()


def test_complaints_a_minute_against_the_usual() -> None:
    """Three times the posts, of which three times as many complain: nine times the rate."""
    rng = np.random.default_rng(3)
    covered = 0
    for _ in range(300):
        number = rng.poisson(90)
        result = measure_behaviour(crowd(rng, number, 0.3, 0.3), crowd(rng, 600, 0.1, 0.3), (), ())
        assert result
        # Authors write more than one post each: their number varies more than Poisson.
        drawn = log_ratio_of_counts(result.posts, 60, 270 / 180**2)
        rate = per_minute(result.acts[0], 240, 60, drawn)
        assert rate
        if rate.times is None:
            assert rate.usual == 0
            covered += 1
            continue
        assert rate.rate == pytest.approx(result.acts[0].posts / 240)
        covered += rate.times.low <= 9 <= rate.times.high
    assert covered / 300 > 0.93


def test_no_complaint_ratio_is_given_if_nobody_usually_complains() -> None:
    rng = np.random.default_rng(4)
    result = measure_behaviour(crowd(rng, 5, 1e-12, 1.0), crowd(rng, 9, 1e-12, 1.0), (), ())
    assert result
    rate = per_minute(result.acts[0], 240, 60, log_ratio_of_counts(5, 60, 0.1))
    assert rate is not None
    assert (rate.rate, rate.times) == (0, None)
    assert per_minute(result.acts[0], 0, 60, log_ratio_of_counts(5, 60, 0.1)) is None
