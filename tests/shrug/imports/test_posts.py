"""Files from elsewhere: good lines beside bad ones are kept, and each bad one is named."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.core.engine import Store
from db.core.records import Span
from db.crawl import coverage
from db.posts import queries
from shrug.crawl.ingest import Ingest
from shrug.imports.posts import ImportOptions, import_posts
from tests.conftest import Run
from tests.shrug.imports.files import written_lines

T0 = datetime(2026, 3, 1, 12, tzinfo=UTC)
GOOD = {
    "source": "weibo",
    "id": "1",
    "created_at": "2026-03-01T20:00:00+08:00",
    "text": "DeepSeek崩了",
}

BAD_POSTS = {
    "not JSON": "{half a line",
    "a list": "[1, 2]",
    "no text": json.dumps({**GOOD, "text": None}),
    "no source": json.dumps({k: v for k, v in GOOD.items() if k != "source"}),
    "no zone": json.dumps({**GOOD, "created_at": "2026-03-01T20:00:00"}),
    "a number for a time": json.dumps({**GOOD, "created_at": 1772366400}),
    "the year 9999": json.dumps({**GOOD, "created_at": "9999-01-01T00:00:00Z"}),
    "the year 1970": json.dumps({**GOOD, "created_at": "1970-01-01T00:00:00Z"}),
    "an id that is a list": json.dumps({**GOOD, "id": [1]}),
    "deep": "[" * 50_000,
}


@pytest.mark.parametrize("name", BAD_POSTS)
def test_a_bad_line_is_named_and_costs_only_itself(tmp_path: Path, run: Run, name: str) -> None:
    path = written_lines(tmp_path, GOOD, BAD_POSTS[name], {**GOOD, "id": "2"})
    code, out, err = run("import", "posts", path)
    assert code == 1
    assert "3 lines read, 2 new, 1 refused." in out
    assert f"{path}:2: " in err
    assert "Traceback" not in err


@pytest.mark.parametrize("name", ["posts.jsonl", "posts.jsonl.gz"])
def test_posts_are_kept_matched_counted_and_their_accounts_are_not(
    tmp_path: Path, ingest: Ingest, store: Store, url: str, name: str
) -> None:
    likes = {"likes": "7", "reposts": -1, "replies": 10**30, "url": "javascript:alert(1)"}
    path = written_lines(tmp_path, {**GOOD, "author": "李雷", **likes}, name=name)
    result = import_posts(
        ingest,
        store,
        [path],
        ImportOptions(covered=(Span(T0, T0.replace(hour=18)),)),
        lambda _: None,
    )
    assert (result.read, result.new, result.bad, result.warnings) == (1, 1, 0, [])
    with store.reading() as connection:
        (post,) = queries.sample(connection, "deepseek", T0, T0.replace(hour=13), 5)
        known = coverage.read(connection, "deepseek", T0, T0.replace(hour=20))
    assert (post.text, post.url) == ("DeepSeek崩了", None)
    assert [k.span for k in known] == [Span(T0, T0.replace(hour=18))]
    if url.startswith("sqlite"):
        assert "李雷".encode() not in (tmp_path / "store.sqlite3").read_bytes()


def test_importing_again_changes_nothing(tmp_path: Path, run: Run) -> None:
    path = written_lines(tmp_path, GOOD, {**GOOD, "id": "2"})
    span = "2026-03-01T00:00Z/2026-03-02T00:00Z"
    assert "2 new" in run("import", "posts", path, "--covered", span)[1]
    code, out, err = run("import", "posts", path, "--covered", span)
    assert code == 0
    assert "2 lines read, 0 new" in out
    assert err == ""


def test_without_covered_the_coverage_is_assumed_and_said(tmp_path: Path, run: Run) -> None:
    code, _, err = run("import", "posts", written_lines(tmp_path, GOOD))
    assert code == 0
    assert "no --covered was given" in err


def test_a_file_cut_off_keeps_what_came_before_the_cut(tmp_path: Path, run: Run) -> None:
    lines = [{**GOOD, "id": str(n), "text": f"DeepSeek {n * 7919}"} for n in range(3000)]
    path = written_lines(tmp_path, *lines, name="posts.jsonl.gz")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    code, out, err = run("import", "posts", path)
    assert code == 1
    assert "1 refused" in out
    assert "cut off" in err
    stored = int(out.split(" lines read, ")[1].split(" new")[0].replace(",", ""))
    assert stored > 500


def test_a_damaged_archive_keeps_what_came_before_the_damage(tmp_path: Path, run: Run) -> None:
    lines = [{**GOOD, "id": str(n), "text": f"DeepSeek {n * 7919}"} for n in range(3000)]
    path = written_lines(tmp_path, *lines, name="posts.jsonl.gz")
    damaged = bytearray(path.read_bytes())
    middle = len(damaged) // 2
    damaged[middle : middle + 200] = bytes(200)
    path.write_bytes(bytes(damaged))
    code, _, err = run("import", "posts", path)
    assert code == 1
    assert "what came before is kept" in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    "command", [("import", "posts"), ("import", "board"), ("outages", "import")]
)
def test_a_file_that_is_not_there(tmp_path: Path, run: Run, command: tuple[str, ...]) -> None:
    code, out, err = run(*command, tmp_path / "nothing.yaml")
    assert code == 2
    assert "nothing.yaml" in err
    assert out == ""


values = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    st.lists(
        st.dictionaries(st.sampled_from([*GOOD, "author", "url", "likes"]), values), max_size=5
    )
)
def test_any_fields_are_kept_or_refused(
    tmp_path: Path, ingest: Ingest, store: Store, rows: list[dict[str, object]]
) -> None:
    lines = [json.dumps({**GOOD, **row}) for row in rows]
    result = import_posts(
        ingest, store, [written_lines(tmp_path, *lines)], ImportOptions(), lambda _: None
    )
    assert result.read == len(rows)
    assert result.bad <= result.read
