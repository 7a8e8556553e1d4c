"""From imported posts to the report's files: figures, forms, languages, hostile posts."""

import csv
import io
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pandas as pd
import pytest

from analysis.messages import LANGUAGES
from tests.conftest import Run
from tests.paths import ROOT
from tests.shrug.filling import fill
from tests.waiting import MAX_WAIT_SECONDS

SCHEMA = json.loads((ROOT / "docs" / "report.schema.json").read_text())
REPORT = ("--from", "2026-04-13", "--to", "2026-04-20")


@pytest.fixture
def filled(tmp_path: Path, run: Run) -> Run:
    fill(run, tmp_path)
    return run


def measured(run: Run) -> dict[str, Any]:
    code, out, _ = run("measure", *REPORT, "--json")
    assert code == 0
    loaded: dict[str, Any] = json.loads(out)
    return loaded


def test_measure_gives_what_the_schema_says(filled: Run) -> None:
    jsonschema.validate(measured(filled), SCHEMA, format_checker=jsonschema.FormatChecker())


def written(run: Run, folder: Path, *options: str) -> dict[str, str]:
    code, _, err = run("report", *REPORT, "--out", folder, *options)
    assert code == 0, err
    files = (path for path in folder.iterdir() if path.is_file())
    return {path.name: path.read_text(encoding="utf-8") for path in files}


def test_the_report_has_its_forms_and_the_same_bytes_each_time(filled: Run, tmp_path: Path) -> None:
    first = written(filled, tmp_path / "a")
    assert set(first) == {
        "report.json", "report.en.html", "report.en.md", "report.zh.html", "report.zh.md",
    }  # fmt: skip
    assert written(filled, tmp_path / "b") == first
    assert "2 confirmed outages: 1 noticed, 1 shrugged off" in first["report.en.md"]
    assert "2 次已确认的故障中，1 次引起了注意，1 次无人在意" in first["report.zh.md"]
    jsonschema.validate(json.loads(first["report.json"]), SCHEMA)


def tabled(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "tables").iterdir()}


def test_the_tables_hold_the_reports_figures_in_both_forms(filled: Run, tmp_path: Path) -> None:
    for name in ("a", "b"):
        files = written(filled, tmp_path / name)
    report = json.loads(files["report.json"])["outages"]
    assert tabled(tmp_path / "a") == tabled(tmp_path / "b")
    for read, ending in ((pd.read_csv, "csv"), (pd.read_parquet, "parquet")):
        table = read(tmp_path / "a" / "tables" / f"outages.{ending}")
        assert list(table["id"]) == [o["id"] for o in report]
        assert list(table["verdict"]) == [o["verdict"] for o in report]
        ratios = [o["combined"]["ratio"]["estimate"] for o in report]
        assert list(table["ratio"]) == pytest.approx(ratios)
        hours = read(tmp_path / "a" / "tables" / f"hours.{ending}")
        assert hours["posts"].sum() == sum(h["posts"] for o in report for h in o["hours"])


def test_no_text_is_a_formula_in_a_spreadsheet(filled: Run, tmp_path: Path) -> None:
    title = '=HYPERLINK("http://evil.example")'
    arguments = ("2026-04-19T12:00Z", "2026-04-19T13:00Z", "--title", title)
    assert filled("outages", "add", "kimi", *arguments)[0] == 0
    written(filled, tmp_path / "out")
    cells = list(csv.reader(io.StringIO(tabled(tmp_path / "out")["outages.csv"].decode())))
    assert "'" + title in cells[-1]
    assert not any(cell.startswith(("=", "+", "@")) for row in cells for cell in row)


def test_a_week_without_anything_has_the_same_columns(
    filled: Run, run: Run, tmp_path: Path
) -> None:
    written(filled, tmp_path / "full")
    assert run("report", "--week", "2025-W02", "--out", tmp_path / "empty")[0] == 0
    for name, body in tabled(tmp_path / "full").items():
        if name.endswith(".parquet"):
            empty = pd.read_parquet(tmp_path / "empty" / "tables" / name)
            full = pd.read_parquet(io.BytesIO(body))
            assert dict(empty.dtypes) == dict(full.dtypes), name


