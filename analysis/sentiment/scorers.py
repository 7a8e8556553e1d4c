"""The bundled scorers: snownlp, as shipped and trained on outages, for Chinese; VADER for English.

Other scorers are plug-ins: an entry point of the group `shrug.scorers` that returns a Scorer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.metadata import version
from itertools import count
from pathlib import Path
from typing import Any, Protocol

from analysis.sentiment.card import ModelCard, load_card
from analysis.sentiment.field import markers
from analysis.sentiment.snow.scoring import SnowScorer
from analysis.sentiment.trained.training import KINDS, FittedModel, prepare_texts
from analysis.text.wording import (
    WORDING_VERSION,
    author_text,
    english_valences,
    join_phrases,
    phrase_token,
)
from db.core.errors import BadInput

# VADER's time grows with the length of a text; opinions stand in the first part of it.
MAX_CHARACTERS = 2000
# VADER rewrites its text once for every emoji: thousands of them take minutes.
MAX_EMOJI = 50
CARDS = Path(__file__).parent / "cards"


class Scorer(Protocol):
    """A model of one version for some languages."""

    @property
    def model(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def languages(self) -> tuple[str, ...]: ...
    @property
    def card(self) -> ModelCard: ...

    def score(self, texts: Sequence[str], threads: int = 1) -> list[float | None]:
        """Return a score in [0, 1] for each text; None for a text that it can't score."""
        ...


@dataclass(frozen=True, slots=True)
class Snownlp:
    """snownlp as shipped: its own probability that what the author wrote is positive."""

    model: str = "snownlp"
    version: str = f"{version('snownlp')}+{WORDING_VERSION}"
    languages: tuple[str, ...] = ("zh",)

    @property
    def card(self) -> ModelCard:
        """The bundled card."""
        return _bundled_card(self.model)

    def score(self, texts: Sequence[str], threads: int = 1) -> list[float | None]:
        """Return snownlp's score of what the author wrote, in simplified characters."""
        return _snow().score(prepare_texts(texts), threads)


@cache
def _bundled_card(name: str) -> ModelCard:
    return load_card(CARDS / name)


@cache
def _snow() -> SnowScorer:
    from analysis.sentiment.snow.cache import load_tables

    return SnowScorer(load_tables())


@dataclass(frozen=True, slots=True)
class Vader:
    """VADER with the words and phrases of this field added to its lexicon."""

    model: str = "vader"
    version: str = f"{version('vaderSentiment')}+{WORDING_VERSION}"
    languages: tuple[str, ...] = ("en",)

    @property
    def card(self) -> ModelCard:
        """The bundled card."""
        return _bundled_card(self.model)

    def score(self, texts: Sequence[str], threads: int = 1) -> list[float | None]:  # noqa: ARG002 - Python holds VADER to one core
        """Return VADER's compound score of what the author wrote, scaled to [0, 1]."""
        return [_vader(join_phrases(author_text(text)[:MAX_CHARACTERS])) for text in texts]


@cache
def _analyzer() -> Any:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyzer = SentimentIntensityAnalyzer()
    words, phrases = english_valences()
    analyzer.lexicon.update(words)
    analyzer.lexicon.update({phrase_token(phrase): valence for phrase, valence in phrases.items()})
    return analyzer


def _vader(text: str) -> float | None:
    analyzer = _analyzer()
    number = count(1)
    text = "".join(c for c in text if c not in analyzer.emojis or next(number) <= MAX_EMOJI)
    if not any(c.isalnum() or c in analyzer.emojis for c in text):
        return None
    return float((analyzer.polarity_scores(text)["compound"] + 1) / 2)


class TrainedScorer:
    """A scorer trained on labelled posts, in a folder; its scores are probabilities."""

    def __init__(self, folder: Path) -> None:
        self.card = load_card(folder)
        self.model = self.card.name
        # Scores depend on the lexicon that texts are marked with.
        self.version = f"{self.card.version}+{markers.lexicon_version()}"
        self.languages = self.card.languages
        self._folder = folder

    def __getstate__(self) -> dict[str, Any]:
        # Each process loads the model itself.
        return {name: value for name, value in vars(self).items() if name != "_fitted"}

    @cached_property
    def _fitted(self) -> FittedModel:
        if self.card.kind not in KINDS:
            raise BadInput(f"{self._folder}: made by a kind unknown here: {self.card.kind[:40]!r}")
        return KINDS[self.card.kind].load(self._folder)

    def score(self, texts: Sequence[str], threads: int = 1) -> list[float | None]:
        """Return the calibrated probability that a post is good rather than bad."""
        values = self._fitted.decision_function(prepare_texts(texts), threads)
        return self.card.calibrate(values.tolist())


@cache
def field() -> TrainedScorer:
    """Return snownlp's classifier trained on posts about outages: the default for Chinese."""
    return TrainedScorer(CARDS / "snownlp-field")
