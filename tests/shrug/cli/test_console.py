"""Output without a terminal, and in the reader's language."""

import json
import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shrug.cli.console import print_table, printable, use_json
from tests.conftest import Run


def test_a_piped_table_has_one_line_for_each_row(full: Run, url: str) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "COLUMNS"}
    done = subprocess.run(
        [sys.executable, "-m", "shrug", "measure", "--from", "2026-04-13", "--to", "2026-04-20",
         "--database", url],
        capture_output=True, text=True, env=environment,
    )  # fmt: skip
    rows = [line for line in done.stdout.splitlines() if line.startswith("DeepSeek")]
    assert len(rows) == 2
    assert all("2026-04-1" in row for row in rows)
    # Without a terminal there is no progress bar and no colour.
    assert done.stderr == ""
    assert "\x1b" not in done.stdout


@pytest.mark.parametrize(("lang", "word"), [("zh", "有人在乎吗"), ("en", "does anybody care")])
def test_help_is_in_the_readers_language(lang: str, word: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "shrug", "--help"],
        check=True,
        capture_output=True,
        text=True,
        env={"SHRUG_LANG": lang, "PATH": "", "COLUMNS": "200"},
    )
    assert word in done.stdout


@given(st.text())
def test_printable_text_cannot_control_a_terminal(text: str) -> None:
    safe = printable(text)
    assert len(safe) == len(text)
    assert all(c.isprintable() or c == "\n" for c in safe)
    assert printable(safe) == safe


def test_a_table_is_a_json_object_for_each_row_on_request(
    capsys: pytest.CaptureFixture[str],
) -> None:
    use_json(True)
    try:
        print_table({"name": "Name", "state": "Zustand"}, [("a", "1"), ("b", "2")])
    finally:
        use_json(False)
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert rows == [{"name": "a", "state": "1"}, {"name": "b", "state": "2"}]
