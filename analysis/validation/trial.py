"""Trials of the estimator: how often it is right on many simulated outages of one scenario."""

import numpy as np

from analysis.attention.verdicts import (
    DEFAULT_THRESHOLD,
    Measurement,
    Verdict,
    add_voices,
    judge,
    measure_all,
)
from analysis.validation import rivals
from analysis.validation.results import ScenarioResult
from analysis.validation.worlds import Scenario, simulate_outage

RATIOS = (1.0, 2.0, 3.0)
BASE = (
    Scenario("rare", 0.2, 1.0),
    Scenario("few", 2, 0.5),
    Scenario("some", 20, 0.2),
    Scenario("many", 200, 0.05),
    Scenario("wild", 20, 0.5),
)
HARDER = (
    Scenario("gaps", 20, 0.2, missing=0.5),
    Scenario("capped", 20, 0.2, cap=60),
    Scenario("flooded", 20, 0.2, flood=300),
    Scenario("short", 20, 0.2, days=28),
    Scenario("long", 20, 0.2, days=84),
    Scenario("growing", 20, 0.2, trend=1.0),
    Scenario("doubled", 20, 0.2, shift=2.0),
    Scenario("halved", 20, 0.2, shift=0.5),
    Scenario("holiday", 20, 0.2, holiday=0.67),
)
SCENARIOS = (*BASE, *HARDER)


def try_scenario(scenario: Scenario, outages: int, seed: int) -> ScenarioResult:
    """Measure simulated outages at each of RATIOS; the same seed gives the same result."""
    number = sum(scenario.name.encode())
    trials = [
        _Trial(scenario, ratio, outages, np.random.default_rng([seed, number, i]))
        for i, ratio in enumerate(RATIOS)
    ]
    silent, loud = trials[0], trials[-1]
    limit = float(np.quantile(loud.alarms, 1 - loud.share(Verdict.NOTICED)))
    shrugs = rivals.shrugs(silent.observed, silent.mean, silent.dispersion, DEFAULT_THRESHOLD)
    return ScenarioResult(
        scenario=scenario.name,
        outages=outages,
        expected=float(silent.mean.mean()),
        holds=tuple(trial.interval_holds() for trial in trials),
        noticed=tuple(trial.share(Verdict.NOTICED) for trial in trials),
        shrugged=tuple(trial.share(Verdict.SHRUGGED) for trial in trials),
        oracle_noticed=float(rivals.notices(loud.observed, loud.mean, loud.dispersion).mean()),
        oracle_shrugged=float(shrugs.mean()),
        rival=float((silent.alarms > limit).mean()),
    )


class _Trial:
    """All simulated outages of one scenario and ratio."""

    def __init__(
        self, scenario: Scenario, ratio: float, number: int, rng: np.random.Generator
    ) -> None:
        self._ratio = ratio
        outages = [simulate_outage(rng, scenario, ratio) for _ in range(number)]
        measured = measure_all([("simulated", o.channel) for o in outages])
        if scenario.flood:
            voices = measure_all([("simulated", o.voices) for o in outages])
            measured = [add_voices(m, v) for m, v in zip(measured, voices, strict=True)]
        self._judged: list[Measurement] = [judge([m], DEFAULT_THRESHOLD)[0] for m in measured]
        self.mean, self.dispersion = rivals.true_distribution(scenario, outages)
        self.observed = np.array([o.posted for o in outages], dtype=np.float64)
        self.alarms = np.array([rivals.alarm_score(o.channel) for o in outages])

    def interval_holds(self) -> float:
        """How often the interval contains the true ratio; no interval counts as right."""
        intervals = [m.voices_ratio or m.ratio for m in self._judged]
        holds = [i is None or i.low <= self._ratio <= i.high for i in intervals]
        return sum(holds) / len(holds)

    def share(self, verdict: Verdict) -> float:
        """How often the estimator gives a verdict."""
        return sum(m.verdict is verdict for m in self._judged) / len(self._judged)
