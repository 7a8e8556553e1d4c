"""Logistic regression on character n-grams weighted by naive Bayes, by scikit-learn.

Wang and Manning 2012, "Baselines and Bigrams": each n-gram is multiplied by its log-count ratio,
so that the many rare ones do not outweigh those that matter.
"""

import json
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from analysis.sentiment.field.markers import marker
from analysis.sentiment.quality import GOOD, NEUTRAL, Labels
from analysis.statistics.arrays import Floats
from db.core.errors import BadInput

WEIGHTS, VOCABULARY = "weights.npz", "ngrams.json"
MAX_LENGTH = 3
DAMAGED = (OSError, ValueError, KeyError, TypeError, EOFError, RecursionError)
# The inverse of the regularization strength; between 2 and 8 the quality hardly changes.
INVERSE_REGULARIZATION = 4.0


class NgramModel:
    """A fitted model: n-grams, their inverse document frequencies and their weights."""

    def __init__(self, ngrams: Sequence[str], idf: Floats, weights: Floats, offset: float) -> None:
        self._ngrams, self._weights, self._offset = list(ngrams), weights, offset
        self._vectorizer = _vectorizer(vocabulary=self._ngrams)
        self._vectorizer.idf_ = idf

    def decision_function(self, texts: Sequence[str], threads: int = 1) -> Floats:  # noqa: ARG002 - one way to call all kinds
        """Return the log odds of being good; NaN for an empty text."""
        marked = [marker().mark(text) for text in texts]
        values = self._vectorizer.transform(marked) @ self._weights + self._offset
        empty = np.array([not text.strip() for text in marked], dtype=np.bool_)
        return np.where(empty, np.nan, np.asarray(values, dtype=np.float64))

    def write(self, folder: Path) -> None:
        """Write the n-grams and their weights."""
        text = json.dumps(self._ngrams, ensure_ascii=True)
        (folder / VOCABULARY).write_text(text, encoding="utf-8")
        idf, offset = self._vectorizer.idf_, np.array([self._offset])
        np.savez_compressed(folder / WEIGHTS, idf=idf, weights=self._weights, offset=offset)


def fit(texts: Sequence[str], labels: Labels) -> NgramModel:
    """Fit a model to prepared texts; neutral ones are left out. Raises BadInput if none match."""
    from sklearn.linear_model import LogisticRegression

    vectorizer = _vectorizer(min_df=2)
    good = labels[labels != NEUTRAL] == GOOD
    polar = [text for text, label in zip(texts, labels, strict=True) if label != NEUTRAL]
    try:
        counts = vectorizer.fit_transform([marker().mark(text) for text in polar]).tocsr()
    except ValueError:
        raise BadInput("these texts have no two characters in common to learn from") from None
    in_good, in_bad = (np.asarray(counts[side].sum(axis=0)).ravel() + 1 for side in (good, ~good))
    ratio = np.log(in_good / in_good.sum()) - np.log(in_bad / in_bad.sum())
    scale = np.abs(ratio) + 0.5
    fitted = LogisticRegression(C=INVERSE_REGULARIZATION, max_iter=1000)
    fitted.fit(counts.multiply(scale).tocsr(), good)
    weights = fitted.coef_[0] * scale
    return NgramModel(
        vectorizer.get_feature_names_out(), vectorizer.idf_, weights, fitted.intercept_[0]
    )


def load(folder: Path) -> NgramModel:
    """Return the model in a folder. Raises BadInput if a file is missing or damaged."""
    try:
        ngrams = json.loads((folder / VOCABULARY).read_text(encoding="utf-8"))
        with np.load(folder / WEIGHTS, allow_pickle=False) as arrays:
            idf, weights, offset = (
                np.asarray(arrays[n], float) for n in ("idf", "weights", "offset")
            )
        if not len(ngrams) == len(idf) == len(weights):
            raise ValueError("its parts differ in length")
        return NgramModel(ngrams, idf, weights, float(offset[0]))
    except (*DAMAGED, zipfile.BadZipFile, zlib.error) as error:
        raise BadInput(f"{folder}: not a model of n-grams: {error}") from None


def _vectorizer(**options: Any) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(
        analyzer="char", ngram_range=(1, MAX_LENGTH), binary=True, lowercase=False, **options
    )
