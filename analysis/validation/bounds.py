"""What the estimator promises, and whether a trial found it kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from analysis.validation.row import Row
from analysis.validation.trial import BASE

# Bounds are on true shares; a trial that lies this many standard errors beyond one breaks it.
SLACK = 3.0
# Where nothing can be known of a day that is unlike all before, only silence is promised.
UNFORESEEABLE = "holiday"


@dataclass(frozen=True, slots=True)
class Check:
    """One promise on one cell: its share, the bound, and whether it was kept."""

    cell: str
    promise: str
    share: float
    bound: float
    kept: bool


def checks(rows: Sequence[Row]) -> list[Check]:
    """Every promise on every cell."""
    return [check for row in rows for check in _of(row)]


def _of(row: Row) -> list[Check]:
    base = row.cell in {cell.name for cell in BASE}
    found = [_most(row, "silence_noticed", row.noticed[0], 0.05)]
    if row.cell != UNFORESEEABLE:
        found.append(_most(row, "attention_shrugged", row.shrugged[1], 0.025))
        found.append(_least(row, "interval_holds", min(row.held), 0.93))
    if base and row.expected >= 20:
        found.append(_most(row, "interval_not_too_wide", min(row.held), 0.97))
    if base:
        found += [
            _least(row, "attention_found", row.noticed[-1], 0.9 * row.oracle_noticed),
            _least(row, "silence_shrugged", row.shrugged[0], 0.9 * row.oracle_shrugged),
            _most(row, "rival_beaten", row.noticed[0], row.rival),
        ]
    return found


def _least(row: Row, promise: str, share: float, bound: float) -> Check:
    return Check(row.cell, promise, share, bound, share >= bound - _slack(row, bound))


def _most(row: Row, promise: str, share: float, bound: float) -> Check:
    return Check(row.cell, promise, share, bound, share <= bound + _slack(row, bound))


def _slack(row: Row, bound: float) -> float:
    bound = min(max(bound, 0.005), 0.995)
    return SLACK * sqrt(bound * (1 - bound) / row.outages)
