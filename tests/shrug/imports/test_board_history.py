"""Checkouts of the public archives of Weibo's board, made by the test with git itself."""

import json
import os
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from db.crawl import boards
from shrug.store.bootstrap import open_ready_store
from tests.conftest import Run

AT = datetime(2025, 8, 11, 13, 50, tzinfo=UTC)  # 21:50 in Beijing
GIT = shutil.which("git") or "git"
LATER = AT + timedelta(minutes=40)


class Checkout:
    """A repository whose commits are dated as the test says."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir()
        self.git("init", "-q")

    def git(self, *arguments: str, at: datetime = AT) -> None:
        when = at.isoformat()
        dates = {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}
        who = ("-c", "user.name=a", "-c", "user.email=a@example.org")
        subprocess.run(
            [GIT, *who, "-C", self.path, *arguments], check=True, env={**os.environ, **dates}
        )

    def commit(self, file: str, rows: object, at: datetime) -> None:
        target = self.path / file
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(rows if isinstance(rows, str) else json.dumps(rows), encoding="utf-8")
        self.git("add", ".")
        self.git("commit", "-qm", "x", at=at)


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path / "archive")


def row(title: str, hot: int, *, ads: bool = False) -> dict[str, object]:
    return {"title": title, "category": "社会", "hot": hot, "ads": ads}


def test_snapshots_are_dated_by_their_commits(checkout: Checkout, run: Run, url: str) -> None:
    first = [row("新闻", 900), row("广告", 800, ads=True), row("DeepSeek崩了", 700), row("置顶", 0)]
    checkout.commit("api/2025-08-11/21.json", first, AT)
    checkout.commit("api/2025-08-11/22.json", [row("新闻", 500)], LATER)
    checkout.commit("api/2025-08-11/summary.json", first, LATER)
    # Somebody tidied up a month later: that was no look at the board.
    checkout.commit("api/2025-08-11/21.json", [row("别的", 1)], AT + timedelta(days=30))
    code, out, said = run("import", "board", str(checkout.path))
    assert code == 0, said
    assert "2 lines read, 2 new" in out
    with open_ready_store(url) as store, store.reading() as connection:
        seen = boards.sightings(connection, "weibo", ["DeepSeek崩了", "广告", "别的"])
        looks = boards.floor_heats(connection, "weibo", AT, LATER + timedelta(hours=1))
    assert [(s.title, s.seen_at, s.rank, s.heat) for s in seen] == [("DeepSeek崩了", AT, 2, 700)]
    assert looks == [(AT, 700), (LATER, 500)]


def test_an_import_goes_on_where_the_last_one_stopped(
    checkout: Checkout, run: Run, url: str
) -> None:
    def entry(title: str, rank: int) -> dict[str, str]:
        return {"title": title, "url": f"/weibo?q=x&t=31&band_rank={rank}&Refer=top"}

    checkout.commit("raw/2025-08-11.json", [entry("旧", 1)], AT)
    assert "1 new" in run("import", "board", str(checkout.path))[1]
    # The file of a day holds every title of the day so far, in no order.
    day = [entry("DeepSeek崩了", 33), entry("旧", 2), entry("DeepSeek崩了", 23), {"url": "x"}]
    checkout.commit("raw/2025-08-11.json", day, LATER)
    code, out, said = run("import", "board", str(checkout.path))
    assert code == 0, said
    assert "1 lines read, 1 new" in out
    with open_ready_store(url) as store, store.reading() as connection:
        sightings = boards.first_sightings(connection, "weibo", ["旧", "DeepSeek崩了"])
    assert [(f.title, f.seen_at, f.rank) for f in sightings] == [
        ("旧", AT, 1),
        ("DeepSeek崩了", LATER, 33),
    ]
    assert "0 lines read, 0 new" in run("import", "board", str(checkout.path))[1]


def test_a_bad_file_costs_that_commit_only(checkout: Checkout, run: Run) -> None:
    checkout.commit("api/2025-08-11/21.json", "<html>", AT)
    checkout.commit("api/2025-08-11/22.json", [row("DeepSeek崩了", 7)], LATER)
    code, out, said = run("import", "board", str(checkout.path))
    assert code == 1
    assert "1 new" in out
    assert "api/2025-08-11/21.json" in said


def test_nothing_in_a_checkout_is_run(checkout: Checkout, run: Run, tmp_path: Path) -> None:
    checkout.commit("api/2025-08-11/21.json", [row("DeepSeek崩了", 7)], AT)
    trap = tmp_path / "sprung"
    script = tmp_path / "trap.sh"
    script.write_text(f"#!/bin/sh\ntouch {trap}\n")
    script.chmod(0o755)
    settings = {
        "core.fsmonitor": script,
        "core.pager": script,
        "diff.external": script,
        "gpg.program": script,
        "log.showSignature": "true",
        "core.hooksPath": tmp_path,
        "diff.x.textconv": script,
    }
    for name, value in settings.items():
        checkout.git("config", name, str(value))
    assert run("import", "board", str(checkout.path))[0] == 0
    assert not trap.exists()


def test_another_repository_is_named(checkout: Checkout, run: Run) -> None:
    checkout.commit("README.md", "no board here", AT)
    code, _, said = run("import", "board", str(checkout.path))
    assert code == 2
    assert "neither api/ nor raw/: no archive that is known" in said


def test_a_folder_without_a_repository_is_named(run: Run, tmp_path: Path) -> None:
    code, _, said = run("import", "board", str(tmp_path))
    assert code == 2
    assert str(tmp_path) in said
