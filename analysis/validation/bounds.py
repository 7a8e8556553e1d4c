"""The promises of the estimator, and whether the results of a validation keep them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from math import sqrt
from typing import Annotated

from pydantic import Field

from analysis.validation.results import ScenarioResult
from analysis.validation.trial import BASE

# Bounds are on true shares; a result this many standard errors beyond its bound breaks it.
MAX_STANDARD_ERRORS = 3.0
# A day unlike all days before it cannot be predicted, so only the verdict on silence is promised.
UNPREDICTABLE = "holiday"


@dataclass(frozen=True, slots=True)
class PromiseCheck:
    """One promise in one scenario: the measured share, its bound, and whether it is kept."""

    scenario: Annotated[str, Field(serialization_alias="cell")]
    promise: str
    share: float
    bound: float
    is_kept: Annotated[bool, Field(serialization_alias="kept")]


def check_promises(results: Sequence[ScenarioResult]) -> list[PromiseCheck]:
    """Check every promise in every scenario."""
    return [check for result in results for check in _checks(result)]


def _checks(result: ScenarioResult) -> list[PromiseCheck]:
    at_most, at_least = partial(_check, result, -1), partial(_check, result, 1)
    base = result.scenario in {scenario.name for scenario in BASE}
    checks = [at_most("silence_noticed", result.noticed[0], 0.05)]
    if result.scenario != UNPREDICTABLE:
        checks.append(at_most("attention_shrugged", result.shrugged[1], 0.025))
        checks.append(at_least("interval_holds", min(result.holds), 0.93))
    if base and result.expected >= 20:
        checks.append(at_most("interval_not_too_wide", min(result.holds), 0.97))
    if base:
        checks += [
            at_least("attention_found", result.noticed[-1], 0.9 * result.oracle_noticed),
            at_least("silence_shrugged", result.shrugged[0], 0.9 * result.oracle_shrugged),
            at_most("rival_beaten", result.noticed[0], result.rival),
        ]
    return checks


def _check(
    result: ScenarioResult, sign: int, promise: str, share: float, bound: float
) -> PromiseCheck:
    """sign: 1 if the share must not lie below the bound, -1 if it must not lie above it."""
    variable = min(max(bound, 0.005), 0.995)
    slack = MAX_STANDARD_ERRORS * sqrt(variable * (1 - variable) / result.outages)
    is_kept = sign * (share - bound) >= -slack
    return PromiseCheck(result.scenario, promise, share, bound, is_kept)
