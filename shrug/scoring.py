"""Scoring the posts that lack a score of the present models, batch by batch."""

from collections.abc import Callable

from analysis.sentiment.scorers import Scorer, scorers
from db import posts, scores
from db.engine import Store

BATCH = 256


def score(
    store: Store, *, again: bool = False, told: Callable[[int], None] = lambda _: None
) -> int:
    """Score what is unscored; each batch is stored at once, so an interrupted run goes on.

    Gives how many posts were looked at.
    """
    total = 0
    for scorer in scorers():
        if again:
            with store.writing() as connection:
                scores.drop(connection, scorer.model, scorer.version)
        total += _score(store, scorer, told)
    return total


def _score(store: Store, scorer: Scorer, told: Callable[[int], None]) -> int:
    known: dict[str, float | None] = {}
    total = 0
    with store.reading() as connection:
        batches = list(
            posts.unscored(connection, scorer.languages, scorer.model, scorer.version, BATCH)
        )
    for batch in batches:
        # Reposts repeat a text: each distinct one is scored once.
        fresh = list(dict.fromkeys(text for _, text in batch if text not in known))
        known.update(zip(fresh, scorer.score(fresh), strict=True))
        rows = [(id_, known[text]) for id_, text in batch]
        with store.writing() as connection:
            scores.write(connection, scorer.model, scorer.version, rows)
        total += len(batch)
        told(len(batch))
    return total
