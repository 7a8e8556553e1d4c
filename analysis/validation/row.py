"""What a trial found in one kind of world."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """Shares of the outages of a cell, 0 to 1.

    held: interval holds the true ratio (the least over RATIOS, and each). noticed: verdicts at
    RATIOS. shrugged: likewise. expected: mean expected count of the window without an outage.
    oracle_noticed (at 3), oracle_shrugged (at 1): of one who knows. rival: false alarms of the
    published rule, its limit set so that it finds as many at 3 as we do.
    """

    cell: str
    outages: int
    expected: float
    held: tuple[float, ...]
    noticed: tuple[float, ...]
    shrugged: tuple[float, ...]
    oracle_noticed: float
    oracle_shrugged: float
    rival: float
