import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.boards.censored import probability_of_superiority, share_below


def test_without_bounds_it_is_the_plain_share() -> None:
    interval = share_below(55.0, [10.0 * i for i in range(1, 11)], [])
    assert interval
    assert interval.estimate == pytest.approx(0.5)
    assert interval.low < 0.3
    assert interval.high > 0.7


def test_outages_that_never_reached_the_board_count_as_quieter() -> None:
    peaks = [100.0, 200, 300, 400, 500]
    interval = share_below(250.0, peaks, [50.0] * 15)
    assert interval
    assert interval.estimate == pytest.approx(17 / 20)
    # A bound above the value leaves open where the outage lies.
    vague = share_below(250.0, peaks, [600.0] * 15)
    assert vague
    assert vague.estimate == pytest.approx(2 / 5)


def test_the_interval_holds_the_truth_behind_a_board_of_changing_height() -> None:
    rng = np.random.default_rng(0)
    covered = 0
    for _ in range(300):
        heat = np.exp(rng.normal(12, 1, 60))
        floor = np.exp(rng.normal(11.7, 0.5, 60))
        interval = share_below(
            float(np.exp(12.5)), heat[heat > floor].tolist(), floor[heat <= floor].tolist()
        )
        covered += interval is not None and interval.low <= 0.6915 <= interval.high
    assert covered / 300 > 0.92


def test_nothing_on_the_board_or_too_few_outages_say_nothing() -> None:
    assert share_below(10.0, [], [5.0] * 20) is None
    assert share_below(10.0, [1.0, 2.0], [5.0]) is None


heats = st.lists(st.floats(1, 1e8), max_size=12)


@settings(max_examples=150)
@given(st.floats(1, 1e8), heats, heats)
def test_any_heats_give_a_share(value: float, peaks: list[float], bounds: list[float]) -> None:
    interval = share_below(value, peaks, bounds)
    if interval:
        assert 0 <= interval.low <= interval.estimate <= interval.high <= 1


def test_of_two_classes_all_seen_it_is_the_share_of_pairs() -> None:
    one, other = [10.0, 20, 30, 40, 50], [5.0, 15, 25, 35, 45]
    interval = probability_of_superiority((one, []), (other, []))
    assert interval
    assert interval.estimate == pytest.approx(np.mean([a > b for a in one for b in other]))


def test_probability_of_superiority_holds_if_the_boards_limit_changes() -> None:
    rng = np.random.default_rng(1)
    covered, estimates = 0, []
    for _ in range(60):
        classes = []
        for mean in (12.6, 12.0):
            heat, floor = np.exp(rng.normal(mean, 1, 40)), np.exp(rng.normal(11.2, 0.5, 40))
            classes.append((heat[heat > floor].tolist(), floor[heat <= floor].tolist()))
        interval = probability_of_superiority(*classes)
        assert interval
        covered += interval.low <= 0.664 <= interval.high
        estimates.append(interval.estimate)
    assert covered >= 53
    assert np.mean(estimates) == pytest.approx(0.664, abs=0.02)


def test_classes_that_nothing_is_known_of_say_nothing() -> None:
    assert probability_of_superiority(([], [5.0] * 9), ([], [5.0] * 9)) is None
    assert probability_of_superiority(([9.0] * 4, []), ([1.0] * 9, [])) is None
    apart = probability_of_superiority(([9.0] * 5, []), ([], [5.0] * 10))
    assert apart
    assert (apart.estimate, apart.low, apart.high) == (1.0, 1 - 3 / 5, 1.0)


@settings(max_examples=60)
@given(heats, heats, heats, heats)
def test_turned_round_it_is_the_rest(
    a: list[float], b: list[float], c: list[float], d: list[float]
) -> None:
    one, two = (
        probability_of_superiority((a, b), (c, d)),
        probability_of_superiority((c, d), (a, b)),
    )
    if one and two:
        assert 0 <= one.low <= one.estimate <= one.high <= 1
        assert one.estimate + two.estimate == pytest.approx(1)
