"""Files from elsewhere: good lines beside bad ones are kept, and each bad one is named."""

import gzip
import json
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.core.engine import Store
from db.core.records import Span
from db.crawl import boards, coverage, outages
from db.posts import queries
from shrug.crawl.ingest import Ingest
from shrug.imports.boards import import_board
from shrug.imports.outages import import_outages
from shrug.imports.posts import Wanted, import_posts
from tests.conftest import Run

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


def written(tmp_path: Path, *lines: object, name: str = "posts.jsonl") -> Path:
    path = tmp_path / name
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    body = ("\n".join(texts) + "\n").encode("utf-8", "surrogatepass")
    path.write_bytes(gzip.compress(body) if name.endswith(".gz") else body)
    return path


@pytest.mark.parametrize("name", BAD_POSTS)
def test_a_bad_line_is_named_and_costs_only_itself(tmp_path: Path, run: Run, name: str) -> None:
    path = written(tmp_path, GOOD, BAD_POSTS[name], {**GOOD, "id": "2"})
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
    path = written(tmp_path, {**GOOD, "author": "李雷", **likes}, name=name)
    found = import_posts(
        ingest, store, [path], Wanted(covered=(Span(T0, T0.replace(hour=18)),)), lambda _: None
    )
    assert (found.read, found.new, found.bad, found.warnings) == (1, 1, 0, [])
    with store.reading() as connection:
        (post,) = queries.sample(connection, "deepseek", T0, T0.replace(hour=13), 5)
        known = coverage.read(connection, "deepseek", T0, T0.replace(hour=20))
    assert (post.text, post.url) == ("DeepSeek崩了", None)
    assert [k.span for k in known] == [Span(T0, T0.replace(hour=18))]
    if url.startswith("sqlite"):
        assert "李雷".encode() not in (tmp_path / "store.sqlite3").read_bytes()


def test_importing_again_changes_nothing(tmp_path: Path, run: Run) -> None:
    path = written(tmp_path, GOOD, {**GOOD, "id": "2"})
    span = "2026-03-01T00:00Z/2026-03-02T00:00Z"
    assert "2 new" in run("import", "posts", path, "--covered", span)[1]
    code, out, err = run("import", "posts", path, "--covered", span)
    assert code == 0
    assert "2 lines read, 0 new" in out
    assert err == ""


def test_without_covered_the_coverage_is_assumed_and_said(tmp_path: Path, run: Run) -> None:
    code, _, err = run("import", "posts", written(tmp_path, GOOD))
    assert code == 0
    assert "no --covered was given" in err


def test_a_file_cut_off_keeps_what_came_before_the_cut(tmp_path: Path, run: Run) -> None:
    lines = [{**GOOD, "id": str(n), "text": f"DeepSeek {n * 7919}"} for n in range(3000)]
    path = written(tmp_path, *lines, name="posts.jsonl.gz")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    code, out, err = run("import", "posts", path)
    assert code == 1
    assert "1 refused" in out
    assert "cut off" in err
    kept = int(out.split(" lines read, ")[1].split(" new")[0].replace(",", ""))
    assert kept > 500


def test_a_damaged_archive_keeps_what_came_before_the_damage(tmp_path: Path, run: Run) -> None:
    lines = [{**GOOD, "id": str(n), "text": f"DeepSeek {n * 7919}"} for n in range(3000)]
    path = written(tmp_path, *lines, name="posts.jsonl.gz")
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
    found = import_posts(ingest, store, [written(tmp_path, *lines)], Wanted(), lambda _: None)
    assert found.read == len(rows)
    assert found.bad <= found.read


SNAPSHOT = {
    "seen_at": "2026-03-01T12:00:00Z",
    "board": "weibo",
    "entries": [
        {"rank": 1, "title": "DeepSeek崩了", "heat": 900, "ad": False},
        {"rank": 2, "title": "广告", "heat": 800, "ad": True},
        {"rank": 3, "title": "别的", "heat": 700, "ad": False},
        {"rank": 4, "title": "置顶", "heat": None, "ad": False},
    ],
}


def test_a_snapshot_is_kept_once_and_knows_its_floor(
    tmp_path: Path, store: Store, run: Run
) -> None:
    path = written(tmp_path, SNAPSHOT, {**SNAPSHOT, "entries": []}, {"seen_at": "soon"}, SNAPSHOT)
    code, out, err = run("import", "board", path)
    assert code == 1
    assert "4 lines read, 1 new, 2 refused" in out
    assert "1 outages suggested" in out
    assert f"{path}:2: entries must be a list" in err
    with store.reading() as connection:
        assert boards.size(connection, "weibo") == (1, 4)
        assert boards.floors(connection, "weibo", T0, T0.replace(hour=13)) == [(T0, 700)]
        (seen,) = boards.sightings(connection, "weibo", ["DeepSeek崩了", "广告", "置顶"])
        (suggested,) = outages.read(connection)
    assert (seen.rank, seen.heat) == (1, 900)
    assert (suggested.origin, suggested.confirmed) == ("board", False)
    assert "0 new" in run("import", "board", written(tmp_path, SNAPSHOT))[1]


