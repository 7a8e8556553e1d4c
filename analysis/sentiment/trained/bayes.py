"""snownlp's naive Bayes on marked text, in the form that snownlp itself saves and loads."""

import gzip
import marshal
from collections import Counter
from collections.abc import Mapping, Sequence
from math import exp, log
from pathlib import Path
from typing import Any

import numpy as np

from analysis.sentiment.field.markers import lexicon, marker
from analysis.sentiment.quality import BAD, GOOD, LABELS, NEUTRAL, Floats, Marks
from analysis.sentiment.snow.cache import tables
from analysis.sentiment.snow.model import sentiment
from analysis.sentiment.snow.scoring import SnowScorer
from analysis.sentiment.snow.tables import taught

FILE = "sentiment.marshal.3"
CLASSES = ("neg", "pos")
# A lexicon entry of strength 0 counts as a word seen this often on either side.
WEIGHT = 20.0
# Doubles near 1 are coarse: what is nearer to 0 or 1 than this can't be told from them.
LEAST = 1e-16
# Words that speak for one side by less than this (in log odds) are not kept.
TELLING = 0.02

# How often each word stands in bad, and in good texts.
Counts = tuple[Mapping[str, float], Mapping[str, float]]


class Bayes:
    """A model at work."""

    def __init__(self, model: Mapping[str, Any]) -> None:
        self._model = model
        self._snow = SnowScorer(taught(tables(), model))

    def figures(self, texts: Sequence[str], threads: int = 1) -> Floats:
        """The log odds of being good, by the root of the length: longer texts repeat themselves.

        `texts` hold own words only (`wording.own_words`). NaN for one without any.
        """
        marked = [marker().mark(text) for text in texts]
        lengths = np.array([len("".join(text.split())) for text in marked], dtype=np.float64)
        scores = np.array(self._snow.score(marked, threads), dtype=np.float64)
        scores[lengths == 0] = np.nan
        odds = np.log(np.clip(scores, LEAST, 1)) - np.log(np.clip(1 - scores, LEAST, 1))
        return np.asarray(odds / np.sqrt(1 + lengths), dtype=np.float64)

    def write(self, folder: Path) -> None:
        """Keep the model; the same one gives the same bytes."""
        (folder / FILE).write_bytes(gzip.compress(marshal.dumps(dict(self._model), 2), mtime=0))


def read(folder: Path) -> Bayes:
    """A model as kept; BadInput names the file where it is damaged."""
    return Bayes(sentiment(folder / FILE))


def fit(texts: Sequence[str], labels: Marks) -> Bayes:
    """A model of labelled texts (own words only) and of the lexicon."""
    return Bayes(model([*labelled_counts(words(texts), labels), lexicon_counts()]))


def words(texts: Sequence[str]) -> list[list[str]]:
    """The words that texts (own words only) are scored by."""
    return SnowScorer(tables()).words([marker().mark(text) for text in texts])


def labelled_counts(
    texts: Sequence[Sequence[str]], labels: Marks, weight: float = 1.0
) -> tuple[Counts, Counts]:
    """The words of texts that are already cut: those of good and bad ones times `weight`, and
    those of neutral ones, which count on both sides and so make their words tell less."""
    sums: dict[str, Counter[str]] = {label: Counter() for label in LABELS}
    for cut, label in zip(texts, labels.tolist(), strict=True):
        sums[label].update(cut)
    return balanced((sums[BAD], sums[GOOD]), weight), (sums[NEUTRAL], sums[NEUTRAL])


def lexicon_counts() -> Counts:
    """The lexicon as if counted: a strength of s is seen e^s times as often in good texts."""
    strengths = lexicon().strengths()
    return (
        {word: WEIGHT * exp(-s / 2) for word, s in strengths.items()},
        {word: WEIGHT * exp(s / 2) for word, s in strengths.items()},
    )


def balanced(counts: Counts, weight: float) -> Counts:
    """Both sides brought down to the smaller one's total, times `weight`."""
    totals = [sum(side.values()) for side in counts]
    if not all(totals):
        return counts
    bad, good = (
        {word: n * weight * min(totals) / total for word, n in side.items()}
        for side, total in zip(counts, totals, strict=True)
    )
    return bad, good


def model(parts: Sequence[Counts]) -> dict[str, Any]:
    """A model as snownlp saves it, from the sum of `parts`; unknown words speak for no side."""
    sums: tuple[dict[str, float], dict[str, float]] = ({}, {})
    for part in parts:
        for side, kept in zip(part, sums, strict=True):
            for word, number in side.items():
                kept[word] = kept.get(word, 0.0) + number
    bad, good = sums
    odds = {w: log((good.get(w, 0) + 1) / (bad.get(w, 0) + 1)) for w in bad.keys() | good.keys()}
    vocabulary = sorted(word for word, told in odds.items() if abs(told) >= TELLING)
    total = max(sum(side.values()) for side in sums) + len(odds)
    sides = {
        name: {
            "d": {word: side.get(word, 0.0) + 1.0 for word in vocabulary},
            "total": total,
            "none": 1.0,
        }
        for name, side in zip(CLASSES, sums, strict=True)
    }
    return {"total": 2 * total, "d": sides}
