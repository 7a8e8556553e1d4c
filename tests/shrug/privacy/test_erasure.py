"""How long posts are kept, how they are forgotten, and how a store is copied."""

import json
import os
import shutil
import socket
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, update

import shrug
from db.core.engine import Store, open_store
from db.core.errors import BadInput
from db.core.models import HourlyCount
from db.ops import backups, leases
from db.posts import exports
from shrug.daemon.lease import NAME
from shrug.privacy.pseudonyms import pseudonym
from tests.conftest import Run
from tests.shrug.filling import HISTORY, HOSTILE, START, post

SPAN = ("--from", "2026-04-13", "--to", "2026-04-20")


def verdicts(run: Run) -> list[tuple[str, object]]:
    told = json.loads(run("measure", *SPAN, "--json")[1])["outages"]
    return [(o["verdict"], o["channels"]) for o in told]


class TestRetention:
    """Text and pseudonyms go, counts and verdicts stay."""

    def test_what_was_measured_stays_as_it_was(self, full: Run, url: str) -> None:
        before, counts = verdicts(full), shrug.counts(url)
        code, out, _ = full("retention", "--days", 1)
        assert code == 0
        assert "deleted; their counts stay" in out
        assert verdicts(full) == before
        assert shrug.counts(url).equals(counts)

    def test_no_text_and_no_pseudonym_is_left(self, full: Run, url: str, tmp_path: Path) -> None:
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

    def test_what_is_past_its_time_does_not_come_in_again(
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
        left = shrug.posts(url)
        assert len(left) > 200
        assert left["created_at"].min() >= datetime.now(UTC) - timedelta(days=days + 1)

    def test_nothing_is_deleted_unless_a_time_is_set(self, full: Run, url: str) -> None:
        assert full("retention")[0] == 2
        assert not shrug.posts(url).empty


class TestForgetting:
    """A person, or a post, is gone everywhere."""

    def test_a_person_is_gone_from_posts_and_counts(self, full: Run, url: str) -> None:
        before = shrug.counts(url)["posts"].sum()
        code, out, _ = full("forget", "forum", "--author", "user95000")
        assert code == 0
        assert "Removed: 1 posts" in out
        assert shrug.counts(url)["posts"].sum() == before - 1
        assert HOSTILE[0] not in dump(url)
        assert "Removed: 0 posts" in full("forget", "forum", "--author", "user95000")[1]

    def test_a_post_is_gone_and_reports_are_made_anew(
        self, full: Run, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder = tmp_path / "reports"
        monkeypatch.setenv("SHRUG_REPORT_FOLDER", str(folder))
        full("report", "--week", "2026-W16", "--out", folder, "--by-week")
        page = folder / "2026-W16" / "report.en.md"
        assert "owned" in page.read_text()
        out = full("forget", "forum", "--post", "95000")[1]
        assert "reports made anew: 2026-W16" in out
        assert "owned" not in page.read_text()
        assert "owned" not in (folder / "2026-W16" / "report.zh.html").read_text()

    def test_kept_answers_that_hold_it_are_gone(self, full: Run, store: Store) -> None:
        from db.crawl import responses
        from db.crawl.responses import KeptAnswer

        with store.writing() as connection:
            for body in (b'{"author": "user95000"}', b'{"author": "other"}'):
                kept = KeptAnswer("forum", START, "read", "{}", "{}", "http://x", body, None)
                responses.add(connection, kept)
        assert "1 kept answers" in full("forget", "forum", "--author", "user95000")[1]
        with store.reading() as connection:
            assert len(responses.ids(connection, [], changed=False)) == 1

    def test_wrong_use_is_named(self, full: Run) -> None:
        assert full("forget", "forum")[0] == 2
        assert full("forget", "forum", "--author", "a", "--post", "b")[0] == 2


class TestKey:
    """The key behind pseudonyms, changed in time and after a leak."""

    def more(self, run: Run, folder: Path, number: int) -> None:
        path = folder / "more.jsonl"
        path.write_text(json.dumps(post(number, START, "DeepSeek again") | {"author": "user0"}))
        span = f"{START.isoformat()}/{(START + timedelta(hours=1)).isoformat()}"
        assert run("import", "posts", path, "--covered", span)[0] == 0

    def authors(self, url: str) -> dict[str, str]:
        found = shrug.posts(url)
        return dict(found[["id", "author"]].itertuples(index=False, name=None))

    def test_a_new_key_gives_new_pseudonyms_and_both_are_forgotten(
        self, full: Run, url: str, tmp_path: Path
    ) -> None:
        self.more(full, tmp_path, 700_001)
        assert full("rotate-key")[0] == 0
        self.more(full, tmp_path, 700_002)
        authors = self.authors(url)
        assert authors["700001"] == authors["0"] != authors["700002"]
        keys = list(tmp_path.glob("pseudonym.key*"))
        assert len(keys) > 1
        assert all(key.stat().st_mode & 0o077 == 0 for key in keys)
        out = full("forget", "forum", "--author", "user0", "--json")[1]
        assert json.loads(out)["posts"] == 3
        assert not {"0", "700001", "700002"} & set(self.authors(url))

    def test_a_young_key_stays(self, full: Run, tmp_path: Path) -> None:
        key = tmp_path / "pseudonym.key"
        before = key.read_bytes()
        assert "it stays" in full("rotate-key", "--days", 30)[1]
        assert key.read_bytes() == before
        old = (datetime.now(UTC) - timedelta(days=31)).timestamp()
        os.utime(key, (old, old))
        assert full("rotate-key", "--days", 30)[0] == 0
        assert key.read_bytes() != before

    def test_after_a_leak_no_key_leads_to_anybody_and_counts_stay(
        self, full: Run, url: str, tmp_path: Path
    ) -> None:
        key = tmp_path / "pseudonym.key"
        full("rotate-key")
        counts, known = shrug.counts(url), [p.read_bytes() for p in tmp_path.glob("*.key*")]
        code, out, _ = full("rotate-key", "--leaked")
        assert code == 0
        assert "can be found by no key" in out
        known.append(key.read_bytes())
        stored = set(self.authors(url).values())
        tested = {pseudonym(k, "forum", f"user{n}") for k in known for n in range(3000)}
        assert not stored & tested
        assert [p.name for p in tmp_path.glob("*.key*")] == ["pseudonym.key"]
        assert shrug.counts(url).equals(counts)
        assert full("verify")[0] == 0

    def test_a_leak_is_seen_to_while_no_daemon_writes(self, full: Run, store: Store) -> None:
        with store.writing() as connection:
            leases.take(connection, NAME, "here/1/x", datetime.now(UTC))
        assert full("rotate-key", "--leaked")[0] == 2
        assert full("rotate-key")[0] == 0


class TestVerifying:
    """Counts against a recount, and the file itself."""

    def test_a_wrong_count_is_found_and_made_anew(self, full: Run, store: Store, url: str) -> None:
        counts = shrug.counts(url)
        assert full("verify")[0] == 0
        with store.writing() as connection:
            connection.execute(
                update(HourlyCount).where(HourlyCount.hour == START).values(posts=1, voices=999)
            )
            connection.execute(
                delete(HourlyCount).where(HourlyCount.hour == START - timedelta(hours=5))
            )
            invented = {"posts": 5, "texts": 5, "authors": 5, "engagement": 0}
            source = {"provider_id": 1, "source": "nowhere", "hour": START}
            connection.execute(insert(HourlyCount).values(**source, **invented))
        code, out, _ = full("verify")
        assert code == 1
        assert "3 hours differ" in out
        code, out, _ = full("verify", "--fix")
        assert code == 0
        assert "3 hours differed and were made anew" in out
        assert full("verify")[0] == 0
        assert shrug.counts(url).equals(counts)

    def test_what_retention_left_is_taken_as_it_is(self, full: Run, url: str) -> None:
        full("retention", "--days", 1)
        counts = shrug.counts(url)
        assert full("verify", "--fix")[0] == 0
        assert shrug.counts(url).equals(counts)

    @pytest.mark.sqlite_only
    def test_a_row_that_refers_to_none_is_told(self, full: Run, url: str) -> None:
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            connection.execute("delete from posts where external_id = '95000'")
            connection.commit()
        code, out, _ = full("verify")
        assert code == 1
        assert "refers to no row of posts" in out


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


@pytest.mark.sqlite_only
class TestBackups:
    """Copies while the store is in use, and back again."""

    def test_a_backup_is_the_store_and_comes_back(
        self, full: Run, url: str, tmp_path: Path
    ) -> None:
        copy = tmp_path / "copy.sqlite3"
        before = shrug.counts(url)
        assert full("backup", "--out", copy)[0] == 0
        full("forget", "forum", "--post", "95000")
        assert not shrug.counts(url).equals(before)
        code, out, _ = full("restore", copy)
        assert code == 0
        assert shrug.counts(url).equals(before)
        kept = Path(url.removeprefix("sqlite:///")).with_name("store.sqlite3.before-restore")
        assert kept.exists()
        assert str(kept) in out

    def test_it_holds_one_instant_while_others_write(
        self, full: Run, store: Store, tmp_path: Path
    ) -> None:
        copy = tmp_path / "copy.sqlite3"
        with store.reading() as reader:
            next(iter(exports.posts(reader)))
            backups.copy(store, copy)
        backups.check(copy)
        assert copy.stat().st_mode & 0o077 == 0

    def test_only_so_many_are_kept(
        self, full: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder = tmp_path / "backups"
        monkeypatch.setenv("SHRUG_BACKUP_FOLDER", str(folder))
        folder.mkdir()
        for day in range(1, 6):
            (folder / f"shrug-2026010{day}T000000Z.sqlite3").write_text("old")
        (folder / "mine.sqlite3").write_text("not one of ours")
        assert full("backup", "--keep", 3)[0] == 0
        names = sorted(p.name for p in folder.iterdir())
        assert names[0] == "mine.sqlite3"
        assert names[1:3] == ["shrug-20260104T000000Z.sqlite3", "shrug-20260105T000000Z.sqlite3"]
        assert len(names) == 4

    def test_what_is_no_sound_backup_is_refused_and_the_store_stays(
        self, full: Run, url: str, tmp_path: Path
    ) -> None:
        before = shrug.counts(url)
        good, newer = tmp_path / "good", tmp_path / "newer"
        assert full("backup", "--out", good)[0] == 0
        (tmp_path / "text").write_text("no store")
        cut = tmp_path / "cut"
        cut.write_bytes(good.read_bytes()[: good.stat().st_size // 2])
        shutil.copy(good, newer)
        with sqlite3.connect(newer) as connection:
            connection.execute("update alembic_version set version_num = '9999'")
        connection.close()
        for bad in ("none", "text", "cut", "newer"):
            code, _, err = full("restore", tmp_path / bad)
            assert code == 2, bad
            assert str(tmp_path / bad) in err
        assert shrug.counts(url).equals(before)

    def test_a_daemon_that_was_killed_is_in_nobodys_way(
        self, full: Run, store: Store, tmp_path: Path
    ) -> None:
        full("backup", "--out", tmp_path / "copy")
        with store.writing() as connection:
            owner = f"{socket.gethostname()}/{2**22 + 1}/x"
            leases.take(connection, NAME, owner, datetime.now(UTC))
        assert full("restore", tmp_path / "copy")[0] == 0

    def test_nothing_is_restored_under_a_daemon(
        self, full: Run, store: Store, tmp_path: Path
    ) -> None:
        full("backup", "--out", tmp_path / "copy")
        with store.writing() as connection:
            leases.take(connection, NAME, "here/1/x", datetime.now(UTC))
        code, _, err = full("restore", tmp_path / "copy")
        assert code == 2
        assert "daemon" in err


@pytest.mark.postgresql_only
def test_a_server_is_not_backed_up_by_us(store: Store, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="pg_dump"):
        backups.copy(store, tmp_path / "x")
