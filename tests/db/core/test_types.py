"""Times are stored in UTC; those without a zone are refused."""

from datetime import datetime

import pytest

from db.core.engine import Store
from db.posts import queries, storage
from tests.db.samples import HOUR, T0, new_post, page


def test_times_without_a_zone_are_refused_and_others_come_back_as_utc(store: Store) -> None:
    beijing = datetime.fromisoformat("2026-03-01T20:00:00+08:00")
    with store.writing() as connection:
        storage.store_page(connection, page(), [new_post("a", beijing)])
    with store.reading() as connection:
        times = queries.mention_times(connection, "deepseek", "hackernews", T0, T0 + HOUR)
        assert [at for at, _ in times] == [T0]
    with pytest.raises(Exception, match="without a zone"), store.writing() as connection:
        storage.store_page(connection, page(), [new_post("b", beijing.replace(tzinfo=None))])
