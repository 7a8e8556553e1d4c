"""Scoring the posts that lack a score of the scorers in use, batch by batch."""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

from analysis.sentiment.plugins import DEFAULTS, named
from analysis.sentiment.scorers import Scorer
from db.core import metadata
from db.core.engine import Store
from db.core.errors import BadInput
from db.counts.cells import mark
from db.posts import scores
from db.posts import scores as posts_scores
from shrug.label.executors import BATCH, map_unordered


def in_use(store: Store, home: Path) -> dict[str, Scorer]:
    """The scorer of each language: as chosen for this store, else the default."""
    with store.reading() as connection:
        chosen = {**DEFAULTS, **metadata.chosen_scorers(connection)}
    return {language: named(name, home) for language, name in sorted(chosen.items())}


def use(store: Store, home: Path, name: str) -> Scorer:
    """Use a scorer for its languages from now on; posts are scored by it at the next `score`."""
    scorer = named(name, home)
    if not scorer.languages:
        raise BadInput(f"the scorer {name} says of no language that it can score it")
    with store.writing() as connection:
        for language in scorer.languages:
            metadata.choose_scorer(connection, language, name)
    return scorer


def pending(store: Store, used: dict[str, Scorer]) -> int:
    """How many posts lack a score of the scorers in use."""
    with store.reading() as connection:
        return sum(
            posts_scores.count_unscored(connection, [language], s.model, s.version)
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
    executor: Executor | None = None,
) -> int:
    """Score what is unscored; each batch is stored at once, so an interrupted run goes on.

    executor: of this process (the default), or of machines that all reach the store by the same
    address. Gives how many posts were looked at.
    """
    total = 0
    desk = _Desk(store, used, threads)
    for part, _ in map_unordered(executor, _Desk.score, desk, desk.parts()):
        total += part.number
        told(part.number)
    return total


@dataclass(frozen=True, slots=True)
class _Part:
    """Posts of a language whose ids lie in (after, last], and how many of them were unscored."""

    language: str
    after: int
    last: int
    number: int


@dataclass(frozen=True, slots=True)
class _Desk:
    """What it takes to score a part of the posts, here or in another process."""

    store: Store
    used: dict[str, Scorer]
    threads: int

    def parts(self) -> Iterator[_Part]:
        """All that is unscored, in parts."""
        for language, scorer in self.used.items():
            last, own = 0, ([language], scorer.model, scorer.version)
            while True:
                with self.store.reading() as connection:
                    end, number = posts_scores.unscored_part(connection, *own, last, BATCH)
                if end is None:
                    break
                yield _Part(language, last, end, number)
                last = end

    def score(self, part: _Part) -> None:
        """Score what is unscored of a part, and store that at once: done again, it changes
        nothing."""
        scorer = self.used[part.language]
        model, version = scorer.model, scorer.version
        own = [part.language], model, version, part.after, part.last
        with self.store.reading() as connection:
            before, found = mark(connection), posts_scores.unscored(connection, *own)
        # Reposts repeat a text: each distinct one is scored once.
        texts = list(dict.fromkeys(text for _, text in found))
        known = dict(zip(texts, scorer.score(texts, self.threads), strict=True))
        with self.store.writing() as connection:
            if mark(connection) != before:
                # Some may have been edited or deleted meanwhile: those wait for the next run.
                present = set(posts_scores.unscored(connection, *own))
                found = [one for one in found if one in present]
            scores.write(connection, model, version, [(id_, known[text]) for id_, text in found])
