"""Rows of files of each kind."""

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.core.errors import BadInput
from shrug.imports.lines import ImportResult
from shrug.imports.rows import json_lines, read_rows, rows_until_unreadable

BODIES = {
    "a.jsonl": b'{"a": "1"}\n\n{"a": "2"}\n',
    "a.csv": b"a;b\n1;x\n2;y\n",
    "a.tsv": b"a\tb\n1\tx\n2\ty\n",
    "a.json": b'[{"a": "1"}, {"a": "2"}]',
    "a.jsonl.gz": gzip.compress(b'{"a": "1"}\n{"a": "2"}\n'),
    "a.json.gz": gzip.compress(b'[{"a": "1"}, {"a": "2"}]'),
}


@pytest.mark.parametrize("name", BODIES)
def test_the_kind_of_a_file_goes_by_its_name_and_all_bytes_are_counted(
    tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    path.write_bytes(BODIES[name])
    counted: list[int] = []
    rows = list(read_rows(path, "", "item", counted.append))
    assert [row.checked_value()["a"] for row in rows] == ["1", "2"]
    assert sum(counted) <= len(BODIES[name])
    assert min(counted) >= 0


@pytest.mark.parametrize(
    ("name", "body", "why"),
    [
        ("a.csv", b"a,b\n1,2,3\n", "3 cells under 2 columns"),
        ("a.jsonl", b"[1]\n", "an object was due, list came"),
        ("a.jsonl", b"{\n", "not a line of JSON"),
        ("a.json", b"[1]", "an object was due, int came"),
    ],
)
def test_a_bad_row_is_kept_with_its_reason(
    tmp_path: Path, name: str, body: bytes, why: str
) -> None:
    path = tmp_path / name
    path.write_bytes(body)
    (row,) = read_rows(path, "", "item", lambda _: None)
    assert row.why == why
    with pytest.raises(ValueError, match=r"due|cells|JSON"):
        row.checked_value()


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("a.json", b'[{"a": 1}, {'),
        ("a.json", b"[" * 500),
        ("a.csv", b"one column\n1\n"),
        ("a.car", b"no repository"),
        ("a.zip", b"PK\x03\x04 damaged"),
        ("a.jsonl.gz", gzip.compress(b'{"a": 1}\n' * 9, mtime=0)[:-12]),
    ],
)
def test_a_file_that_ends_badly_says_so_after_its_good_rows(
    tmp_path: Path, name: str, body: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(body)
    result = ImportResult()
    rows = list(rows_until_unreadable(path, "", "item", lambda _: None, result))
    assert all(row.value == {"a": 1} for row in rows)
    assert result.bad == 1
    assert str(path) in result.refused[0] or "outbox.json" in result.refused[0]
    with pytest.raises(BadInput):
        list(read_rows(path, "", "item", lambda _: None))


@given(st.lists(st.binary(max_size=40)))
def test_any_lines_are_objects_or_refused(lines: list[bytes]) -> None:
    class File:
        def __init__(self) -> None:
            self.lines = iter([line.replace(b"\n", b"") + b"\n" for line in lines])

        def readline(self, _limit: int) -> bytes:
            return next(self.lines, b"")

    rows = list(json_lines(Path("x"), File()))
    assert all(row.why or isinstance(row.value, dict) for row in rows)
    assert len(rows) == sum(bool(line.replace(b"\n", b"").strip()) for line in lines)
