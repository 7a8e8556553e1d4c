"""Results survive saving, rounded, under the keys of the stored file."""

import json
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from analysis.validation import results
from analysis.validation.results import ScenarioResult, Validation

RESULT = ScenarioResult(
    "rare", 60, 0.912345, (1.0, 0.98765, 0.95), (0.0, 0.1, 0.2), (0.9, 0.0, 0.0), 0.25, 0.125, 1e-9
)


def test_saved_results_are_rounded_and_read_again(tmp_path: Path) -> None:
    path = tmp_path / "last.json"
    results.save([RESULT], 3, path)
    value = json.loads(path.read_text(encoding="utf-8"))
    assert value["seed"] == 3
    assert value["rows"][0]["cell"] == "rare"
    assert value["rows"][0]["held"] == [1.0, 0.9877, 0.95]
    again = TypeAdapter(Validation).validate_json(path.read_bytes()).rows[0]
    assert again.scenario == RESULT.scenario
    assert again.expected == pytest.approx(RESULT.expected, abs=5e-5)
    assert again.rival == 0.0


def test_saving_the_last_results_again_changes_no_byte(tmp_path: Path) -> None:
    last = results.last()
    path = tmp_path / "last.json"
    results.save(last.rows, last.seed, path)
    assert path.read_bytes() == results.FILE.read_bytes()