def test_a_week_says_which_it_is_and_what_was_not_read(filled: Run, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    assert filled("report", "--week", "2026-W16", "--out", folder)[0] == 0
    english, chinese = ((folder / f"report.{lang}.md").read_text() for lang in LANGUAGES)
    assert "Week 16 of 2026" in english
    assert "2026 年第 16 周" in chinese
    # Read from 6 weeks before Wednesday 08:00 until Friday 08:00 of a week of 7 days.
    share = (4 * 24 + 8) / (7 * 24)
    assert f"(coverage of this period): forum {share:.0%}" in re.sub(r"\\", "", english)
    report = json.loads((folder / "report.json").read_text())
    assert report["parameters"]["week"] == "2026-W16"
    (source,) = report["sources"]
    assert source["read"] == [1.0] * 104 + [0.0] * 64
    assert "The data begin at" not in english


def test_a_first_week_says_that_it_has_no_past(filled: Run, tmp_path: Path) -> None:
    assert filled("report", "--week", "2026-W10", "--out", tmp_path / "out")[0] == 0
    page = re.sub(r"\\", "", (tmp_path / "out" / "report.en.md").read_text())
    assert "The data begin at 2026-03-04 08:00: an outage before 2026-03-11 08:00" in page


def test_nothing_in_a_post_becomes_markup(filled: Run, tmp_path: Path) -> None:
    files = written(filled, tmp_path / "out")
    for lang in LANGUAGES:
        page = files[f"report.{lang}.html"]
        assert "<script" not in page
        assert "<img" not in page
        assert "<b>API" not in page
        assert "&lt;script&gt;" in page
        assert 'href="javascript' not in page
        assert "{{ 7*7 }}" in page
        markdown = files[f"report.{lang}.md"]
        assert "<script" not in markdown
        assert "](javascript" not in markdown
        assert "\\*\\*bold\\*\\*" in markdown


def test_the_page_asks_for_nothing_outside_itself(filled: Run, tmp_path: Path) -> None:
    page = written(filled, tmp_path / "out")["report.en.html"]
    assert len(page.encode()) < 2_000_000
    assert "default-src 'none'" in page
    assert not re.findall(r"""(?:src|srcset|@import|url\()\s*=?\s*["']?https?:""", page)
    assert "<link" not in page


def test_times_are_shown_in_the_readers_zone(filled: Run, tmp_path: Path) -> None:
    page = written(filled, tmp_path / "out", "--zone", "Asia/Shanghai")["report.zh.md"]
    assert "2026-04-15 16:00 – 18:00" in page


def test_a_week_without_an_outage_reads_well(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("report", "--week", "2026-W10", "--out", tmp_path / "out")
    assert code == 0
    assert "report.en.html" in out
    page = (tmp_path / "out" / "report.en.md").read_text()
    assert "No confirmed outage between 2026-03-02 00:00 and 2026-03-09 00:00" in page


CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.mark.skipif(
    not CHROMIUM and "CI" not in os.environ,
    reason="no Chromium here: the page is not opened in a browser",
)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_real_browser_shows_the_page_and_runs_nothing(
    filled: Run, tmp_path: Path, lang: str
) -> None:
    written(filled, tmp_path / "out")
    page = tmp_path / "out" / f"report.{lang}.html"
    options = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run"
    quiet = "--disable-background-networking --disable-component-update --disable-sync"
    done = subprocess.run(
        [
            str(CHROMIUM), *options.split(), *quiet.split(),
            f"--user-data-dir={tmp_path / 'profile'}", "--window-size=1200,2000",
            f"--screenshot={tmp_path / 'page.png'}", "--dump-dom", page.as_uri(),
        ],
        check=True, capture_output=True, timeout=MAX_WAIT_SECONDS,
    )  # fmt: skip
    shown = done.stdout.decode("utf-8", "replace")
    title = {"en": "Week 16 of 2026", "zh": "2026 年第 16 周"}
    assert f"<title>shrug · {title[lang]}</title>" in shown
    assert shown.count("<svg") >= 3
    assert "owned" not in shown.split("<body>")[0]
    assert (tmp_path / "page.png").stat().st_size > 20_000
