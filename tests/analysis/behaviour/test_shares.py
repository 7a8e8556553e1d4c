import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.behaviour.shares import SEEN, Crowd, Mood, behaviour, effective, felt, per_minute
from analysis.sentiment.card import Quality, Rate
from analysis.statistics.pooling import of_counts

Rng = np.random.Generator


def crowd(rng: Rng, authors: int, share: float, spread: float) -> Crowd:
    """Authors with some posts each, who do the first act with a share of their own."""
    posts = (1 + rng.poisson(1.0, authors)).astype(np.float64)
    own = rng.beta(share / spread, (1 - share) / spread, authors)
    acts = np.zeros((authors, len(SEEN)))
    acts[:, 0] = rng.binomial(posts.astype(int), own)
    return Crowd(posts, acts, acts[:, 0])


def test_intervals_of_share_and_lift_hold_the_truth_where_authors_differ() -> None:
    rng = np.random.default_rng(1)
    held_share = held_lift = 0
    for _ in range(400):
        found = behaviour(crowd(rng, 60, 0.3, 0.5), crowd(rng, 300, 0.1, 0.5), (), ())
        assert found
        complaint = found.acts[0]
        assert complaint.lift
        held_share += complaint.share.low <= 0.3 <= complaint.share.high
        held_lift += complaint.lift.low <= 3 <= complaint.lift.high
    assert held_share / 400 > 0.92
    assert held_lift / 400 > 0.92


def test_one_author_who_shouts_is_one_author() -> None:
    posts = np.array([1.0] * 20 + [200.0])
    acts = np.zeros((21, len(SEEN)))
    acts[20, 0] = 200
    found = behaviour(Crowd(posts, acts, acts[:, 1]), Crowd(posts, acts, acts[:, 1]), (), ())
    assert found
    assert found.acts[0].posts == 200
    assert found.acts[0].share.estimate == pytest.approx(1 / 3)
    assert found.acts[0].share.low < 0.2


def test_nobody_did_anything() -> None:
    nothing = Crowd(np.zeros(0), np.zeros((0, len(SEEN))), np.zeros(0))
    assert behaviour(nothing, nothing, (), ()) is None
    some = Crowd(np.ones(3), np.zeros((3, len(SEEN))), np.zeros(3))
    found = behaviour(some, nothing, (), ())
    assert found
    assert found.acts[0].usual is None
    assert found.acts[0].lift is None
    assert found.acts[0].share.low == 0 < found.acts[0].share.high < 1


def errors(sensitivity: Rate, specificity: Rate) -> Quality:
    return Quality("", 1, 1, 1, 0, 0.9, Rate(1, 1), sensitivity, specificity, ())


def test_mood_is_corrected_and_compared() -> None:
    rng = np.random.default_rng(2)
    bad, usual = rng.binomial(1, 0.7, 300), rng.binomial(1, 0.2, 300)

    def mood(called: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> Mood:
        bad = called.astype(np.float64)
        return Mood(np.ones(300), np.ones(300) - bad, bad)

    exact = errors(Rate(1000, 1000), Rate(1000, 1000))
    found = felt("zh", ("m", "1"), mood(bad), mood(usual), exact)
    assert found
    assert found.bad
    assert found.bad.estimate == pytest.approx(bad.mean())
    assert found.shift
    assert found.shift.low < -0.5 < found.shift.high
    # A scorer that tells nothing apart says nothing of how many there are.
    blind = felt("zh", ("m", "1"), mood(bad), mood(usual), errors(Rate(5, 10), Rate(5, 10)))
    assert blind
    assert blind.bad is None
    assert blind.called == found.called


@settings(max_examples=100)
@given(st.lists(st.tuples(st.integers(1, 50), st.floats(0, 1)), min_size=1, max_size=40))
def test_effective_numbers_lie_between_one_and_all(rows: list[tuple[int, float]]) -> None:
    posts = np.array([float(n) for n, _ in rows])
    hits = np.array([float(round(n * share)) for n, share in rows])
    assert 1 <= effective(hits, posts) <= posts.sum()


def test_complaints_a_minute_against_the_usual() -> None:
    """Three times the posts, of which three times as many complain: nine times the rate."""
    rng = np.random.default_rng(3)
    held = 0
    for _ in range(300):
        number = rng.poisson(90)
        found = behaviour(crowd(rng, number, 0.3, 0.3), crowd(rng, 600, 0.1, 0.3), (), ())
        assert found
        # Authors write more than one post each: their number varies more than Poisson.
        drawn = of_counts(found.posts, 60, 270 / 180**2)
        rate = per_minute(found.acts[0], 240, 60, drawn)
        assert rate
        if rate.times is None:
            assert rate.usual == 0
            held += 1
            continue
        assert rate.a_minute == pytest.approx(found.acts[0].posts / 240)
        held += rate.times.low <= 9 <= rate.times.high
    assert held / 300 > 0.93


def test_where_nobody_ever_complains_no_ratio_is_given() -> None:
    rng = np.random.default_rng(4)
    found = behaviour(crowd(rng, 5, 1e-12, 1.0), crowd(rng, 9, 1e-12, 1.0), (), ())
    assert found
    rate = per_minute(found.acts[0], 240, 60, of_counts(5, 60, 0.1))
    assert rate is not None
    assert (rate.a_minute, rate.times) == (0, None)
    assert per_minute(found.acts[0], 0, 60, of_counts(5, 60, 0.1)) is None
