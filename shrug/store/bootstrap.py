"""A store ready for use: migrated, with the catalogue's providers and ledger in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from db import catalog
from db.catalog import provider_rows
from db.core.engine import Store, open_store
from db.crawl import outages


def address(told: str) -> str:
    """The database URL of a store; a path is a SQLite file."""
    return told if "://" in told else f"sqlite:///{Path(told).expanduser().resolve()}"


@contextmanager
def opened(url: str) -> Iterator[Store]:
    """Open the store at `url`, and close it afterwards."""
    store = open_store(url)
    try:
        with store.reading() as connection:
            known = provider_rows.ids(connection)
        if set(known) < set(catalog.providers()) or not known:
            with store.writing() as connection:
                provider_rows.sync(connection, catalog.providers().values())
        yield store
    finally:
        store.close()


def sync_ledger(store: Store) -> int:
    """Put the bundled ledger into the store; gives how many outages."""
    with store.writing() as connection:
        return outages.add(connection, catalog.ledger())
