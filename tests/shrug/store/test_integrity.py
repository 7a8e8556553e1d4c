"""Verification of counts against a recount, and of the file itself."""

import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, update

import shrug
from db.core.engine import Store
from db.core.models import HourlyCount
from tests.conftest import Run
from tests.shrug.filling import START


class TestVerification:
    """Counts against a recount, and the file itself."""

    def test_a_wrong_count_is_found_and_repaired(self, full: Run, store: Store, url: str) -> None:
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
        assert "3 hours differed and were rebuilt" in out
        assert full("verify")[0] == 0
        assert shrug.counts(url).equals(counts)

    def test_counts_of_deleted_posts_are_not_checked(self, full: Run, url: str) -> None:
        full("retention", "--days", 1)
        counts = shrug.counts(url)
        assert full("verify", "--fix")[0] == 0
        assert shrug.counts(url).equals(counts)

    @pytest.mark.sqlite_only
    def test_a_broken_reference_is_reported(self, full: Run, url: str) -> None:
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            connection.execute("delete from posts where external_id = '95000'")
            connection.commit()
        code, out, _ = full("verify")
        assert code == 1
        assert "refers to no row of posts" in out
