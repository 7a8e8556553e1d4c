import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.statistics.comparison import (
    LEAST_EVENTS,
    percentile,
    probability_of_superiority,
    ranks,
    shrug_index,
    trend,
)
from analysis.statistics.interval import Interval

values = st.lists(st.floats(0.1, 1000), min_size=LEAST_EVENTS, max_size=40)


@settings(max_examples=30)
@given(st.floats(0.1, 1000), values)
def test_a_percentile_is_a_share_within_its_interval(value: float, reference: list[float]) -> None:
    result = percentile(value, reference)
    assert result is not None
    assert 0 <= result.low <= result.estimate <= result.high <= 1
    assert result.estimate == pytest.approx(
        np.mean([(value > r) + 0.5 * (value == r) for r in reference])
    )


def test_a_share_of_zero_has_the_interval_of_the_rule_of_three() -> None:
    result = percentile(5.0, [10.0] * 20)
    assert result is not None
    assert result.estimate == 0
    assert result.high == pytest.approx(3 / 20)


@settings(max_examples=20)
@given(values, values)
def test_superiority_and_its_reverse_sum_to_one(a: list[float], b: list[float]) -> None:
    result, other = probability_of_superiority(a, b), probability_of_superiority(b, a)
    assert result is not None
    assert other is not None
    assert result.low - 1e-9 <= result.estimate <= result.high + 1e-9
    assert result.estimate + other.estimate == pytest.approx(1)


def test_few_events_give_no_figure() -> None:
    assert percentile(1.0, [1.0] * (LEAST_EVENTS - 1)) is None
    assert probability_of_superiority([1.0] * 4, [1.0] * 9) is None
    assert trend([2020.0] * 4, [1.0] * 4) is None


def test_shrug_index_is_high_for_silence_and_low_for_noise() -> None:
    reference = [Interval(r, r / 1.5, r * 1.5) for r in (2, 3, 4, 5, 6, 8)]
    silent = shrug_index(Interval(1.0, 0.8, 1.2), reference)
    loud = shrug_index(Interval(20.0, 15, 26), reference)
    unsure = shrug_index(Interval(0.0, 0.0, 9.0), reference)
    assert silent is not None
    assert loud is not None
    assert unsure is not None
    assert (silent.estimate, loud.estimate) == (100, 0)
    assert unsure.low < 50 < unsure.high
    assert shrug_index(Interval(1.0, 0.5, float("inf")), reference) is None


def test_trend_finds_a_decline() -> None:
    rng = np.random.default_rng(1)
    years = np.linspace(2020, 2026, 40)
    result = trend(
        years.tolist(), np.exp(10 - 0.5 * (years - 2020) + rng.normal(0, 0.3, 40)).tolist()
    )
    assert result is not None
    assert result.slope_a_year.low < -0.5 < result.slope_a_year.high < 0
    assert result.p_value < 0.001


@settings(max_examples=30)
@given(st.lists(st.tuples(st.floats(0, 1e4), st.floats(0.01, 3)), max_size=12))
def test_a_rank_lies_within_its_interval(
    ratios: list[tuple[float, float]],
) -> None:
    intervals = [Interval(r, r * np.exp(-d), r * np.exp(d)) for r, d in ratios]
    result = ranks(intervals)
    assert len(result) == len(intervals)
    for rank in result:
        assert 1 <= rank.low <= rank.place <= rank.high <= rank.of == len(ratios)
    by_place = sorted(zip(result, ratios, strict=True), key=lambda pair: pair[0].place)
    loudness = [ratio for _, (ratio, _) in by_place]
    assert loudness == sorted(loudness, reverse=True)


def test_narrower_ratios_give_narrower_ranks() -> None:
    def width(doubt: float) -> int:
        ratios = [Interval(r, r / doubt, r * doubt) for r in (1.0, 2.0, 4.0, 8.0)]
        return sum(rank.high - rank.low for rank in ranks(ratios))

    assert width(1.01) == 0
    assert width(3) > width(1.9) > 0
