"""What is asked, as JSON: to be kept beside an answer, or handed to another crawler."""

import json
from datetime import datetime
from typing import Any

from crawler.items import Ask

_TIME = "$time"


def told(ask: Ask) -> list[Any]:
    """An ask as a list of plain values."""
    return [
        ask.source, ask.query, list(ask.providers), ask.since, ask.until, ask.cursor, ask.url,
    ]  # fmt: skip


def ask_of(parts: list[Any]) -> Ask:
    """The ask that such a list tells."""
    source, query, providers, since, until, cursor, url = parts
    return Ask(source, query, tuple(providers), since, until, cursor, url)


def dump(value: Any) -> str:
    """JSON of plain values and times."""
    return json.dumps(value, default=lambda at: {_TIME: at.isoformat()}, ensure_ascii=False)


def load(text: str) -> Any:
    """What `dump` wrote."""

    def read(found: dict[str, Any]) -> Any:
        return datetime.fromisoformat(found[_TIME]) if set(found) == {_TIME} else found

    return json.loads(text, object_hook=read)
