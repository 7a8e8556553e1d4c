"""The file of refused lines."""

import json
from pathlib import Path

from shrug.imports.rejects import RejectWriter


def test_lines_are_written_with_their_reasons_and_an_earlier_file_is_continued(
    tmp_path: Path,
) -> None:
    path = tmp_path / "refused.jsonl"
    for append, count in ((False, 1), (True, 2), (False, 1)):
        with RejectWriter(path, append=append) as rejects:
            rejects.write("a:1", "no text", "降智")
        rows = [json.loads(line) for line in path.read_text().splitlines()]
        assert rows == [{"where": "a:1", "why": "no text", "line": "降智"}] * count
        assert rejects.warning == f"1 bad lines are in {path}"


def test_without_a_bad_line_there_is_no_file(tmp_path: Path) -> None:
    with RejectWriter(tmp_path / "refused.jsonl", append=False) as rejects:
        pass
    assert rejects.warning == ""
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_written_is_a_warning(tmp_path: Path) -> None:
    with RejectWriter(tmp_path / "none" / "refused.jsonl", append=False) as rejects:
        rejects.write("a:1", "no text", "x")
        rejects.write("a:2", "no text", "y")
    assert rejects.written == 0
    assert "could not be written" in rejects.warning
