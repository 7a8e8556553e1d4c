"""A first simulation: over many worlds with known truth the figures keep what they promise."""

import numpy as np
import pytest

from analysis.attention import verdicts
from analysis.attention.channel import Channel
from analysis.attention.expected import expect
from analysis.attention.verdicts import Measured, Verdict
from analysis.validation.worlds import Cell, world

OUTAGES = 400
# Three standard errors of a share of 400, so that a rerun with other worlds would pass too.
SLACK = 0.035

CELLS = [(0.2, 1.0), (2, 0.5), (20, 0.2), (200, 0.05), (20, 0.5)]


def channel(rng: np.random.Generator, cell: Cell, ratio: float = 1.0) -> Channel:
    return world(rng, cell, ratio).channel


def outages(cell: Cell, ratio: float, seed: int = 7) -> list[Measured]:
    rng = np.random.default_rng(seed)
    found = [verdicts.measure("simulated", channel(rng, cell, ratio)) for _ in range(OUTAGES)]
    return [verdicts.judge([m], verdicts.DEFAULT_WORTH)[0] for m in found]


def share(found: list[Measured], verdict: Verdict) -> float:
    return sum(m.verdict is verdict for m in found) / len(found)


@pytest.mark.parametrize("ratio", [1.0, 3.0])
@pytest.mark.parametrize(("mean", "dispersion"), CELLS)
def test_the_interval_holds_the_truth(mean: float, dispersion: float, ratio: float) -> None:
    found = outages(Cell("", mean, dispersion), ratio)
    held = [m.ratio is None or m.ratio.low <= ratio <= m.ratio.high for m in found]
    assert sum(held) / len(held) >= 0.93 - SLACK


@pytest.mark.parametrize(("mean", "dispersion"), CELLS)
def test_silence_is_seldom_called_noticed_and_attention_seldom_shrugged_off(
    mean: float, dispersion: float
) -> None:
    assert share(outages(Cell("", mean, dispersion), 1.0), Verdict.NOTICED) <= 0.05 + SLACK
    assert share(outages(Cell("", mean, dispersion), 2.0), Verdict.SHRUGGED) <= 0.025 + SLACK


@pytest.mark.parametrize(("mean", "dispersion", "least"), [(20, 0.2, 0.8), (200, 0.05, 0.9)])
def test_attention_is_found_where_there_are_posts(
    mean: float, dispersion: float, least: float
) -> None:
    assert share(outages(Cell("", mean, dispersion), 3.0), Verdict.NOTICED) >= least


@pytest.mark.parametrize("mean", [0.2, 2.0, 20.0])
def test_the_expected_count_is_not_overstated(mean: float) -> None:
    rng = np.random.default_rng(3)
    worlds = [channel(rng, Cell("", mean, 0.3, missing=0.0)) for _ in range(OUTAGES)]
    expected = [found.mean for world in worlds if (found := expect(world))]
    observed = [world.observed for world in worlds]
    assert np.mean(expected) == pytest.approx(np.mean(observed), rel=0.12)


def test_past_bursts_do_not_hide_the_next_one() -> None:
    rng = np.random.default_rng(5)
    quiet = channel(rng, Cell("", 20, 0.1, missing=0.0))
    plain = expect(quiet)
    burst = quiet.counts.copy()
    burst[[5, 12, 20], :4] *= 8
    blocks = quiet.block_counts.copy()
    blocks[[5, 12, 20]] *= 8
    values = {f: getattr(quiet, f) for f in quiet.__slots__}
    loud = expect(type(quiet)(**{**values, "counts": burst, "block_counts": blocks}))
    assert plain is not None
    assert loud is not None
    assert loud.mean < 1.35 * plain.mean


def test_no_past_means_no_expectation() -> None:
    world = channel(np.random.default_rng(1), Cell("", 5, 0.2, missing=1.0))
    assert expect(world) is None
    found = verdicts.measure("simulated", world)
    assert found.verdict is Verdict.CANT_TELL
    assert found.reason is verdicts.Reason.NO_HISTORY
    assert found.ratio is None
