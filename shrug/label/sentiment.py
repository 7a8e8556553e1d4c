"""Scoring posts that lack a score of the scorers in use, and the choice of scorers."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from functools import partial
from pathlib import Path
from typing import Any

from analysis.sentiment.plugins import DEFAULTS, load_scorer
from analysis.sentiment.scorers import Scorer
from db.core import metadata
from db.core.engine import Store
from db.core.errors import BadInput
from db.posts import scores
from shrug.label.backlog import POSTS_PER_BATCH, Backlog


def scorers_in_use(store: Store, home: Path) -> dict[str, Scorer]:
    """Return the scorer of each language: the one chosen for this store, or the default."""
    with store.reading() as connection:
        chosen = {**DEFAULTS, **metadata.chosen_scorers(connection)}
    return {language: load_scorer(name, home) for language, name in sorted(chosen.items())}


def choose_scorer(store: Store, home: Path, name: str) -> Scorer:
    """Use a scorer for its languages from now on. Raises BadInput if it has none."""
    scorer = load_scorer(name, home)
    if not scorer.languages:
        raise BadInput(f"the scorer {name} says of no language that it can score it")
    with store.writing() as connection:
        for language in scorer.languages:
            metadata.choose_scorer(connection, language, name)
    return scorer


def count_pending(store: Store, scorers: dict[str, Scorer]) -> int:
    """Return the number of posts that lack a score of these scorers."""
    with store.reading() as connection:
        return sum(
            scores.count_unscored(connection, [language], scorer.model, scorer.version)
            for language, scorer in scorers.items()
        )


def drop_scores(store: Store, scorers: dict[str, Scorer]) -> None:
    """Delete the scores of these scorers, so that all posts are scored again."""
    with store.writing() as connection:
        for scorer in scorers.values():
            scores.delete_scores(connection, scorer.model, scorer.version)


def score_posts(
    store: Store,
    scorers: dict[str, Scorer],
    threads: int = 1,
    on_progress: Callable[[int], None] = lambda _: None,
    executor: Executor | None = None,
) -> int:
    """Score all pending posts and return their number; each batch is stored at once.

    executor: None is this process. Workers on other machines must reach the store by the same
    address.
    """
    total = 0
    for language, scorer in scorers.items():
        model: dict[str, Any] = {"model": scorer.model, "version": scorer.version}
        backlog = Backlog(
            store,
            partial(scores.unscored_range, langs=[language], **model, limit=POSTS_PER_BATCH),
            partial(scores.unscored, langs=[language], **model),
            partial(_score, scorer, threads),
            partial(scores.write, **model),
        )
        total += backlog.process_all(0, on_progress, executor)
    return total


def _score(
    scorer: Scorer, threads: int, rows: Sequence[tuple[int, str]]
) -> list[tuple[int, float | None]]:
    # Reposts repeat a text: each distinct one is scored once.
    texts = list(dict.fromkeys(text for _, text in rows))
    by_text = dict(zip(texts, scorer.score(texts, threads), strict=True))
    return [(id_, by_text[text]) for id_, text in rows]
