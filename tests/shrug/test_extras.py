"""A plain install says what to install for more, and does without it where it can."""

import subprocess
import sys
from pathlib import Path

import pytest

from db.core.errors import BadInput
from db.core.extras import require_extra
from db.ops import deliveries
from shrug.store.bootstrap import open_ready_store
from tests.conftest import Run

# An entry of None makes Python take a module for one that is not installed.
WITHOUT = """
import sys
sys.modules.update(dict.fromkeys(("pandas", "pyarrow", "mcp", "apprise", "psycopg", "redis")))
"""
MAIN = "import shrug.cli; sys.argv[0] = 'shrug'; shrug.cli.main()"
CALLS = {
    "frames": "import shrug; shrug.outages(sys.argv[1])",
    "postgresql": "from shrug.store.bootstrap import open_ready_store; "
    "open_ready_store('postgresql+psycopg://x/y').__enter__()",
    "delivery": "from shrug.delivery.notifications import send; "
    "send('json://x', setting='to', title='', body='')",
    "mcp": "from shrug.cli.mcp import mcp; mcp()",
}


def without_extras(code: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", WITHOUT + code, *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True)


@pytest.mark.parametrize("extra", CALLS)
def test_a_missing_extra_is_named_with_what_installs_it(extra: str, full: Run, url: str) -> None:
    said = without_extras(CALLS[extra], url).stderr.strip().splitlines()[-1]
    assert f"pip install 'shrug[{extra}]'" in said


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_exports_need_no_extra(form: str, full: Run, url: str, tmp_path: Path) -> None:
    plain, usual = tmp_path / "plain", tmp_path / "usual"
    command = ("export", "verdicts", "--format", form, "--from", "2026-04-13", "--to", "2026-04-20")
    done = without_extras(MAIN, *command, "--out", str(plain), "--database", url)
    assert done.returncode == 0, done.stderr
    assert full(*command, "--out", usual)[0] == 0
    assert plain.read_bytes() == usual.read_bytes()


def test_other_errors_are_not_taken_for_a_missing_extra() -> None:
    said = r"reading needs nowhere: pip install 'shrug\[some\]'"
    with pytest.raises(BadInput, match=said), require_extra("some", "reading"):
        import nowhere  # type: ignore[import-not-found]  # noqa: F401
    with pytest.raises(ImportError), require_extra("some", "reading"):
        from pathlib import nothing  # type: ignore[attr-defined]  # noqa: F401


def test_without_apprise_a_report_stays_due(
    full: Run, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribers = tmp_path / "subscribers.yaml"
    subscribers.write_text("subscribers:\n  - {name: desk, to: 'json://127.0.0.1:9/'}\n")
    subscribers.chmod(0o600)
    monkeypatch.setenv("SHRUG_SUBSCRIBERS", str(subscribers))
    done = without_extras(MAIN, "deliver", "--database", url)
    assert done.returncode == 2
    assert "pip install 'shrug[delivery]'" in done.stderr
    with open_ready_store(url) as store, store.reading() as connection:
        assert deliveries.latest(connection, "desk") is None
