"""Logistic regression on character n-grams weighed by naive Bayes, by scikit-learn.

Wang and Manning 2012, "Baselines and Bigrams": each n-gram's weight is multiplied by how much
naive Bayes says it tells, which keeps rare ones from drowning what matters.
"""

import json
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from analysis.sentiment.field.markers import marker
from analysis.sentiment.quality import GOOD, NEUTRAL, Floats, Marks
from db.core.errors import BadInput

WEIGHTS, VOCABULARY = "weights.npz", "ngrams.json"
LONGEST = 3
DAMAGED = (OSError, ValueError, KeyError, TypeError, EOFError, RecursionError)
# What the penalty is divided by; between 2 and 8 it makes no difference to speak of.
LOOSENESS = 4.0


class Ngrams:
    """A model as fitted or kept: n-grams, their inverse document frequency and their weights."""

    def __init__(self, ngrams: Sequence[str], idf: Floats, weights: Floats, offset: float) -> None:
        self._ngrams, self._weights, self._offset = list(ngrams), weights, offset
        self._vectors = _vectors(vocabulary=self._ngrams)
        self._vectors.idf_ = idf

    def figures(self, texts: Sequence[str], threads: int = 1) -> Floats:  # noqa: ARG002 - one way to call all kinds
        """The log odds of being good. `texts` hold own words only; NaN for one without any."""
        marked = [marker().mark(text) for text in texts]
        found = self._vectors.transform(marked) @ self._weights + self._offset
        empty = np.array([not text.strip() for text in marked], dtype=np.bool_)
        return np.where(empty, np.nan, np.asarray(found, dtype=np.float64))

    def write(self, folder: Path) -> None:
        text = json.dumps(self._ngrams, ensure_ascii=True)
        (folder / VOCABULARY).write_text(text, encoding="utf-8")
        idf, offset = self._vectors.idf_, np.array([self._offset])
        np.savez_compressed(folder / WEIGHTS, idf=idf, weights=self._weights, offset=offset)


def fit(texts: Sequence[str], labels: Marks) -> Ngrams:
    """A model of texts (own words only); of neutral ones it learns nothing."""
    from sklearn.linear_model import LogisticRegression

    vectors = _vectors(min_df=2)
    good = labels[labels != NEUTRAL] == GOOD
    plain = [text for text, label in zip(texts, labels, strict=True) if label != NEUTRAL]
    try:
        found = vectors.fit_transform([marker().mark(text) for text in plain]).tocsr()
    except ValueError:
        raise BadInput("these texts have no two characters in common to learn from") from None
    seen = [np.asarray(found[side].sum(axis=0)).ravel() + 1 for side in (good, ~good)]
    ratio = np.log(seen[0] / seen[0].sum()) - np.log(seen[1] / seen[1].sum())
    worth = np.abs(ratio) + 0.5
    fitted = LogisticRegression(C=LOOSENESS, max_iter=1000)
    fitted.fit(found.multiply(worth).tocsr(), good)
    weights = fitted.coef_[0] * worth
    return Ngrams(vectors.get_feature_names_out(), vectors.idf_, weights, fitted.intercept_[0])


def read(folder: Path) -> Ngrams:
    """A model as kept; BadInput names the folder where it is damaged."""
    try:
        ngrams = json.loads((folder / VOCABULARY).read_text(encoding="utf-8"))
        with np.load(folder / WEIGHTS, allow_pickle=False) as kept:
            idf, weights, offset = (
                np.asarray(kept[n], float) for n in ("idf", "weights", "offset")
            )
        if not len(ngrams) == len(idf) == len(weights):
            raise ValueError("its parts differ in length")
        return Ngrams(ngrams, idf, weights, float(offset[0]))
    except (*DAMAGED, zipfile.BadZipFile, zlib.error) as error:
        raise BadInput(f"{folder}: not a model of n-grams: {error}") from None


def _vectors(**options: Any) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(
        analyzer="char", ngram_range=(1, LONGEST), binary=True, lowercase=False, **options
    )
