"""Every migration, forward and back, on a store with something in it."""

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import text

from db.core.engine import Store, known_revisions, migrations_config, open_store, revisions
from db.posts import storage
from tests.db.core.test_engine import new_post, page

STEPS = [s.revision for s in ScriptDirectory.from_config(migrations_config()).walk_revisions()]


def moved(store: Store, revision: str) -> None:
    """Bring a store to a revision, forward or back."""
    config = migrations_config()
    current, _ = revisions(store)
    go = command.downgrade if (current or "") > revision else command.upgrade
    with store.writing() as connection:
        config.attributes["connection"] = connection
        go(config, revision)


def kept(store: Store) -> list[tuple[object, ...]]:
    """What every version has: posts, mentions, counts, coverage."""
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
def test_back_to_a_former_version_and_forward_again_nothing_is_lost(
    filled: Store, url: str, revision: str
) -> None:
    before = kept(filled)
    assert len(before) >= 4
    moved(filled, revision)
    assert revisions(filled)[0] == revision
    assert kept(filled) == before
    # As it is opened: that brings it to the newest version.
    again = open_store(url)
    assert revisions(again) == (max(STEPS), max(STEPS))
    assert kept(again) == before
    with again.writing() as connection:
        new = storage.store_page(connection, page(), [new_post("a"), new_post("c")])
    assert new == 1
    again.close()


def test_revisions_are_one_line() -> None:
    assert sorted(STEPS) == [f"{n:04}" for n in range(1, len(STEPS) + 1)]


def test_what_the_files_are_called_is_what_alembic_knows() -> None:
    """A store that is up to date is opened without loading Alembic."""
    assert known_revisions() == STEPS[::-1]
