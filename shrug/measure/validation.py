"""Validating the measurement against simulated outages, on all cores."""

import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from analysis.validation.results import ScenarioResult
from analysis.validation.trial import SCENARIOS, try_scenario


def validate(outages: int, seed: int, on_cell: Callable[[], None]) -> list[ScenarioResult]:
    """Run every cell with so many outages; the same seed gives the same rows.

    on_cell: called after each cell.
    """
    rows = []
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for row in pool.map(partial(try_scenario, outages=outages, seed=seed), SCENARIOS):
            rows.append(row)
            on_cell()
    return rows
