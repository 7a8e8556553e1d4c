"""The ledger of outages keeps what a person confirmed."""

from datetime import datetime

from db.core.engine import Store
from db.core.records import NewOutage
from db.crawl import outages
from tests.db.samples import HOUR, T0


def test_a_confirmed_suggestion_survives_new_suggestions(store: Store) -> None:
    def suggested(start: datetime) -> NewOutage:
        id_ = f"weibo/deepseek/{start.isoformat()}"
        return NewOutage(
            "deepseek", start, start + HOUR, "outage", "t", "board", id_, confirmed=False
        )

    with store.writing() as connection:
        outages.replace_suggested(
            connection, "board", "weibo/", [suggested(T0), suggested(T0 + 9 * HOUR)]
        )
        known = outages.read(connection)
        assert outages.confirm(connection, known[0].id)
        assert not outages.confirm(connection, 999)
        outages.replace_suggested(connection, "board", "weibo/", [suggested(T0)])
        outages.replace_suggested(connection, "board", "weibo/", [])
        known = outages.read(connection)
    assert [(o.start, o.confirmed) for o in known] == [(T0, True)]
