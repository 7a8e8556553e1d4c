"""Results of the validation, and the last ones, stored beside the code for docs and reports."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field, TypeAdapter

FILE = Path(__file__).parent / "last.json"
DECIMALS = 4


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """Shares of the simulated outages of a scenario, 0 to 1.

    holds: the interval contains the true ratio, at each of RATIOS. noticed, shrugged: verdicts at
    each of RATIOS. expected: mean expected count of the window without an outage. oracle_noticed
    (at 3), oracle_shrugged (at 1): verdicts of an oracle that knows the truth. rival: false alarms
    of the published rule, with its limit set so that it finds as many outages at 3 as we do.
    """

    scenario: Annotated[str, Field(alias="cell")]
    outages: int
    expected: float
    holds: Annotated[tuple[float, ...], Field(alias="held")]
    noticed: tuple[float, ...]
    shrugged: tuple[float, ...]
    oracle_noticed: float
    oracle_shrugged: float
    rival: float


@dataclass(frozen=True, slots=True)
class Validation:
    """The results of all scenarios, and the seed that reproduces them."""

    seed: int
    rows: tuple[ScenarioResult, ...]


_ADAPTER = TypeAdapter(Validation)


def save(rows: Sequence[ScenarioResult], seed: int, path: Path = FILE) -> None:
    """Write the results to a file, with figures rounded to DECIMALS places."""
    exact = _ADAPTER.dump_json(Validation(seed, tuple(rows)), by_alias=True)
    rounded = json.loads(exact, parse_float=lambda text: round(float(text), DECIMALS))
    path.write_text(json.dumps(rounded, indent=1) + "\n", encoding="utf-8")


@cache
def last() -> Validation:
    """The results as last saved."""
    return _ADAPTER.validate_json(FILE.read_bytes())
