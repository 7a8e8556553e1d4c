"""Opening a store: migrated to what the models say, one writer, clear about what fails."""

import re
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from db.core.engine import Store, open_store
from db.core.errors import BadInput, ShrugError
from db.core.models import Base
from db.posts import queries, storage
from shrug.store.bootstrap import open_ready_store
from tests.db.samples import HOUR, T0, new_post, page, stored_counts
from tests.waiting import MAX_WAIT_SECONDS

# On PostgreSQL posts and mentions are in partitions (migration 0011): nothing refers to them, and
# their keys hold the time as well.
PARTITIONED = re.compile(
    r"fk_\w+_post_id_posts|uq_posts_source_external_id|(posts|mentions)_\d{4}_\d\d"
)


def test_migrations_create_the_tables_of_the_models(store: Store) -> None:
    def compared(_: object, name: str | None, *__: object) -> bool:
        return store.file is not None or not PARTITIONED.match(name or "")

    opts = {"compare_type": True, "include_object": compared}
    with store.reading() as connection:
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, Base.metadata) == []


@pytest.mark.sqlite_only
def test_sqlite_runs_with_a_write_ahead_log_and_foreign_keys(store: Store) -> None:
    with store.reading() as connection:
        assert connection.execute(text("pragma journal_mode")).scalar() == "wal"
        assert connection.execute(text("pragma foreign_keys")).scalar() == 1
    with pytest.raises(IntegrityError), store.writing() as connection:
        connection.execute(
            text("insert into mentions values (99, 1, 'subject', 's', '2026-01-01')")
        )


def test_readers_see_one_state_while_a_writer_writes(store: Store, url: str) -> None:
    with store.reading() as before, open_ready_store(url) as other:
        assert queries.count_posts(before, "hackernews", T0, T0 + HOUR) == 0
        with other.writing() as connection:
            storage.store_page(connection, page(), [new_post("a")])
        assert queries.count_posts(before, "hackernews", T0, T0 + HOUR) == 0
    with store.reading() as after:
        assert queries.count_posts(after, "hackernews", T0, T0 + HOUR) == 1


def test_writers_wait_for_each_other(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("db.core.engine.BUSY_SECONDS", MAX_WAIT_SECONDS)
    failures: list[BaseException] = []

    def write(name: str) -> None:
        try:
            with open_ready_store(url) as store:
                for number in range(20):
                    with store.writing() as connection:
                        storage.store_page(connection, page(), [new_post(f"{name}{number}")])
        except BaseException as error:
            failures.append(error)

    with open_ready_store(url):
        threads = [threading.Thread(target=write, args=(name,)) for name in "abc"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failures == []
    with open_ready_store(url) as store:
        assert [row[1] for row in stored_counts(store)] == [60]


@pytest.mark.parametrize(
    ("url", "error", "words"),
    [
        ("no url at all", BadInput, "not a database URL"),
        ("sqlite:////proc/nothing/here.sqlite3", ShrugError, "cannot be opened"),
        ("nosuchdialect://host/db", ShrugError, "nosuchdialect"),
    ],
)
def test_a_store_that_cannot_be_opened_raises_its_reason(
    url: str, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        open_store(url)


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("my notes, not a database, and longer than a header " * 50)
    with pytest.raises(ShrugError, match="not a database"):
        open_store(f"sqlite:///{path}")
    assert path.read_text().startswith("my notes")


def test_a_locked_store_raises_one_line(
    url: str, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.core.engine.BUSY_SECONDS", 0.1)
    impatient = open_store(url)
    with (
        store.writing(),
        pytest.raises(ShrugError, match=r"locked|lock timeout"),
        impatient.writing() as connection,
    ):
        storage.store_page(connection, page(), [new_post("a")])
    impatient.close()


@pytest.mark.sqlite_only
def test_a_relative_file_has_an_absolute_url(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with open_ready_store("sqlite:///relative.sqlite3") as store:
        monkeypatch.chdir("/")
        assert store.url == f"sqlite:///{tmp_path / 'relative.sqlite3'}"
        with open_ready_store(store.url) as again:
            assert again.url == store.url
