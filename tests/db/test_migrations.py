"""Every migration, forward and back, on a store with something in it."""

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import text

from db.core.engine import Store, known_revisions, migrations_config, open_store, revisions
from db.posts import storage
from shrug.store.bootstrap import open_ready_store
from tests.db.samples import HOUR, T0, new_post, page, stored_counts

STEPS = [s.revision for s in ScriptDirectory.from_config(migrations_config()).walk_revisions()]


def migrate_to(store: Store, revision: str) -> None:
    """Bring a store to a revision, forward or back."""
    config = migrations_config()
    current, _ = revisions(store)
    step = command.downgrade if (current or "") > revision else command.upgrade
    with store.writing() as connection:
        config.attributes["connection"] = connection
        step(config, revision)


def common_rows(store: Store) -> list[tuple[object, ...]]:
    """Rows of what every revision has: posts, mentions, counts, coverage."""
    queries = (
        "select source, external_id, created_at, text, author from posts order by 1, 2",
        "select post_id, provider_id, role from mentions order by 1, 2",
        "select provider_id, source, hour, posts, texts from hourly_counts order by 1, 2, 3",
        "select source, query, capped from coverage_spans order by 1, 2",
    )
    with store.reading() as connection:
        return [tuple(row) for query in queries for row in connection.execute(text(query))]


@pytest.fixture
def filled(store: Store) -> Store:
    with store.writing() as connection:
        storage.store_page(connection, page(), [new_post("a"), new_post("b", author="x")])
    return store


@pytest.mark.parametrize("revision", sorted(STEPS)[:-1])
def test_downgrade_and_upgrade_lose_nothing(filled: Store, url: str, revision: str) -> None:
    before = common_rows(filled)
    assert len(before) >= 4
    migrate_to(filled, revision)
    assert revisions(filled)[0] == revision
    assert common_rows(filled) == before
    # As it is opened: that brings it to the newest version.
    again = open_store(url)
    assert revisions(again) == (max(STEPS), max(STEPS))
    assert common_rows(again) == before
    with again.writing() as connection:
        new = storage.store_page(connection, page(), [new_post("a"), new_post("c")])
    assert new == 1
    again.close()


def test_revisions_are_numbered_in_one_line() -> None:
    assert sorted(STEPS) == [f"{n:04}" for n in range(1, len(STEPS) + 1)]


def test_file_names_give_the_revisions_that_alembic_knows() -> None:
    """A store that is up to date is opened without loading Alembic."""
    assert known_revisions() == STEPS[::-1]


def test_upgrading_to_voices_counts_stored_posts_again(store: Store, url: str) -> None:
    with store.writing() as connection:
        copies = [new_post(i, fingerprint=7, author=f"a{i}") for i in "abc"]
        storage.store_page(connection, page(), [*copies, new_post("d", T0 + HOUR, author=None)])
    before = stored_counts(store)
    migrate_to(store, "0002")
    with open_ready_store(url) as again:
        assert stored_counts(again) == before
    assert [row[5] for row in before] == [1, 1]
