"""Scoring the posts that lack a score of the scorers in use, batch by batch."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from analysis.sentiment.plugins import DEFAULTS, named
from analysis.sentiment.scorers import Scorer
from db import facts, posts, scores
from db.engine import Store
from db.errors import BadInput
from shrug.spreading import Here, Spread

Batch = Sequence[tuple[int, str]]


def in_use(store: Store, home: Path) -> dict[str, Scorer]:
    """The scorer of each language: as chosen for this store, else the default."""
    with store.reading() as connection:
        chosen = {**DEFAULTS, **facts.chosen_scorers(connection)}
    return {language: named(name, home) for language, name in sorted(chosen.items())}


def use(store: Store, home: Path, name: str) -> Scorer:
    """Use a scorer for its languages from now on; posts are scored by it at the next `score`."""
    scorer = named(name, home)
    if not scorer.languages:
        raise BadInput(f"the scorer {name} says of no language that it can score it")
    with store.writing() as connection:
        for language in scorer.languages:
            facts.choose_scorer(connection, language, name)
    return scorer


def pending(store: Store, used: dict[str, Scorer]) -> int:
    """How many posts lack a score of the scorers in use."""
    with store.reading() as connection:
        return sum(
            posts.count_unscored(connection, [language], s.model, s.version)
            for language, s in used.items()
        )


def forget(store: Store, used: dict[str, Scorer]) -> None:
    """Drop the scores of the scorers in use, so that all is scored again."""
    with store.writing() as connection:
        for scorer in used.values():
            scores.drop(connection, scorer.model, scorer.version)


def score(
    store: Store,
    used: dict[str, Scorer],
    threads: int = 1,
    told: Callable[[int], None] = lambda _: None,
    where: Spread | None = None,
) -> int:
    """Score what is unscored; each batch is stored at once, so an interrupted run goes on.

    where: on which machines; in this process where nothing is said. Gives how many posts were
    looked at.
    """
    total, spread = 0, where or Here()
    for language, scorer in used.items():
        work = partial(_scored, threads=threads)
        batches = _unscored(store, language, scorer, spread.size)
        for batch, found in spread.over(work, scorer, batches, _texts):
            known = dict(zip(_texts(batch), found, strict=True))
            with store.writing() as connection:
                rows = [(id_, known[text]) for id_, text in batch]
                scores.write(connection, scorer.model, scorer.version, rows)
            total += len(batch)
            told(len(batch))
    return total


def _unscored(store: Store, language: str, scorer: Scorer, size: int) -> Iterator[Batch]:
    last = 0
    while True:
        with store.reading() as connection:
            batch = posts.unscored(connection, [language], scorer.model, scorer.version, last, size)
        if not batch:
            return
        yield batch
        last = batch[-1][0]


def _texts(batch: Batch) -> list[str]:
    """Reposts repeat a text: each distinct one is scored once a batch."""
    return list(dict.fromkeys(text for _, text in batch))


def _scored(scorer: Scorer, texts: Sequence[str], threads: int) -> list[float | None]:
    return list(scorer.score(texts, threads))
