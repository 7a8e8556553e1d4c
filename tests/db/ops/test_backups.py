"""A backup is a sound copy, and takes the place of a damaged store."""

from pathlib import Path

import pytest

from db.core.engine import Store
from db.core.errors import BadInput
from db.ops import backups
from db.posts import queries, storage
from shrug.store.bootstrap import open_ready_store
from tests.db.samples import new_post, page

pytestmark = pytest.mark.sqlite_only


def test_a_restored_backup_replaces_a_store_which_is_moved_aside(
    store: Store, url: str, tmp_path: Path
) -> None:
    backup, steps = tmp_path / "backup.sqlite3", list[tuple[int, int]]()
    backups.copy(store, backup, lambda done, total: steps.append((done, total)))
    assert steps[-1][0] == steps[-1][1] > 0
    with store.writing() as connection:
        storage.store_page(connection, page(), [new_post("a")])
    store.close()
    before = backups.restore(backup, url)
    for path, sources in ((f"sqlite:///{before}", ["hackernews"]), (url, [])):
        with open_ready_store(path) as opened, opened.reading() as connection:
            assert queries.sources(connection) == sources


@pytest.mark.parametrize("content", [b"not a database " * 99, b""], ids=["text", "empty"])
def test_a_file_that_is_no_store_is_not_restored(
    store: Store, url: str, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "other"
    path.write_bytes(content)
    with pytest.raises(BadInput, match="not a store of shrug"):
        backups.restore(path, url)
    assert store.file is not None
    assert not list(tmp_path.glob("*.before-restore"))
