"""Scoring the posts that lack a score of the present models, batch by batch."""

from collections.abc import Callable

from analysis.sentiment.scorers import Scorer, scorers
from db import posts, scores
from db.engine import Store

BATCH = 1024


def pending(store: Store) -> int:
    """How many posts lack a score of the present models."""
    with store.reading() as connection:
        return sum(
            posts.count_unscored(connection, s.languages, s.model, s.version) for s in scorers()
        )


def forget(store: Store) -> None:
    """Drop the present models' scores, so that all is scored again."""
    with store.writing() as connection:
        for scorer in scorers():
            scores.drop(connection, scorer.model, scorer.version)


def score(store: Store, told: Callable[[int], None] = lambda _: None) -> int:
    """Score what is unscored; each batch is stored at once, so an interrupted run goes on.

    Gives how many posts were looked at.
    """
    return sum(_score(store, scorer, told) for scorer in scorers())


def _score(store: Store, scorer: Scorer, told: Callable[[int], None]) -> int:
    total = last = 0
    while True:
        with store.reading() as connection:
            batch = posts.unscored(
                connection, scorer.languages, scorer.model, scorer.version, last, BATCH
            )
        if not batch:
            return total
        # Reposts repeat a text: each distinct one is scored once a batch.
        texts = list(dict.fromkeys(text for _, text in batch))
        known = dict(zip(texts, scorer.score(texts), strict=True))
        with store.writing() as connection:
            rows = [(id_, known[text]) for id_, text in batch]
            scores.write(connection, scorer.model, scorer.version, rows)
        last = batch[-1][0]
        total += len(batch)
        told(len(batch))
