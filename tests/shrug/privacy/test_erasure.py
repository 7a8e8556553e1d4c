"""Retention, and the erasure of a person or a post."""

import json
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import shrug
from db.core.engine import Store, open_store
from tests.conftest import Run
from tests.shrug.filling import HISTORY, HOSTILE, START, post

SPAN = ("--from", "2026-04-13", "--to", "2026-04-20")


def verdicts(run: Run) -> list[tuple[str, object]]:
    outages = json.loads(run("measure", *SPAN, "--json")[1])["outages"]
    return [(o["verdict"], o["channels"]) for o in outages]


class TestRetention:
    """Text and pseudonyms go, counts and verdicts stay."""

    def test_retention_changes_no_figure(self, full: Run, url: str) -> None:
        before, counts = verdicts(full), shrug.counts(url)
        code, out, _ = full("retention", "--days", 1)
        assert code == 0
        assert "deleted; their counts stay" in out
        assert verdicts(full) == before
        assert shrug.counts(url).equals(counts)

    def test_retention_leaves_no_text_and_no_pseudonym(
        self, full: Run, url: str, tmp_path: Path
    ) -> None:
        authors = set(shrug.posts(url)["author"])
        assert len(authors) > 1000
        full("retention", "--days", 1)
        assert shrug.posts(url).empty
        dumped = dump(url)
        assert "Tried DeepSeek" not in dumped
        assert HOSTILE[0] not in dumped
        assert not any(author in dumped for author in sorted(authors)[:200])
        assert "forum.example" not in dumped
        quotes = json.loads(full("measure", *SPAN, "--json")[1])["outages"][0]["posts"]
        assert quotes == []

    def test_posts_older_than_the_period_are_not_imported_again(
        self, full: Run, url: str, tmp_path: Path
    ) -> None:
        counts = shrug.counts(url)
        full("retention", "--days", 1)
        path = tmp_path / "again.jsonl"
        path.write_text(json.dumps(post(0, HISTORY, "Tried DeepSeek on task 0")))
        full("import", "posts", path, "--covered", f"{HISTORY.isoformat()}/{START.isoformat()}")
        assert shrug.posts(url).empty
        assert shrug.counts(url).equals(counts)

    def test_young_posts_are_kept(self, full: Run, url: str) -> None:
        days = (datetime.now(UTC) - START).days + 1
        full("retention", "--days", days)
        remaining = shrug.posts(url)
        assert len(remaining) > 200
        assert remaining["created_at"].min() >= datetime.now(UTC) - timedelta(days=days + 1)

    def test_nothing_is_deleted_without_a_period(self, full: Run, url: str) -> None:
        assert full("retention")[0] == 2
        assert not shrug.posts(url).empty


class TestErasure:
    """A person, or a post, is gone everywhere."""

    def test_a_person_is_removed_from_posts_and_counts(self, full: Run, url: str) -> None:
        before = shrug.counts(url)["posts"].sum()
        code, out, _ = full("forget", "forum", "--author", "user95000")
        assert code == 0
        assert "Removed: 1 posts" in out
        assert shrug.counts(url)["posts"].sum() == before - 1
        assert HOSTILE[0] not in dump(url)
        assert "Removed: 0 posts" in full("forget", "forum", "--author", "user95000")[1]

    def test_a_post_is_removed_and_reports_are_rewritten(
        self, full: Run, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder = tmp_path / "reports"
        monkeypatch.setenv("SHRUG_REPORT_FOLDER", str(folder))
        full("report", "--week", "2026-W16", "--out", folder, "--by-week")
        page = folder / "2026-W16" / "report.en.md"
        assert "owned" in page.read_text()
        out = full("forget", "forum", "--post", "95000")[1]
        assert "reports rewritten: 2026-W16" in out
        assert "owned" not in page.read_text()
        assert "owned" not in (folder / "2026-W16" / "report.zh.html").read_text()

    def test_stored_responses_that_contain_it_are_removed(self, full: Run, store: Store) -> None:
        from db.crawl import responses
        from db.crawl.responses import ResponseRecord

        with store.writing() as connection:
            for body in (b'{"author": "user95000"}', b'{"author": "other"}'):
                response = ResponseRecord(
                    "forum", START, "read", "{}", "{}", "http://x", body, None
                )
                responses.add(connection, response)
        assert "1 stored responses" in full("forget", "forum", "--author", "user95000")[1]
        with store.reading() as connection:
            assert len(responses.ids(connection, [], changed=False)) == 1

    def test_wrong_use_is_named(self, full: Run) -> None:
        assert full("forget", "forum")[0] == 2
        assert full("forget", "forum", "--author", "a", "--post", "b")[0] == 2


def dump(url: str) -> str:
    """All that a store holds, as text."""
    if url.startswith("sqlite"):
        with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
            return "\n".join(connection.iterdump())
    store = open_store(url)
    with store.reading() as connection:
        rows = connection.exec_driver_sql("select * from posts").all()
    store.close()
    return "\n".join(map(str, rows))
