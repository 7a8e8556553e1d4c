"""The store in a notebook, as DataFrames."""

import json
import os
import subprocess
import sys

import nbclient
import nbformat
import pytest

import shrug
from tests.conftest import Run
from tests.paths import ROOT
from tests.shrug.filling import START, UNTIL
from tests.waiting import MAX_WAIT_SECONDS

NOTEBOOK = ROOT / "docs" / "notebooks" / "example.ipynb"


def test_dataframes_are_the_reports_figures(full: Run, url: str) -> None:
    span = ("--from", "2026-04-13", "--to", "2026-04-20")
    measured = json.loads(full("measure", *span, "--json")[1])["outages"]
    verdicts = shrug.verdicts(url, start="2026-04-13", end="2026-04-20")
    assert list(verdicts["id"]) == [o["id"] for o in measured]
    assert list(verdicts["verdict"]) == [o["verdict"] for o in measured]
    assert str(verdicts["start"].dtype) == "datetime64[us, UTC]"
    outages = shrug.outages(url, provider="DeepSeek")
    assert list(outages["title"]) == ["nobody noticed", "<b>API</b> down"]
    posts = shrug.posts(url, start=START, end=UNTIL)
    hours = shrug.counts(url, start=START, end=UNTIL)
    assert len(posts) == hours["posts"].sum()
    assert shrug.counts(url, provider="kimi").empty


def test_importing_shrug_loads_nothing_heavy() -> None:
    code = "import sys, shrug; sys.exit('pandas' in sys.modules or 'sqlalchemy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_the_example_notebook_runs(full: Run, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHRUG_DATABASE_URL", url)
    monkeypatch.setenv("JUPYTER_PLATFORM_DIRS", "1")
    notebook = nbformat.read(NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]
    assert all(not cell.get("outputs") for cell in notebook.cells), "commit it without outputs"
    done = nbclient.NotebookClient(
        notebook, timeout=MAX_WAIT_SECONDS, kernel_name="python3"
    ).execute()
    shown = "".join(
        str(output.get("data", {}).get("text/plain", ""))
        for cell in done.cells
        for output in cell.get("outputs", ())
    )
    assert "noticed" in shown
    assert "deepseek" in shown
    assert os.environ["SHRUG_DATABASE_URL"] == url
