"""snownlp's naive Bayes on marked texts, in the file format of snownlp."""

import gzip
import marshal
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from math import exp, log
from pathlib import Path
from typing import Any

import numpy as np

from analysis.sentiment.field.markers import lexicon, marker
from analysis.sentiment.quality import BAD, GOOD, LABELS, NEUTRAL, Labels
from analysis.sentiment.snow.cache import load_tables
from analysis.sentiment.snow.model import load_sentiment_model
from analysis.sentiment.snow.scoring import SnowScorer
from analysis.sentiment.snow.tables import with_sentiment_model
from analysis.statistics.arrays import Floats

MODEL_FILE = "sentiment.marshal.3"
CLASSES = ("neg", "pos")
# A lexicon entry of strength 0 counts as a word seen this often in bad and in good texts.
LEXICON_WEIGHT = 20.0
# Probabilities are kept this far from 0 and 1, so that their log odds are finite.
LEAST_PROBABILITY = 1e-16
# Words with less than this, in log odds, are left out of the model.
LEAST_LOG_ODDS = 0.02

# How often each word occurs in bad texts, and in good ones.
ClassCounts = tuple[Mapping[str, float], Mapping[str, float]]


class BayesModel:
    """A fitted naive Bayes model."""

    def __init__(self, model: Mapping[str, Any]) -> None:
        self._model = model
        self._snow = SnowScorer(with_sentiment_model(load_tables(), model))

    def decision_function(self, texts: Sequence[str], threads: int = 1) -> Floats:
        """Return the log odds of being good, divided by the root of the text's length.

        Longer texts repeat themselves. NaN for an empty text.
        """
        marked = [marker().mark(text) for text in texts]
        lengths = np.array([len("".join(text.split())) for text in marked], dtype=np.float64)
        scores = np.array(self._snow.score(marked, threads), dtype=np.float64)
        scores[lengths == 0] = np.nan
        odds = np.log(scores.clip(LEAST_PROBABILITY)) - np.log((1 - scores).clip(LEAST_PROBABILITY))
        return np.asarray(odds / np.sqrt(1 + lengths), dtype=np.float64)

    def write(self, folder: Path) -> None:
        """Write the model; the same model gives the same bytes."""
        (folder / MODEL_FILE).write_bytes(
            gzip.compress(marshal.dumps(dict(self._model), 2), mtime=0)
        )


def load(folder: Path) -> BayesModel:
    """Return the model in a folder. Raises BadInput if its file is missing or damaged."""
    return BayesModel(load_sentiment_model(folder / MODEL_FILE))


def fit(texts: Sequence[str], labels: Labels) -> BayesModel:
    """Fit a model to prepared texts, their labels and the lexicon."""
    return BayesModel(build_model([*labelled_counts(segment(texts), labels), lexicon_counts()]))


def segment(texts: Sequence[str]) -> list[list[str]]:
    """Return the words of each prepared text, after marking."""
    return SnowScorer(load_tables()).words([marker().mark(text) for text in texts])


def labelled_counts(
    texts: Sequence[Sequence[str]], labels: Labels, weight: float = 1.0
) -> tuple[ClassCounts, ClassCounts]:
    """Count the words of segmented texts: those of bad and good ones, and those of neutral ones.

    The first counts are balanced and multiplied by `weight`. Neutral texts count on both sides,
    so that their words say less.
    """
    sums: dict[str, Counter[str]] = {label: Counter() for label in LABELS}
    for words, label in zip(texts, labels.tolist(), strict=True):
        sums[label].update(words)
    return _balance((sums[BAD], sums[GOOD]), weight), (sums[NEUTRAL], sums[NEUTRAL])


def lexicon_counts() -> ClassCounts:
    """Return the lexicon as counts: strength s means e^s times as often in good as in bad texts."""
    strengths = lexicon().strengths()
    return (
        {word: LEXICON_WEIGHT * exp(-s / 2) for word, s in strengths.items()},
        {word: LEXICON_WEIGHT * exp(s / 2) for word, s in strengths.items()},
    )


def _balance(counts: ClassCounts, weight: float) -> ClassCounts:
    """Scale both sides to the smaller one's total, times `weight`."""
    totals = [sum(side.values()) for side in counts]
    if not all(totals):
        return counts
    bad, good = (
        {word: n * weight * min(totals) / total for word, n in side.items()}
        for side, total in zip(counts, totals, strict=True)
    )
    return bad, good


def build_model(parts: Sequence[ClassCounts]) -> dict[str, Any]:
    """Return a model in snownlp's format from the sum of counts; unknown words are neutral."""
    bad: dict[str, float] = defaultdict(float)
    good: dict[str, float] = defaultdict(float)
    for part in parts:
        for counts, total in zip(part, (bad, good), strict=True):
            for word, number in counts.items():
                total[word] += number
    odds = {w: log((good.get(w, 0) + 1) / (bad.get(w, 0) + 1)) for w in bad.keys() | good.keys()}
    vocabulary = sorted(word for word, value in odds.items() if abs(value) >= LEAST_LOG_ODDS)
    denominator = max(sum(bad.values()), sum(good.values())) + len(odds)
    sides = {
        name: {
            "d": {word: side.get(word, 0.0) + 1.0 for word in vocabulary},
            "total": denominator,
            "none": 1.0,
        }
        for name, side in zip(CLASSES, (bad, good), strict=True)
    }
    return {"total": 2 * denominator, "d": sides}
