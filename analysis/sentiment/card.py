"""Model cards: what a model was trained on, how it was evaluated, how to read its scores."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import exp, isfinite
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from db.core.errors import BadInput

CARD_FILE = "card.json"


@dataclass(frozen=True, slots=True)
class Rate:
    """A share as a count: `hits` of `of`."""

    hits: int
    of: int

    @property
    def share(self) -> float:
        """The share, 0 to 1; NaN of nothing."""
        return self.hits / self.of if self.of else float("nan")


@dataclass(frozen=True, slots=True)
class Quality:
    """How well a scorer does on labelled posts.

    auc: the probability that a good post scores above a bad one. accuracy: the share of good and
    bad posts on their side of one half. sensitivity: the share of bad posts called bad (score
    below the threshold). specificity: the share of all others, neutral ones included, not called
    bad. bins: for each tenth of the scores, the share of good posts among good and bad ones.
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
        """Bad posts called (bad, not bad), and other posts called (bad, not bad)."""
        se, sp = self.sensitivity, self.specificity
        return (se.hits, se.of - se.hits), (sp.of - sp.hits, sp.hits)


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What is known of a model.

    learnt: number of training texts by origin. A score is the logistic function of slope × the
    model's decision value + offset (Platt's calibration); without a slope, scores are as the
    library returns them. A post is called bad if it scores below `threshold`. measured: quality
    on posts outside the training set; the last one is on those most like the posts to be scored.
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
        """Write the card into a model's folder."""
        text = json.dumps(asdict(self), ensure_ascii=False, indent=1)
        (folder / CARD_FILE).write_text(text + "\n", encoding="utf-8")

    def calibrate(self, values: Sequence[float]) -> list[float | None]:
        """Return the probability for each decision value; None for NaN."""
        slope, offset = self.slope or 1.0, self.offset or 0.0
        return [_logistic(slope * v + offset) if isfinite(v) else None for v in values]

    @property
    def reference_quality(self) -> Quality:
        """The quality by which shares of bad posts are corrected."""
        return self.measured[-1]


def _logistic(z: float) -> float:
    return 1 / (1 + exp(-z)) if z >= 0 else exp(z) / (1 + exp(z))


def load_card(folder: Path) -> ModelCard:
    """Return the card in a model's folder. Raises BadInput if it is missing or damaged."""
    path = folder / CARD_FILE
    try:
        return TypeAdapter(ModelCard).validate_json(path.read_bytes())
    except ValidationError as error:
        reason = error.errors()[0]["msg"]
    except OSError as error:
        reason = str(error)
    raise BadInput(f"{path}: not a model's card: {reason}")
