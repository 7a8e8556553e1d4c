from pathlib import Path

import pytest

from db import catalog
from db.catalog import provider_rows
from shrug.store.bootstrap import database_url, open_ready_store, sync_ledger


@pytest.mark.parametrize("url", ["postgresql://host/name", "sqlite:////tmp/x.sqlite3"])
def test_a_url_stays_as_it_is(url: str) -> None:
    assert database_url(url) == url


def test_a_path_becomes_the_url_of_a_sqlite_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert database_url("x.sqlite3") == f"sqlite:///{tmp_path.resolve() / 'x.sqlite3'}"


def test_a_new_store_has_all_providers_and_takes_the_ledger_once(url: str) -> None:
    with open_ready_store(url) as store:
        with store.reading() as connection:
            assert set(provider_rows.ids(connection)) == set(catalog.providers())
        assert sync_ledger(store) > 0
        with store.reading() as connection:
            before = connection.exec_driver_sql("select count(*) from outages").scalar_one()
        sync_ledger(store)
        with store.reading() as connection:
            after = connection.exec_driver_sql("select count(*) from outages").scalar_one()
    assert before == after > 0
