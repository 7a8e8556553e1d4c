"""Opening of a store with today's tables and the catalog's providers in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from db import catalog
from db.catalog import provider_rows
from db.core.engine import Store, open_store
from db.crawl import outages


def database_url(text: str) -> str:
    """Return the database URL of a store given as a URL or as the path of a SQLite file."""
    return text if "://" in text else f"sqlite:///{Path(text).expanduser().resolve()}"


@contextmanager
def open_ready_store(url: str) -> Iterator[Store]:
    """Open the store at a URL, with its tables and providers up to date; close it afterwards."""
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
    """Store the outages of the bundled ledger, and return their number."""
    with store.writing() as connection:
        return outages.add(connection, catalog.ledger())
