"""Attention without text: a window against the same hours of earlier days."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.attention.volumes import DAY, MIN_DAYS, compare_volumes
from db.core.records import NewVolume

DAY_OF = datetime(2025, 8, 11, tzinfo=UTC)
WINDOW = (DAY_OF + timedelta(hours=13), DAY_OF + timedelta(hours=17))


def daily(values: list[float]) -> list[NewVolume]:
    """Days up to the outage's, which is the last."""
    first = DAY_OF - (len(values) - 1) * DAY
    return [NewVolume(first + n * DAY, 1440, value) for n, value in enumerate(values)]


def test_a_day_is_compared_with_the_days_before_it() -> None:
    comparison = compare_volumes(
        "wikipedia", "x", daily([100.0] * 30 + [90.0] * 9 + [250.0]), WINDOW
    )
    assert comparison is not None
    assert (comparison.observed, comparison.usual, comparison.ratio, comparison.days) == (
        250.0,
        100.0,
        2.5,
        39,
    )
    assert comparison.placebo_p == pytest.approx(1 / 40)


def test_volumes_with_a_known_total_are_compared_as_shares() -> None:
    hours = [
        NewVolume(
            DAY_OF - d * DAY + timedelta(hours=h),
            60,
            20.0 if d == 0 else 10.0,
            1000.0 * (1 + (d == 0)),
        )
        for d in range(21)
        for h in range(24)
    ]
    comparison = compare_volumes("gdelt_volume", "x", hours, WINDOW)
    assert comparison is not None
    # Twice as many articles of twice as many in all.
    assert (comparison.observed, comparison.usual, comparison.ratio) == (80.0, 40.0, 1.0)
    assert comparison.placebo_p == 1.0


def test_days_of_other_outages_are_left_out_and_too_few_say_nothing() -> None:
    points = daily([100.0] * 20 + [1.0])
    barred = [(DAY_OF - 10 * DAY, DAY_OF - 2 * DAY)]
    comparison = compare_volumes("wikipedia", "x", points, WINDOW, barred)
    assert comparison is not None
    assert comparison.days == 12 < MIN_DAYS
    assert (comparison.usual, comparison.ratio, comparison.placebo_p) == (None, None, None)


def test_a_window_that_is_not_wholly_known_is_not_compared() -> None:
    assert (
        compare_volumes("wikipedia", "x", daily([1.0] * 40), (WINDOW[0], WINDOW[1] + DAY)) is None
    )
    hours = [NewVolume(DAY_OF + timedelta(hours=h), 60, 1.0) for h in range(24) if h != 15]
    assert compare_volumes("gdelt_volume", "x", hours, WINDOW) is None
    assert compare_volumes("wikipedia", "x", [], WINDOW) is None


@given(st.lists(st.floats(0, 1e6), min_size=15, max_size=60), st.floats(0.1, 10))
def test_a_ratio_has_no_unit_and_p_is_a_probability(values: list[float], unit: float) -> None:
    comparison = compare_volumes("wikipedia", "x", daily(values), WINDOW)
    scaled = compare_volumes("wikipedia", "x", daily([v * unit for v in values]), WINDOW)
    assert comparison is not None
    assert scaled is not None
    assert comparison.placebo_p is not None
    assert 0 < comparison.placebo_p <= 1
    if comparison.ratio is not None and scaled.ratio is not None:
        assert scaled.ratio == pytest.approx(comparison.ratio, rel=1e-6)
