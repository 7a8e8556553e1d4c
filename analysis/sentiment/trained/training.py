"""Training on labelled posts, measured by cross-validation."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Protocol

import numpy as np

from analysis.sentiment.card import Card, Quality
from analysis.sentiment.quality import (
    BAD,
    GOOD,
    LABELS,
    NEUTRAL,
    Floats,
    Marks,
    auc,
    calibration,
    quality,
    threshold,
)
from analysis.sentiment.trained import bayes, ngrams
from analysis.text.cleaning import simplified
from analysis.text.wording import WORDING, own_words
from db.core.errors import BadInput

FOLDS = 5
LEAST = 20


class Model(Protocol):
    """A fitted model: the higher its figure of a text, the better that feels; NaN for no text."""

    def figures(self, texts: Sequence[str], threads: int = 1) -> Floats: ...
    def write(self, folder: Path) -> None: ...


Fit = Callable[[Sequence[str], Marks], Model]


@dataclass(frozen=True, slots=True)
class Kind:
    """A way to make a model of labelled posts, and to read it again."""

    fit: Fit
    read: Callable[[Path], Model]


KINDS: Mapping[str, Kind] = {
    "bayes": Kind(bayes.fit, bayes.read),
    "ngrams": Kind(ngrams.fit, ngrams.read),
}


@dataclass(frozen=True, slots=True)
class Validated:
    """What cross-validation found: calibration, threshold, and the quality by both."""

    slope: float
    offset: float
    threshold: float
    quality: Quality


def own(texts: Sequence[str]) -> list[str]:
    """What models learn from and score: own words, simplified characters."""
    return [simplified(own_words(text)) for text in texts]


def train(
    name: str,
    kind: str,
    texts: Sequence[str],
    labels: Sequence[str],
    languages: tuple[str, ...],
    told: Callable[[], None] = lambda: None,
) -> tuple[Card, Model]:
    """A model of labelled posts (good, bad, neutral) and its card.

    `told` hears each step, FOLDS + 1 in all. BadInput where a label has too few posts.
    """
    marks = np.array(labels)
    for label in (GOOD, BAD):
        if (number := int((marks == label).sum())) < LEAST:
            raise BadInput(f"{number} posts are labelled {label}; {LEAST} are needed to learn from")
    mine = own(texts)
    found = validated("cross_validated", mine, marks, KINDS[kind].fit, told)
    model = KINDS[kind].fit(mine, marks)
    told()
    card = Card(
        name=name,
        kind=kind,
        version=version(kind, texts, labels),
        languages=languages,
        learnt={label: int((marks == label).sum()) for label in LABELS},
        slope=found.slope,
        offset=found.offset,
        threshold=found.threshold,
        measured=(found.quality,),
    )
    return card, model


def validated(
    what: str,
    texts: Sequence[str],
    marks: Marks,
    fit: Fit,
    told: Callable[[], None] = lambda: None,
) -> Validated:
    """What models say of posts that they did not learn from (own words only), fold by fold."""
    figures = _out_of_fold(texts, marks, fit, told)
    scored = np.isfinite(figures)
    plain = scored & (marks != NEUTRAL)
    good = marks[plain] == GOOD
    if auc(figures[plain], good) <= _by_chance(int(good.sum()), int((~good).sum())):
        raise BadInput("nothing can be learnt from these labels: what they say is not in the words")
    slope, offset = calibration(figures[plain], good)
    scores = 1 / (1 + np.exp(-(slope * figures + offset)))
    limit = threshold(scores[scored], marks[scored] == BAD)
    given = [float(s) if ok else None for s, ok in zip(scores, scored, strict=True)]
    return Validated(slope, offset, limit, quality(what, given, marks.tolist(), limit))


def _by_chance(good: int, bad: int) -> float:
    """The AUC that figures without sense exceed in one case of forty (Mann and Whitney 1947)."""
    return 0.5 + 1.96 * float(np.sqrt((good + bad + 1) / (12 * good * bad)))


def _out_of_fold(
    texts: Sequence[str],
    marks: Marks,
    fit: Fit,
    told: Callable[[], None],
) -> Floats:
    from sklearn.model_selection import StratifiedKFold

    figures = np.full(len(texts), np.nan)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    for learn, rest in folds.split(np.zeros(len(texts)), marks):
        model = fit([texts[i] for i in learn], marks[learn])
        figures[rest] = model.figures([texts[i] for i in rest])
        told()
    return figures


def version(kind: str, texts: Sequence[str], labels: Sequence[str]) -> str:
    """A short name for what was learnt and how: the same labels give the same version."""
    digest = blake2b(kind.encode(), digest_size=4)
    for text, label in zip(texts, labels, strict=True):
        digest.update(f"{label}\t{text}\n".encode("utf-8", "surrogatepass"))
    return f"{digest.hexdigest()}+{WORDING}"
