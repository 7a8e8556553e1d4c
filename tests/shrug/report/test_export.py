"""Exported files: each form has the same rows, and posts can be imported again."""

import io
import json
from pathlib import Path

import pandas as pd
import pytest

import shrug
from tests.conftest import Run
from tests.shrug.filling import HISTORY, HOSTILE, START, UNTIL


def test_exported_posts_come_in_again_with_the_same_counts(
    full: Run, url: str, tmp_path: Path
) -> None:
    path = tmp_path / "posts.jsonl"
    assert full("export", "posts", "--out", path)[0] == 0
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    assert {row["text"] for row in rows} >= {HOSTILE[0], HOSTILE[1]}
    assert not any(row["author"].startswith("user") for row in rows)
    other = f"sqlite:///{tmp_path / 'other.sqlite3'}"
    covered = f"{HISTORY.isoformat()}/{UNTIL.isoformat()}"
    arguments = ("import", "posts", path, "--covered", covered, "--database", other)
    assert full(*arguments, database=False)[0] == 0
    columns = ["provider", "source", "hour", "posts", "texts", "authors", "voices"]
    pd.testing.assert_frame_equal(shrug.counts(url)[columns], shrug.counts(other)[columns])


def test_a_stretch_is_what_was_asked_for(full: Run) -> None:
    span = ("--from", START.isoformat(), "--to", "2026-04-15T09:00Z")
    code, out, err = full("export", "posts", "--provider", "deepseek", *span)
    rows = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert f"posts: {len(rows)} rows" in err
    assert rows
    assert all("2026-04-15T08" <= row["created_at"] < "2026-04-15T09" for row in rows)
    assert full("export", "posts", "--provider", "kimi")[1] == ""


@pytest.mark.parametrize("what", ["posts", "counts", "speech", "outages", "verdicts"])
def test_all_export_formats_hold_the_same_rows(full: Run, tmp_path: Path, what: str) -> None:
    frames = {}
    reads = {
        "csv": pd.read_csv,
        "parquet": pd.read_parquet,
        "jsonl": lambda path: pd.read_json(path, lines=True),
    }
    for form, read in reads.items():
        path = tmp_path / f"{what}.{form}"
        assert full("export", what, "--format", form, "--out", path)[0] == 0
        frames[form] = read(path)
    sizes = {form: frame.shape for form, frame in frames.items()}
    assert len(set(sizes.values())) == 1, sizes
    assert sizes["csv"][0] > 0
    assert [p.name for p in tmp_path.glob(".*.part")] == []


def test_no_post_is_a_formula(full: Run, tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    text = "=HYPERLINK(1) DeepSeek is down"
    post = {"source": "forum", "id": "f", "created_at": START.isoformat(), "text": text}
    path.write_text(json.dumps(post))
    full("import", "posts", path)
    out = full("export", "posts", "--format", "csv")[1]
    assert "'" + text in set(pd.read_csv(io.StringIO(out))["text"])


def test_a_simulation_says_so_and_never_becomes_real(full: Run, tmp_path: Path) -> None:
    path = tmp_path / "posts.jsonl"
    rows = full("export", "posts")[1].splitlines()
    assert json.loads(rows[0])["simulated"] is False
    path.write_text(json.dumps(json.loads(rows[0]) | {"simulated": True, "id": "new"}))
    code, _, err = full("import", "posts", path)
    assert code == 1
    assert "simulated" in err


def test_wrong_use_is_named(full: Run, tmp_path: Path) -> None:
    for wrong in (
        ("everything",),
        ("posts", "--format", "xlsx"),
        ("posts", "--format", "parquet"),
        ("posts", "--out", tmp_path / "file" / "x"),
    ):
        (tmp_path / "file").write_text("")
        code, _, err = full("export", *wrong)
        assert code == 2
        assert err.startswith("shrug: ")
        assert len(err.strip().splitlines()) == 1
