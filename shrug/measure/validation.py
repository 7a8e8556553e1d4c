"""The validation on all cores."""

import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from analysis.validation.row import Row
from analysis.validation.trial import CELLS, run


def validate(outages: int, seed: int, told: Callable[[], None] = lambda: None) -> list[Row]:
    """Every cell tried; `told` hears of each that is done. The same seed gives the same rows."""
    rows = []
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for row in pool.map(partial(run, outages=outages, seed=seed), CELLS):
            rows.append(row)
            told()
    return rows
