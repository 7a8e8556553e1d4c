"""Queries as JSON, stored beside a response or handed to another crawler."""

import json
from dataclasses import astuple
from datetime import datetime
from typing import Any

from crawler.items import CrawlQuery

_TIME = "$time"


def query_to_list(query: CrawlQuery) -> list[Any]:
    """Return the fields of a query, in their order, for `dump`."""
    return list(astuple(query))


def query_from_list(fields: list[Any]) -> CrawlQuery:
    """Rebuild a query from what `load` returns for `query_to_list`."""
    source, text, providers, *rest = fields
    return CrawlQuery(source, text, tuple(providers), *rest)


def dump(value: Any) -> str:
    """Write plain values and times as JSON."""
    return json.dumps(value, default=lambda at: {_TIME: at.isoformat()}, ensure_ascii=False)


def load(text: str) -> Any:
    """Read what `dump` wrote."""

    def restore(value: dict[str, Any]) -> Any:
        return datetime.fromisoformat(value[_TIME]) if set(value) == {_TIME} else value

    return json.loads(text, object_hook=restore)
