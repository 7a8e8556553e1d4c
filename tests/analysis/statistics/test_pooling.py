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
def test_intervals_hold_the_truth(spread: float) -> None:
    rng = np.random.default_rng(0)
    found = [pooling.pool(simulated(rng, spread)) for _ in range(600)]
    mean = [p.ratio.low <= 2 <= p.ratio.high for p in found if p]
    between = [p.spread.low <= np.exp(spread) <= p.spread.high for p in found if p]
    assert sum(mean) / len(mean) >= 0.93
    assert sum(between) / len(between) >= 0.93


def test_providers_that_are_alike_are_seldom_told_apart() -> None:
    rng = np.random.default_rng(1)
    found = [pooling.pool(simulated(rng, 0.0)) for _ in range(400)]
    assert sum(p.q_p < 0.05 for p in found if p) / 400 < 0.08
    wild = [pooling.pool(simulated(rng, 1.5)) for _ in range(100)]
    assert sum(p.spread.low > 1.25 for p in wild if p) > 90


@settings(max_examples=100)
@given(st.lists(st.tuples(st.floats(-5, 5), st.floats(0.001, 10)), min_size=2, max_size=12))
def test_any_ratios_pool(rows: list[tuple[float, float]]) -> None:
    found = pooling.pool([LogRatio(*row) for row in rows])
    assert found
    assert found.ratio.low <= found.ratio.estimate <= found.ratio.high
    assert 1 <= found.spread.low <= found.spread.estimate <= found.spread.high
    assert 0 <= found.q_p <= 1


def test_the_slope_holds_the_truth() -> None:
    rng = np.random.default_rng(2)
    held = noticed = 0
    for _ in range(400):
        years = np.sort(rng.uniform(0, 3, 15))
        ratios = [
            LogRatio(float(rng.normal(1 - 0.5 * x + rng.normal(0, 0.3), 0.4)), 0.16) for x in years
        ]
        found = pooling.slope(years.tolist(), ratios)
        assert found
        held += found.low <= -0.5 <= found.high
        noticed += found.high < 0
    assert held / 400 >= 0.93
    assert noticed / 400 > 0.5


def test_no_slope_of_two_or_of_one_day() -> None:
    assert pooling.slope([1, 2], [LogRatio(0, 1)] * 2) is None
    assert pooling.slope([1, 1, 1], [LogRatio(0, 1)] * 3) is None


def test_one_ratio_is_no_pool() -> None:
    assert pooling.pool([LogRatio(0.0, 1.0)]) is None
    assert pooling.pool([]) is None


def test_counts_and_shares_of_nothing_are_ratios_too() -> None:
    assert pooling.of_counts(0, 0, 0.1).value == 0
    assert pooling.of_shares(0, 10, 0, 10).value == 0
    wide = pooling.interval(pooling.of_shares(0, 5, 5, 50))
    assert wide.low < 0.1 < 1 < wide.high