def test_first_sightings_are_kept_apart_from_snapshots(tmp_path: Path, store: Store) -> None:
    lines = [
        {"seen_at": "2026-03-01T12:00:00Z", "title": "Kimi崩了", "rank": 7},
        {"seen_at": "2026-03-01T12:00:00Z", "title": "Kimi崩了", "rank": 7},
        {"seen_at": "2026-03-02T12:00:00Z", "title": "Kimi崩了", "rank": None},
    ]
    found = import_board(store, [written(tmp_path, *lines)], lambda _: None)
    assert (found.read, found.new, found.bad) == (3, 2, 0)
    with store.reading() as connection:
        assert [f.rank for f in boards.firsts(connection, "weibo", ["Kimi崩了"])] == [7, None]
        assert boards.size(connection, "weibo") == (0, 0)


OUTAGES = {
    "outages.yaml": """
- {provider: DeepSeek, start: 2026-03-01T20:00:00+08:00, end: 2026-03-01T21:00:00+08:00}
- {provider: 月之暗面, start: "2026-03-01 20:00", zone: Asia/Shanghai, kind: degraded, title: slow}
- {provider: nobody, start: 2026-03-01T20:00:00Z}
- {provider: kimi, start: "2026-03-01 20:00"}
- {provider: kimi, start: 2026-03-01T20:00:00Z, end: 2026-03-01T19:00:00Z}
- {provider: kimi, start: 2026-03-01T20:00:00Z, kind: explosion}
- {provider: kimi, start: "2026-03-01 20:00", zone: Mars/Olympus}
""",
    "outages.csv": "provider,start,end,kind,title\n"
    "DeepSeek,2026-03-01T12:00:00Z,2026-03-01T13:00:00Z,outage,=1+1\n"
    "Kimi,2026-03-01T12:00:00Z,,degraded,slow\n"
    "nobody,2026-03-01T12:00:00Z,,,\n"
    "kimi,yesterday,,,\n"
    "kimi,,,,\n"
    "kimi,2026-03-01T20:00:00Z,2026-03-01T19:00:00Z,,\n"
    "kimi,2026-03-01T20:00:00Z,,explosion,\n",
    "outages.json": json.dumps(
        {
            "outages": [
                {
                    "provider": "deepseek",
                    "start": "2026-03-01T12:00:00Z",
                    "end": "2026-03-01T13:00:00Z",
                },
                {"provider": "kimi", "start": "2026-03-01T12:00:00Z", "kind": "degraded"},
                {"start": "2026-03-01T12:00:00Z"},
                {"provider": ["kimi"], "start": "2026-03-01T12:00:00Z"},
                {"provider": "kimi", "start": None},
                "not an object",
                {"provider": "kimi", "start": "2026-03-01T12:00:00Z", "zone": "nowhere"},
            ]
        }
    ),
}


@pytest.mark.parametrize("name", OUTAGES)
def test_outages_come_from_yaml_csv_and_json(
    tmp_path: Path, store: Store, run: Run, name: str
) -> None:
    path = tmp_path / name
    path.write_text(OUTAGES[name], encoding="utf-8")
    code, out, err = run("outages", "import", path)
    assert code == 1
    assert "7 lines read, 2 new, 5 refused" in out
    assert err.count("Refused") == 5
    with store.reading() as connection:
        known = outages.read(connection)
    assert [(o.provider, o.start, o.end is None, o.kind) for o in known] == [
        ("deepseek", T0, False, "outage"),
        ("kimi", T0, True, "degraded"),
    ]
    again = import_outages(store, path)
    with store.reading() as connection:
        assert len(outages.read(connection)) == again.new == 2


def test_yaml_that_unfolds_without_end_costs_its_entry(tmp_path: Path, run: Run) -> None:
    lines = ['a: &a ["lol", "lol", "lol", "lol", "lol", "lol", "lol", "lol"]']
    for before, name in pairwise("abcdefghij"):
        lines.append(f"{name}: &{name} [{', '.join(['*' + before] * 8)}]")
    lines.append("outages: [{provider: *j, start: 2026-01-01T00:00:00Z}]")
    path = tmp_path / "laughs.yaml"
    path.write_text("\n".join(lines))
    code, _, err = run("outages", "import", path)
    assert code == 1
    assert "provider must be one value, not list" in err


def test_yaml_that_would_run_code_is_refused(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "evil.yaml"
    path.write_text("- !!python/object/apply:os.system ['touch /tmp/owned']\n")
    code, _, err = run("outages", "import", path)
    assert code == 2
    assert "neither YAML nor JSON" in err
