"""Old months lie in files, and nobody notices: figures, counts and posts stay what they were."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from sqlalchemy import text

from db import archives, posts
from db.engine import Store
from db.errors import BadInput
from db.records import Page
from shrug import archiving
from shrug.opening import opened
from shrug.rematching import rematch
from tests.conftest import Run
from tests.processes import Fault, run
from tests.shrug.filling import START, post
from tests.shrug.test_rematch import Rename, names, rename

__all__ = ["rename"]
# Everything in the filled store is older than three months.
OLD = ("--months", "3")
TABLES = ("posts", "mentions", "scores", "readings", "hourly_counts", "hourly_speech")


def held(url: str, *tables: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of these tables."""
    with opened(url) as store, store.reading() as connection:
        return {
            name: sorted(
                (tuple(row) for row in connection.execute(text(f"select * from {name}"))),  # noqa: S608
                key=str,
            )
            for name in tables
        }


def shown(run_: Run) -> list[str]:
    """What users see: figures, the posts behind them, and an export."""
    until = ("--to", "2026-04-18")
    figures = json.loads(run_("measure", "--json", *until)[1])
    ids = [outage["id"] for outage in figures["outages"]]
    told = [run_("explain", id_)[1] for id_ in ids]
    return [json.dumps(figures), *told, run_("export", "posts")[1]]


@pytest.fixture
def put_away(full: Run, tmp_path: Path) -> Path:
    """The folder of the files that all posts of the filled store lie in."""
    code, out, err = full("archive", "make", *OLD, "--out", tmp_path / "archive")
    assert code == 0, err
    assert "months of sources are in files now" in out
    return tmp_path / "archive"


def test_what_users_see_is_the_same(full: Run, url: str, tmp_path: Path) -> None:
    before = shown(full)
    assert '"verdict": "noticed"' in before[0]
    full("archive", "make", *OLD, "--out", tmp_path / "archive")
    assert held(url, "posts", "mentions", "scores", "readings") == {
        "posts": [], "mentions": [], "scores": [], "readings": [],
    }  # fmt: skip
    assert shown(full) == before
    assert "0 hours differ" in full("verify")[1]


def test_a_window_over_both_is_read_as_one(full: Run, url: str, tmp_path: Path) -> None:
    """The outage's own month stays in the store, its baseline lies in files."""
    before = shown(full)
    folder = tmp_path / "archive"
    with opened(url) as store:
        archiving.make(store, START.replace(day=1, hour=0), folder)
    assert 0 < len(held(url, "posts")["posts"]) < 3000
    assert shown(full) == before
    code, out, _ = full("archive", "list", "--json")
    assert code == 0
    assert json.loads(out)["month"] == "2026-03"


def test_what_is_brought_back_is_what_was_put_away(full: Run, url: str, tmp_path: Path) -> None:
    before = held(url, *TABLES)
    folder = tmp_path / "archive"
    full("archive", "make", *OLD, "--out", folder)
    assert len(list(folder.rglob("*.parquet"))) == 2
    code, out, _ = full("archive", "restore")
    assert code == 0
    assert "back in the store" in out
    assert held(url, *TABLES) == before
    assert list(folder.rglob("*.parquet")) == []


def test_anybody_can_read_the_files(full: Run, put_away: Path) -> None:
    found = (
        duckdb.connect()
        .execute(
            f"select count(*), count(distinct author), min(text) from '{put_away}/forum/*.parquet' "  # noqa: S608
            "where list_contains(list_transform(mentions, lambda m: m.provider), 'deepseek')"
        )
        .fetchone()
    )
    assert found is not None
    assert found[0] > 3000


def test_a_late_post_brings_its_month_back(
    full: Run, url: str, put_away: Path, tmp_path: Path, fresh: Callable[[], str]
) -> None:
    late = tmp_path / "late.jsonl"
    late.write_text(json.dumps(post(777_777, START, "DeepSeek is down, said late")))
    span = f"{START.isoformat()}/{(START + timedelta(hours=1)).isoformat()}"
    assert full("import", "posts", late, "--covered", span)[0] == 0
    kept = held(url, "posts")["posts"]
    assert 1 < len(kept) < 3000
    assert "0 hours differ" in full("verify")[1]
    # No id was given twice: the other month comes back beside it.
    assert full("archive", "restore")[0] == 0
    assert len({row[0] for row in held(url, "posts")["posts"]}) == len(held(url, "posts")["posts"])
    assert "0 hours differ" in full("verify")[1]


def test_a_month_put_away_again_as_it_was_keeps_its_file(
    full: Run, store: Store, put_away: Path
) -> None:
    files = sorted(put_away.rglob("*.parquet"))
    with store.writing() as connection:
        archives.bring_back(connection, archives.known(connection))
    # As where a crawl brings a month back while others are put away.
    for source, month in (("forum", datetime(2026, n, 1, tzinfo=UTC)) for n in (3, 4)):
        with store.writing() as connection:
            archives.put_away(connection, source, month, put_away)
    archiving.tidy(store)
    assert sorted(put_away.rglob("*.parquet")) == files
    assert full("archive", "check")[0] == 0


