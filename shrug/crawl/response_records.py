"""An answer with all that its reader was told, as it is kept."""

from crawler.items import Asked
from crawler.serialization import ask_of, dump, load, told
from db.crawl.responses import KeptAnswer


def packed(asked: Asked) -> KeptAnswer:
    """As the store keeps it."""
    return KeptAnswer(
        source=asked.ask.source,
        fetched_at=asked.at,
        callback=asked.callback,
        ask=dump(told(asked.ask)),
        kept=dump(dict(asked.kept)),
        address=asked.address,
        body=asked.body,
        changed=asked.changed,
    )


def unpacked(answer: KeptAnswer) -> Asked:
    """As its spider takes it."""
    return Asked(
        callback=answer.callback,
        ask=ask_of(load(answer.ask)),
        kept=load(answer.kept),
        address=answer.address,
        body=answer.body,
        changed=answer.changed,
        at=answer.fetched_at,
    )
