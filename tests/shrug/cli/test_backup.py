"""Copies of a store in use, and their restoration."""

import shutil
import socket
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

import shrug
from db.core.engine import Store
from db.core.errors import BadInput
from db.ops import backups, leases
from db.posts import exports
from shrug.daemon.lease import NAME
from tests.conftest import Run


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
        replaced_store = Path(url.removeprefix("sqlite:///")).with_name(
            "store.sqlite3.before-restore"
        )
        assert replaced_store.exists()
        assert str(replaced_store) in out

    def test_a_backup_holds_one_instant_while_others_write(
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

    def test_a_damaged_backup_is_refused_and_the_store_stays(
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