def test_ids_of_what_lies_in_files_stay_theirs(full: Run, store: Store, put_away: Path) -> None:
    from tests.db.test_store import new_post

    with store.writing() as connection:
        posts.store_page(connection, Page("elsewhere", "q"), [new_post("a")])
    assert full("archive", "restore")[0] == 0
    assert "0 hours differ" in full("verify")[1]


def test_what_is_gone_at_its_source_goes_from_files(
    full: Run, url: str, store: Store, put_away: Path
) -> None:
    with store.writing() as connection:
        posts.store_page(connection, Page("forum", "q", deleted=("90000", "unknown")), [])
    code, out, _ = full("archive", "make", *OLD)
    assert code == 0
    assert "1 posts that are gone" in out
    full("archive", "restore")
    assert "90000" not in {row[2] for row in held(url, "posts")["posts"]}
    assert "0 hours differ" in full("verify")[1]


def test_a_person_is_forgotten_in_files_too(full: Run, put_away: Path) -> None:
    assert "1 posts" in full("forget", "forum", "--author", "user90000")[1]
    full("archive", "make", *OLD)
    left = [path.read_bytes() for path in put_away.rglob("*.parquet")]
    assert len(left) == 2
    assert "90000" not in [
        json.loads(line)["id"] for line in full("export", "posts")[1].splitlines()
    ]


def test_what_is_past_its_time_is_blanked_in_files_once(
    full: Run, url: str, put_away: Path
) -> None:
    before = full("measure", "--json", "--to", "2026-04-18")[1]
    assert full("retention", "--days", "30")[0] == 0
    assert {row[4] for row in held(url, "posts")["posts"]} == {""}
    full("archive", "make", *OLD)
    files = sorted(put_away.rglob("*.parquet"))
    told = full("retention", "--days", "30")[1]
    assert "0 posts" in told
    assert sorted(put_away.rglob("*.parquet")) == files
    after = json.loads(full("measure", "--json", "--to", "2026-04-18")[1])
    kept = json.loads(before)
    assert [o["verdict"] for o in after["outages"]] == [o["verdict"] for o in kept["outages"]]


def test_a_new_name_is_found_in_files(
    full: Run, store: Store, put_away: Path, rename: Rename
) -> None:
    rename("kimi", (*names("kimi"), ("attempt", False)))
    assert rematch(store).changed == 200
    # The month that holds no such name stays where it is.
    assert len(list(put_away.rglob("*.parquet"))) == 1


@pytest.mark.parametrize("harm", ["gone", "damaged"])
def test_a_file_that_is_gone_or_damaged_is_named(full: Run, put_away: Path, harm: str) -> None:
    path = sorted(put_away.rglob("2026-04*.parquet"))[0]
    if harm == "gone":
        path.rename(path.with_suffix(".away"))
    else:
        body = bytearray(path.read_bytes())
        body[len(body) // 2] ^= 1
        path.write_bytes(body)
    for command in (("measure", "--to", "2026-04-18"), ("archive", "restore")):
        code, _, err = full(*command)
        assert code == 2
        assert path.name in err
    code, out, err = full("archive", "check")
    assert code == 1
    assert path.name in err
    assert "1 are damaged or gone" in out


def test_a_file_that_is_put_back_is_read_and_nothing_else_is_changed(
    full: Run, store: Store, url: str, put_away: Path
) -> None:
    path = sorted(put_away.rglob("2026-04*.parquet"))[0]
    window = START, START + timedelta(hours=2)
    away = path.rename(path.with_suffix(".away"))
    # By the same process, as the page does.
    with pytest.raises(BadInput), store.reading(*window):
        pass
    away.rename(path)
    with store.reading(*window) as connection:
        assert len(posts.times(connection, "deepseek", "forum", *window)) >= 200
    assert held(url, "posts", "mentions") == {"posts": [], "mentions": []}


def test_files_may_move(full: Run, put_away: Path, tmp_path: Path) -> None:
    before = shown(full)
    put_away.rename(tmp_path / "elsewhere")
    assert full("measure", "--to", "2026-04-18")[0] == 2
    assert full("archive", "folder", tmp_path / "elsewhere")[0] == 0
    assert shown(full) == before


@pytest.mark.parametrize("commit", [1, 3, 4, 5])
def test_killed_at_any_commit_nothing_is_lost(
    full: Run, url: str, tmp_path: Path, commit: int
) -> None:
    before = held(url, *TABLES)
    command = ("archive", "make", *OLD, "--out", tmp_path / "archive", "--database", url)
    for when in ("before", "after"):
        run(*command, fault=Fault(kill=commit, when=when))
    assert run(*command).code == 0
    assert full("archive", "restore")[0] == 0
    assert held(url, *TABLES) == before


def test_without_an_age_nothing_is_put_away(full: Run, url: str) -> None:
    code, _, err = full("archive", "make")
    assert code == 2
    assert "--months" in err
    assert full("archive", "restore")[0] == 2
