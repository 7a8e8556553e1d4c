"""`shrug doctor`: what is wrong with a store, and what to do about it."""

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from db.core.engine import Store
from db.crawl import runs
from db.ops import deliveries
from tests.conftest import Run


def doctor_checks(run: Run) -> dict[str, dict[str, Any]]:
    return {c["what"]: c for c in json.loads(run("doctor", "--json")[1])["checks"]}


def test_a_sound_store_passes_every_check(full: Run, tmp_path: Path) -> None:
    assert full("doctor")[0] == 0
    checks = doctor_checks(full)
    assert {c["state"] for c in checks.values()} == {"well"}
    names = ["store", "migrations", "ledger", "key", "clock", "disk", "model", "delivery"]
    assert list(checks) == names


def test_a_key_that_others_can_read_is_reported(full: Run, tmp_path: Path) -> None:
    full("doctor")
    (tmp_path / "pseudonym.key").chmod(0o644)
    code, out, _ = full("doctor")
    assert code == 1
    assert "chmod 600" in out
    assert doctor_checks(full)["key"]["state"] == "open_key"


def test_fix_repairs_what_is_safe_to_repair(run: Run, tmp_path: Path) -> None:
    assert doctor_checks(run)["ledger"]["state"] == "no_outage"
    key = tmp_path / "pseudonym.key"
    key.chmod(0o644)
    assert run("doctor")[0] == 1
    assert run("doctor", "--fix")[0] == 0
    assert key.stat().st_mode & 0o077 == 0
    assert {c["state"] for c in doctor_checks(run).values()} == {"well"}


def test_a_missing_ledger_and_unscored_posts_are_reported(run: Run, tmp_path: Path) -> None:
    assert doctor_checks(run)["ledger"]["state"] == "no_outage"
    path = tmp_path / "in.jsonl"
    row = {"source": "f", "id": "1", "created_at": "2026-04-15T08:00Z", "text": "Kimi is down"}
    path.write_text(json.dumps(row))
    run("import", "posts", path)
    model = doctor_checks(run)["model"]
    assert model["state"] == "unscored"
    assert "shrug score" in model["advice"]


def test_a_clock_that_went_back_is_reported(full: Run, store: Store) -> None:
    with store.writing() as connection:
        runs.begin(connection, "forum", "x", datetime.now(UTC) + timedelta(days=2))
    assert doctor_checks(full)["clock"]["state"] == "clock_back"


def test_an_undelivered_report_is_reported(full: Run, store: Store) -> None:
    start = datetime(2026, 4, 13, tzinfo=UTC)
    with store.writing() as connection:
        for name, why in (("desk", "JSON: failure"), ("other", None)):
            end = start + timedelta(weeks=1)
            id_ = deliveries.claim(connection, name, start, end, end)
            deliveries.end(connection, id_, why)
    checks = doctor_checks(full)["delivery"]
    assert (checks["state"], checks["values"]) == ("undelivered", {"names": "desk"})


@pytest.mark.sqlite_only
def test_a_full_disk_is_reported(
    full: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=10**6)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage)
    disk = doctor_checks(full)["disk"]
    assert disk["state"] == "disk_full"
    assert "1 MB free" in disk["advice"]


@pytest.mark.sqlite_only
def test_a_damaged_store_is_reported(full: Run, url: str) -> None:
    file = Path(url.removeprefix("sqlite:///"))
    body = bytearray(file.read_bytes())
    middle = len(body) // 2 // 4096 * 4096
    body[middle : middle + 4096 * 8] = b"\xff" * 4096 * 8
    file.write_bytes(bytes(body))
    code, out, err = full("doctor")
    assert code != 0
    assert "amaged" in out + err
