"""Training on labelled posts, evaluated by cross-validation."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Protocol

import numpy as np

from analysis.sentiment.card import ModelCard, Quality
from analysis.sentiment.quality import (
    BAD,
    GOOD,
    LABELS,
    NEUTRAL,
    Labels,
    auc,
    best_threshold,
    calibration,
    measure_quality,
)
from analysis.sentiment.trained import bayes, ngrams
from analysis.statistics.arrays import Floats
from analysis.text.cleaning import simplify
from analysis.text.wording import WORDING_VERSION, author_text
from db.core.errors import BadInput

FOLDS = 5
# How many good, and how many bad posts a model needs.
MIN_POSTS = 20


class FittedModel(Protocol):
    """A fitted model."""

    def decision_function(self, texts: Sequence[str], threads: int = 1) -> Floats:
        """Return a value for each prepared text, the higher the better; NaN for an empty one."""
        ...

    def write(self, folder: Path) -> None:
        """Write the model's files into a folder."""
        ...


Fit = Callable[[Sequence[str], Labels], FittedModel]


@dataclass(frozen=True, slots=True)
class ModelKind:
    """A way to fit a model to labelled posts, and to load it again."""

    fit: Fit
    load: Callable[[Path], FittedModel]


KINDS: Mapping[str, ModelKind] = {
    "bayes": ModelKind(bayes.fit, bayes.load),
    "ngrams": ModelKind(ngrams.fit, ngrams.load),
}


@dataclass(frozen=True, slots=True)
class CrossValidation:
    """Calibration, threshold, and the quality with both, on posts outside the training set."""

    slope: float
    offset: float
    threshold: float
    quality: Quality


def prepare_texts(texts: Sequence[str]) -> list[str]:
    """Return what models learn from and score: the author's own words, simplified characters."""
    return [simplify(author_text(text)) for text in texts]


def train(
    name: str,
    kind: str,
    texts: Sequence[str],
    labels: Sequence[str],
    languages: tuple[str, ...],
    on_step: Callable[[], None] = lambda: None,
) -> tuple[ModelCard, FittedModel]:
    """Train a model on labelled posts (good, bad, neutral) and return its card and itself.

    `on_step` is called FOLDS + 1 times. Raises BadInput if there are too few good or bad posts.
    """
    numbers = {label: list(labels).count(label) for label in LABELS}
    for label in (GOOD, BAD):
        if numbers[label] < MIN_POSTS:
            raise BadInput(f"{numbers[label]} posts are labelled {label}, {MIN_POSTS} are needed")
    prepared, marks, fit = prepare_texts(texts), np.array(labels), KINDS[kind].fit
    validation = cross_validate("cross_validated", prepared, marks, fit, on_step)
    model = fit(prepared, marks)
    on_step()
    card = ModelCard(
        name=name,
        kind=kind,
        version=training_version(kind, texts, labels),
        languages=languages,
        learnt=numbers,
        slope=validation.slope,
        offset=validation.offset,
        threshold=validation.threshold,
        measured=(validation.quality,),
    )
    return card, model


def cross_validate(
    what: str,
    texts: Sequence[str],
    labels: Labels,
    fit: Fit,
    on_step: Callable[[], None] = lambda: None,
) -> CrossValidation:
    """Evaluate models on the prepared texts outside their training set, fold by fold.

    `what` names the quality. Raises BadInput if the models do no better than chance.
    """
    from sklearn.model_selection import StratifiedKFold

    values = np.full(len(texts), np.nan)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    for training, rest in folds.split(np.zeros(len(texts)), labels):
        model = fit([texts[i] for i in training], labels[training])
        values[rest] = model.decision_function([texts[i] for i in rest])
        on_step()
    scored = np.isfinite(values)
    polar = scored & (labels != NEUTRAL)
    good = labels[polar] == GOOD
    if auc(values[polar], good) <= _auc_by_chance(int(good.sum()), int((~good).sum())):
        raise BadInput("nothing can be learnt from these labels: what they say is not in the words")
    slope, offset = calibration(values[polar], good)
    scores = 1 / (1 + np.exp(-(slope * values + offset)))
    threshold = best_threshold(scores[scored], labels[scored] == BAD)
    known = [float(s) if ok else None for s, ok in zip(scores, scored, strict=True)]
    quality = measure_quality(what, known, labels.tolist(), threshold)
    return CrossValidation(slope, offset, threshold, quality)


def _auc_by_chance(good: int, bad: int) -> float:
    """The AUC that random scores exceed in one case of forty (Mann and Whitney 1947)."""
    return 0.5 + 1.96 * float(np.sqrt((good + bad + 1) / (12 * good * bad)))


def training_version(kind: str, texts: Sequence[str], labels: Sequence[str]) -> str:
    """Return a short hash of what a model learnt from, and how."""
    digest = blake2b(kind.encode(), digest_size=4)
    for text, label in zip(texts, labels, strict=True):
        digest.update(f"{label}\t{text}\n".encode("utf-8", "surrogatepass"))
    return f"{digest.hexdigest()}+{WORDING_VERSION}"
