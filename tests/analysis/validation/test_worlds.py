"""Simulated outages are as their scenario says."""

import numpy as np
import pytest

from analysis.validation.worlds import Scenario, SimulatedOutage, simulate_outage


def simulate(scenario: Scenario, ratio: float, number: int) -> list[SimulatedOutage]:
    rng = np.random.default_rng(1)
    return [simulate_outage(rng, scenario, ratio) for _ in range(number)]


def test_a_ratio_multiplies_the_posts_of_the_window() -> None:
    loud = simulate(Scenario("", 20, 0.2), 3.0, 600)
    ratio = np.mean([o.channel.observed for o in loud]) / np.mean([o.truth.sum() for o in loud])
    assert ratio == pytest.approx(3, rel=0.08)


def test_a_cap_cuts_the_window() -> None:
    capped = [o.channel for o in simulate(Scenario("", 20, 0.2, cap=10), 3.0, 50)]
    assert all(c.observed <= 10 for c in capped)
    assert all(c.capped == (c.observed == 10) for c in capped)
    assert sum(c.capped for c in capped) > 40


def test_copies_are_no_voices() -> None:
    flooded = simulate(Scenario("", 20, 0.2, flood=300), 1.0, 100)
    copies = [o.channel.observed - o.voices.observed for o in flooded]
    assert np.mean(copies) == pytest.approx(300, rel=0.05)
    assert all(o.voices.observed == o.posted for o in flooded)


def test_the_share_of_missing_hours_is_that_of_the_scenario() -> None:
    outages = simulate(Scenario("", 20, 0.2, missing=0.5), 1.0, 20)
    assert np.mean([o.channel.exposure.mean() for o in outages]) == pytest.approx(0.5, abs=0.02)
    assert all((o.channel.counts[o.channel.exposure == 0] == 0).all() for o in outages)
