import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import nbinom, poisson

from analysis.statistics.interval import (
    cdf,
    critical_count,
    minimum_detectable_ratio,
    ratio_bounds,
    upper_tail,
)

means = st.floats(0.05, 500)
dispersions = st.floats(0.001, 3)


@given(st.integers(0, 300), means, dispersions)
def test_cdf_is_scipys(count: int, mean: float, dispersion: float) -> None:
    size = 1 / dispersion
    expected = nbinom.cdf(count, size, size / (size + mean))
    assert float(cdf(count, mean, dispersion)) == pytest.approx(float(expected), abs=1e-9)
    assert float(cdf(count, mean, 0)) == pytest.approx(float(poisson.cdf(count, mean)), abs=1e-9)


@given(st.integers(0, 2000), means, dispersions)
def test_the_bounds_have_the_tail_probability(
    observed: int, mean: float, dispersion: float
) -> None:
    low, high = (float(x) for x in ratio_bounds(observed, mean, dispersion))
    assert 0 <= low <= high
    if observed == 0:
        assert low == 0
    else:
        assert float(upper_tail(observed, low * mean, dispersion)) == pytest.approx(0.025, abs=1e-6)
    if math.isfinite(high):
        assert float(cdf(observed, high * mean, dispersion)) == pytest.approx(0.025, abs=1e-6)


@given(st.integers(1, 500), means, dispersions)
def test_more_dispersion_never_lowers_the_upper_bound(
    observed: int, mean: float, dispersion: float
) -> None:
    narrow = ratio_bounds(observed, mean, dispersion)[1]
    wide = ratio_bounds(observed, mean, dispersion * 2)[1]
    assert float(wide) >= float(narrow) * (1 - 1e-9)


def test_poisson_bounds_are_the_exact_ones() -> None:
    # Garwood 1936, Biometrika 28: the exact 95% interval of a Poisson mean with 10 seen.
    low, high = (float(x) for x in ratio_bounds(10, 1.0, 0.0))
    assert low == pytest.approx(4.795, abs=0.001)
    assert high == pytest.approx(18.391, abs=0.001)


@given(means, dispersions)
def test_the_least_detectable_ratio_is_detected_four_times_in_five(
    mean: float, dispersion: float
) -> None:
    ratio = minimum_detectable_ratio(mean, dispersion)
    if math.isfinite(ratio):
        count = critical_count(mean, dispersion)
        power = float(upper_tail(count, ratio * mean, dispersion))
        assert power == pytest.approx(0.8, abs=0.001)


def test_nothing_is_detectable_if_nothing_is_expected() -> None:
    assert minimum_detectable_ratio(0, 0.1) == math.inf


def test_bounds_take_arrays() -> None:
    low, high = ratio_bounds(np.array([0, 5, 50]), 10.0, 0.1)
    assert low.shape == high.shape == (3,)
    assert (np.diff(high) > 0).all()
