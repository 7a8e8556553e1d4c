"""Responses are stored compressed and come back as they were."""

from dataclasses import replace

from db.core.engine import Store
from db.crawl import responses
from db.crawl.responses import ResponseRecord
from tests.db.samples import HOUR, T0

RESPONSE = ResponseRecord(
    "forum", T0, "parse", "{}", "[]", "https://forum.example", b"\0\xff", None
)


def test_a_response_comes_back_as_it_was(store: Store) -> None:
    with store.writing() as connection:
        responses.add(connection, RESPONSE)
        [id_] = responses.ids(connection, [], changed=False)
        assert responses.read(connection, id_) == replace(RESPONSE, id=id_)


def test_responses_are_selected_by_source_time_and_format(store: Store) -> None:
    with store.writing() as connection:
        for n, source in enumerate(("forum", "news", "forum")):
            response = replace(RESPONSE, source=source, fetched_at=T0 + n * HOUR)
            responses.add(connection, response)
        first, news, last = responses.ids(connection, [], changed=False)
        responses.mark_changed(connection, last, "no title")
        assert responses.ids(connection, ["forum"], changed=False) == [first, last]
        assert responses.ids(connection, [], changed=True) == [last]
        assert responses.ids(connection, [], changed=False, since=T0 + HOUR) == [news, last]
        assert responses.prune(connection, T0 + HOUR) == 1
        assert responses.ids(connection, [], changed=False) == [news, last]
