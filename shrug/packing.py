"""An answer with all that its reader was told, as it is kept."""

import json
from datetime import datetime
from typing import Any

from crawler.items import Ask, Asked
from db.answers import KeptAnswer

_TIME = "$time"


def packed(asked: Asked) -> KeptAnswer:
    """As the store keeps it."""
    ask = asked.ask
    told = [
        ask.source, ask.query, list(ask.providers), ask.since, ask.until, ask.cursor, ask.url,
    ]  # fmt: skip
    return KeptAnswer(
        source=ask.source,
        fetched_at=asked.at,
        callback=asked.callback,
        ask=_dump(told),
        kept=_dump(dict(asked.kept)),
        address=asked.address,
        body=asked.body,
        changed=asked.changed,
    )


def unpacked(answer: KeptAnswer) -> Asked:
    """As its spider takes it."""
    source, query, providers, since, until, cursor, url = _load(answer.ask)
    return Asked(
        callback=answer.callback,
        ask=Ask(source, query, tuple(providers), since, until, cursor, url),
        kept=_load(answer.kept),
        address=answer.address,
        body=answer.body,
        changed=answer.changed,
        at=answer.fetched_at,
    )


def _dump(value: Any) -> str:
    return json.dumps(value, default=lambda at: {_TIME: at.isoformat()}, ensure_ascii=False)


def _load(text: str) -> Any:
    def told(found: dict[str, Any]) -> Any:
        return datetime.fromisoformat(found[_TIME]) if set(found) == {_TIME} else found

    return json.loads(text, object_hook=told)
