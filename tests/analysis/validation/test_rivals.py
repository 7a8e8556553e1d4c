"""The oracle that knows the truth, and the published rule."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.validation import rivals
from analysis.validation.trial import BASE
from analysis.validation.worlds import Scenario, simulate_outage


@pytest.mark.parametrize("scenario", BASE, ids=lambda s: str(s.name))
def test_the_oracle_knows_mean_and_dispersion(scenario: Scenario) -> None:
    rng = np.random.default_rng(0)
    outages = [simulate_outage(rng, scenario, 1.0) for _ in range(2500)]
    mean, dispersion = rivals.true_distribution(scenario, outages)
    observed = np.array([o.channel.observed for o in outages])
    assert observed.mean() == pytest.approx(mean.mean(), rel=0.05)
    excess = np.mean((observed - mean) ** 2 - mean) / np.mean(mean**2)
    assert excess == pytest.approx(np.average(dispersion, weights=mean**2), rel=0.25)


def test_the_oracle_calls_a_count_by_its_tails() -> None:
    mean, dispersion = np.full(3, 20.0), np.full(3, 0.01)
    counts = np.array([5.0, 20.0, 60.0])
    assert rivals.notices(counts, mean, dispersion).tolist() == [False, False, True]
    assert rivals.shrugs(counts, mean, dispersion, 2.0).tolist() == [True, True, False]


def test_the_alarm_score_counts_standard_deviations_of_earlier_days() -> None:
    channel = simulate_outage(np.random.default_rng(0), BASE[2], 1.0).channel
    counts = np.tile([90.0, 110.0], 28)
    channel = replace(channel, block_counts=counts, block_exposure=np.full(56, 4.0), observed=140)
    assert rivals.alarm_score(channel) == pytest.approx(40 / counts.std(ddof=1))
    assert rivals.alarm_score(replace(channel, block_exposure=np.zeros(56))) == 0.0
