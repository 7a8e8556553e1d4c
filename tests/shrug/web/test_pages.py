"""The weekly reports on the page."""

import json
from pathlib import Path
from typing import Any

from tests.shrug.web.conftest import PageClient


def test_a_weekly_report_equals_the_file_of_the_command(
    page: PageClient, tmp_path: Path, run: Any
) -> None:
    folder = tmp_path / "out"
    arguments = ("report", "--week", "2026-W16", "--out", folder, "--database", page.url)
    assert run(*arguments, database=False)[0] == 0
    for form in ("html", "md"):
        for lang in ("en", "zh"):
            written = (folder / f"report.{lang}.{form}").read_bytes()
            assert page.get(f"/{lang}/reports/2026-W16.{form}").body == written
    assert page.get("/en/reports/2026-W16.json").json() == json.loads(
        (folder / "report.json").read_text()
    )
    for week in ("2026-W99", "soon"):
        assert page.get(f"/en/reports/{week}.html").status == 400
    for week in ("1900-W01", "2030-W01"):
        assert page.get(f"/en/reports/{week}.html").status == 404
