"""A first simulation: over many worlds with known truth the figures keep what they promise."""

import numpy as np
import pytest

from analysis.attention import verdicts
from analysis.attention.channel import Channel
from analysis.attention.expected import estimate_expected
from analysis.attention.verdicts import Measurement, Verdict
from analysis.validation.worlds import Scenario, simulate_outage

OUTAGES = 400
# Three standard errors of a share of 400, so that a rerun with other worlds would pass too.
SLACK = 0.035

CELLS = [(0.2, 1.0), (2, 0.5), (20, 0.2), (200, 0.05), (20, 0.5)]


def channel(rng: np.random.Generator, cell: Scenario, ratio: float = 1.0) -> Channel:
    return simulate_outage(rng, cell, ratio).channel


def outages(cell: Scenario, ratio: float, seed: int = 7) -> list[Measurement]:
    rng = np.random.default_rng(seed)
    estimate = [verdicts.measure("simulated", channel(rng, cell, ratio)) for _ in range(OUTAGES)]
    return [verdicts.judge([m], verdicts.DEFAULT_THRESHOLD)[0] for m in estimate]


def share(measured: list[Measurement], verdict: Verdict) -> float:
    return sum(m.verdict is verdict for m in measured) / len(measured)


@pytest.mark.parametrize("ratio", [1.0, 3.0])
@pytest.mark.parametrize(("mean", "dispersion"), CELLS)
def test_the_interval_holds_the_truth(mean: float, dispersion: float, ratio: float) -> None:
    estimate = outages(Scenario("", mean, dispersion), ratio)
    covered = [m.ratio is None or m.ratio.low <= ratio <= m.ratio.high for m in estimate]
    assert sum(covered) / len(covered) >= 0.93 - SLACK


@pytest.mark.parametrize(("mean", "dispersion"), CELLS)
def test_silence_is_seldom_called_noticed_and_attention_seldom_shrugged_off(
    mean: float, dispersion: float
) -> None:
    assert share(outages(Scenario("", mean, dispersion), 1.0), Verdict.NOTICED) <= 0.05 + SLACK
    assert share(outages(Scenario("", mean, dispersion), 2.0), Verdict.SHRUGGED) <= 0.025 + SLACK


@pytest.mark.parametrize(("mean", "dispersion", "least"), [(20, 0.2, 0.8), (200, 0.05, 0.9)])
def test_attention_is_found_where_there_are_posts(
    mean: float, dispersion: float, least: float
) -> None:
    assert share(outages(Scenario("", mean, dispersion), 3.0), Verdict.NOTICED) >= least


@pytest.mark.parametrize("mean", [0.2, 2.0, 20.0])
def test_the_expected_count_is_not_overstated(mean: float) -> None:
    rng = np.random.default_rng(3)
    worlds = [channel(rng, Scenario("", mean, 0.3, missing=0.0)) for _ in range(OUTAGES)]
    expected = [estimate.mean for world in worlds if (estimate := estimate_expected(world))]
    observed = [world.observed for world in worlds]
    assert np.mean(expected) == pytest.approx(np.mean(observed), rel=0.12)


def test_past_bursts_do_not_hide_the_next_one() -> None:
    rng = np.random.default_rng(5)
    quiet = channel(rng, Scenario("", 20, 0.1, missing=0.0))
    plain = estimate_expected(quiet)
    burst = quiet.counts.copy()
    burst[[5, 12, 20], :4] *= 8
    blocks = quiet.block_counts.copy()
    blocks[[5, 12, 20]] *= 8
    values = {f: getattr(quiet, f) for f in quiet.__slots__}
    loud = estimate_expected(type(quiet)(**{**values, "counts": burst, "block_counts": blocks}))
    assert plain is not None
    assert loud is not None
    assert loud.mean < 1.35 * plain.mean


def test_no_past_means_no_expectation() -> None:
    world = channel(np.random.default_rng(1), Scenario("", 5, 0.2, missing=1.0))
    assert estimate_expected(world) is None
    estimate = verdicts.measure("simulated", world)
    assert estimate.verdict is Verdict.CANT_TELL
    assert estimate.reason is verdicts.Reason.NO_HISTORY
    assert estimate.ratio is None
