"""`shrug outages`: the bundled ledger is synced, listed and confirmed."""

from tests.conftest import Run


def test_the_bundled_ledger_is_synced_listed_and_confirmed(run: Run) -> None:
    assert "56 outages" in run("outages", "sync")[1]
    code, out, _ = run("outages", "list", "--provider", "深度求索", "--zone", "Asia/Shanghai")
    assert code == 0
    line = next(line for line in out.splitlines() if "2025-08-11" in line)
    assert "2025-08-11 21:50" in line
    assert "2025-08-11 23:39" in line
    assert run("outages", "confirm", line.split()[0])[0] == 0
