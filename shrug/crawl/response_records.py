"""Conversion of recorded responses to and from records of the store."""

from crawler.items import RecordedResponse
from crawler.serialization import dump, load, query_from_list, query_to_list
from db.crawl.responses import ResponseRecord


def to_record(recorded: RecordedResponse) -> ResponseRecord:
    """Convert a recorded response to a record of the store."""
    return ResponseRecord(
        source=recorded.query.source,
        fetched_at=recorded.fetched_at,
        callback=recorded.callback,
        ask=dump(query_to_list(recorded.query)),
        kept=dump(dict(recorded.arguments)),
        address=recorded.address,
        body=recorded.body,
        changed=recorded.form_error,
    )


def from_record(answer: ResponseRecord) -> RecordedResponse:
    """Convert a record of the store to a recorded response."""
    return RecordedResponse(
        callback=answer.callback,
        query=query_from_list(load(answer.ask)),
        arguments=load(answer.kept),
        address=answer.address,
        body=answer.body,
        form_error=answer.changed,
        fetched_at=answer.fetched_at,
    )
