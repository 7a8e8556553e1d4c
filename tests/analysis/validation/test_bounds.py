"""A broken promise is found, and only that one."""

from dataclasses import replace
from typing import Any

import pytest

from analysis.report.serialization import to_plain
from analysis.validation import results
from analysis.validation.bounds import check_promises

RESULT = results.last().rows[2]
BROKEN: dict[str, dict[str, Any]] = {
    "silence_noticed": {"noticed": (0.09, 0.5, 0.9), "rival": 0.09},
    "attention_shrugged": {"shrugged": (RESULT.shrugged[0], 0.06, 0.0)},
    "interval_holds": {"holds": (0.95, 0.88, 0.95)},
    "interval_not_too_wide": {"holds": (0.995, 0.995, 0.995)},
    "attention_found": {"noticed": (0.03, 0.4, 0.7)},
    "silence_shrugged": {"shrugged": (0.1, 0.01, 0.0)},
    "rival_beaten": {"rival": 0.005},
}


@pytest.mark.parametrize("promise", BROKEN)
def test_a_broken_promise_is_found(promise: str) -> None:
    checks = check_promises([replace(RESULT, **BROKEN[promise])])
    assert {check.promise for check in checks} == set(BROKEN)
    assert [check.promise for check in checks if not check.is_kept] == [promise]


def test_an_unpredictable_day_promises_only_no_false_alarm() -> None:
    checks = check_promises([replace(RESULT, scenario="holiday", holds=(0.5, 0.5, 0.5))])
    assert [(check.promise, check.is_kept) for check in checks] == [("silence_noticed", True)]


def test_a_check_keeps_its_json_keys() -> None:
    assert list(to_plain(check_promises([RESULT])[0])) == [
        "cell",
        "promise",
        "share",
        "bound",
        "kept",
    ]
