"""A model's card: what it learnt from, how it was measured, and what follows for its scores."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import exp, isfinite
from pathlib import Path
from typing import Any

from db.core.errors import BadInput

FILE = "card.json"


@dataclass(frozen=True, slots=True)
class Rate:
    """How many of how many."""

    hits: int
    of: int

    @property
    def share(self) -> float:
        return self.hits / self.of if self.of else float("nan")


@dataclass(frozen=True, slots=True)
class Quality:
    """How a scorer does on labelled posts.

    auc: the probability that a good post scores above a bad one. accuracy: of good and bad posts,
    how many fall on their side of one half. sensitivity: of bad posts, how many are called
    bad (score below the threshold); specificity: of all others, neutral ones among them, how many
    are not. bins: of good and bad posts whose score lies in each tenth, how many are good.
    """

    what: str
    good: int
    bad: int
    neutral: int
    unscored: int
    auc: float
    accuracy: Rate
    sensitivity: Rate
    specificity: Rate
    bins: tuple[Rate, ...]

    @property
    def confusion(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Bad posts called (bad, not bad), and others called (bad, not bad)."""
        se, sp = self.sensitivity, self.specificity
        return (se.hits, se.of - se.hits), (sp.of - sp.hits, sp.hits)


@dataclass(frozen=True, slots=True)
class Card:
    """A model's card.

    learnt: what it learnt from, and how many texts of it. A score is the logistic function of
    slope times the model's own figure, plus offset (Platt's calibration); without a slope scores
    are as the library gives them. A post is called bad below `threshold`. measured: on posts it
    did not learn from, the last one on those that tell most about what it is for.
    """

    name: str
    kind: str
    version: str
    languages: tuple[str, ...]
    learnt: Mapping[str, int]
    slope: float | None
    offset: float | None
    threshold: float
    measured: tuple[Quality, ...]

    def write(self, folder: Path) -> None:
        """Keep the card in a model's folder."""
        text = json.dumps(asdict(self), ensure_ascii=False, indent=1)
        (folder / FILE).write_text(text + "\n", encoding="utf-8")

    def scores(self, figures: Sequence[float]) -> list[float | None]:
        """Calibrated scores of a model's own figures; None where it has none."""
        slope, offset = self.slope or 1.0, self.offset or 0.0
        return [_logistic(slope * f + offset) if isfinite(f) else None for f in figures]

    @property
    def errors(self) -> Quality:
        """The measurement that its error is corrected by."""
        return self.measured[-1]


def _logistic(z: float) -> float:
    return 1 / (1 + exp(-z)) if z >= 0 else exp(z) / (1 + exp(z))


def read(folder: Path) -> Card:
    """The card kept in a model's folder; BadInput names the file where it is none."""
    path = folder / FILE
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
        measured = tuple(_quality(q) for q in value.pop("measured"))
        return Card(**{**value, "languages": tuple(value["languages"]), "measured": measured})
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise BadInput(f"{path}: not a model's card: {error}") from None


def _quality(value: dict[str, Any]) -> Quality:
    rates = {name: Rate(**value[name]) for name in ("accuracy", "sensitivity", "specificity")}
    bins: Sequence[dict[str, int]] = value["bins"]
    return Quality(**{**value, **rates, "bins": tuple(Rate(**b) for b in bins)})
