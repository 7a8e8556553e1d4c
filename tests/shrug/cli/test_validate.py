"""`shrug validate`: the exit code follows the checks."""

import json

from tests.conftest import Run


def test_validate_exits_with_1_if_a_check_fails(run: Run) -> None:
    code, out, _ = run("validate", "--outages", "60", "--json", database=False)
    figures = json.loads(out)
    assert len(figures["rows"]) == 14
    assert code == (0 if all(check["kept"] for check in figures["checks"]) else 1)
