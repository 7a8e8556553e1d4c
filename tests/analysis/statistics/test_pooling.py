import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.statistics import pooling
from analysis.statistics.pooling import LogRatio


def simulated(rng: np.random.Generator, spread: float, number: int = 12) -> list[LogRatio]:
    variances = rng.uniform(0.05, 0.6, number)
    truths = rng.normal(np.log(2), spread, number)
    return [
        LogRatio(float(rng.normal(m, np.sqrt(v))), v)
        for m, v in zip(truths, variances, strict=True)
    ]


@pytest.mark.parametrize("spread", [0.0, 0.3, 1.0])
def test_intervals_cover_the_truth(spread: float) -> None:
    rng = np.random.default_rng(0)
    pooled = [pooling.pool(simulated(rng, spread)) for _ in range(600)]
    mean = [p.ratio.low <= 2 <= p.ratio.high for p in pooled if p]
    between = [p.spread.low <= np.exp(spread) <= p.spread.high for p in pooled if p]
    assert sum(mean) / len(mean) >= 0.93
    assert sum(between) / len(between) >= 0.93


def test_equal_ratios_are_seldom_called_different() -> None:
    rng = np.random.default_rng(1)
    pooled = [pooling.pool(simulated(rng, 0.0)) for _ in range(400)]
    assert sum(p.q_p < 0.05 for p in pooled if p) / 400 < 0.08
    wild = [pooling.pool(simulated(rng, 1.5)) for _ in range(100)]
    assert sum(p.spread.low > 1.25 for p in wild if p) > 90


@settings(max_examples=100)
@given(st.lists(st.tuples(st.floats(-5, 5), st.floats(0.001, 10)), min_size=2, max_size=12))
def test_any_ratios_pool(rows: list[tuple[float, float]]) -> None:
    pooled = pooling.pool([LogRatio(*row) for row in rows])
    assert pooled
    assert pooled.ratio.low <= pooled.ratio.estimate <= pooled.ratio.high
    assert 1 <= pooled.spread.low <= pooled.spread.estimate <= pooled.spread.high
    assert 0 <= pooled.q_p <= 1


def test_the_interval_of_the_slope_covers_the_truth() -> None:
    rng = np.random.default_rng(2)
    covered = noticed = 0
    for _ in range(400):
        years = np.sort(rng.uniform(0, 3, 15))
        ratios = [
            LogRatio(float(rng.normal(1 - 0.5 * x + rng.normal(0, 0.3), 0.4)), 0.16) for x in years
        ]
        pooled = pooling.slope(years.tolist(), ratios)
        assert pooled
        covered += pooled.low <= -0.5 <= pooled.high
        noticed += pooled.high < 0
    assert covered / 400 >= 0.93
    assert noticed / 400 > 0.5


def test_two_ratios_or_one_day_have_no_slope() -> None:
    assert pooling.slope([1, 2], [LogRatio(0, 1)] * 2) is None
    assert pooling.slope([1, 1, 1], [LogRatio(0, 1)] * 3) is None


def test_one_ratio_is_not_pooled() -> None:
    assert pooling.pool([LogRatio(0.0, 1.0)]) is None
    assert pooling.pool([]) is None


def test_counts_and_shares_of_zero_have_finite_ratios() -> None:
    assert pooling.log_ratio_of_counts(0, 0, 0.1).value == 0
    assert pooling.log_ratio_of_shares(0, 10, 0, 10).value == 0
    wide = pooling.ratio_interval(pooling.log_ratio_of_shares(0, 5, 5, 50))
    assert wide.low < 0.1 < 1 < wide.high
