"""Scorers: snownlp, as shipped and taught this field, for Chinese, and VADER for English.

Other scorers are plug-ins: an entry point of the group `shrug.scorers` that gives a Scorer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

from analysis.sentiment import card
from analysis.sentiment.card import Card
from analysis.sentiment.field import markers
from analysis.sentiment.snow.scoring import SnowScorer
from analysis.sentiment.trained.training import KINDS, Model, own
from analysis.text.wording import WORDING, as_word, field_words, join_phrases, own_words
from db.core.errors import BadInput

# VADER takes time that grows with length; opinions are not found past the first screen.
LONGEST = 2000
# VADER rewrites its text once for every emoji: thousands of them take minutes.
MOST_EMOJI = 50
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
    def card(self) -> Card: ...

    def score(self, texts: Sequence[str], threads: int = 1) -> list[float | None]:
        """A score in [0, 1] for each text; None for one that it can't score."""
        ...


@dataclass(frozen=True, slots=True)
class Snownlp:
    """snownlp as shipped: its own probability that what the author wrote is positive."""

    model: str = "snownlp"
    version: str = f"{version('snownlp')}+{WORDING}"
    languages: tuple[str, ...] = ("zh",)

    @property
    def card(self) -> Card:
        return _bundled(self.model)

    def score(self, texts: Sequence[str], threads: int = 1) -> list[float | None]:
        """snownlp's score of own words, in simplified characters: snownlp knows no others."""
        return _snow().score(own(texts), threads)


@cache
def _bundled(name: str) -> Card:
    return card.read(CARDS / name)


@cache
def _snow() -> SnowScorer:
    from analysis.sentiment.snow.cache import tables

    return SnowScorer(tables())


@dataclass(frozen=True, slots=True)
class Vader:
    model: str = "vader"
    version: str = f"{version('vaderSentiment')}+{WORDING}"
    languages: tuple[str, ...] = ("en",)

    @property
    def card(self) -> Card:
        return _bundled(self.model)

    def score(self, texts: Sequence[str], threads: int = 1) -> list[float | None]:  # noqa: ARG002 - Python holds VADER to one core
        """VADER's compound score of what the author wrote, moved from [-1, 1] to [0, 1]."""
        return [_vader(join_phrases(own_words(text)[:LONGEST])) for text in texts]


@cache
def _analyzer() -> Any:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyzer = SentimentIntensityAnalyzer()
    words, phrases = field_words()
    analyzer.lexicon.update(words)
    analyzer.lexicon.update({as_word(phrase): valence for phrase, valence in phrases.items()})
    return analyzer


def _vader(text: str) -> float | None:
    analyzer = _analyzer()
    text = _fewer_emoji(text, analyzer.emojis)
    if not any(c.isalnum() for c in text) and not any(c in analyzer.emojis for c in text):
        return None
    return float((analyzer.polarity_scores(text)["compound"] + 1) / 2)


def _fewer_emoji(text: str, emoji: dict[str, str]) -> str:
    kept, left = [], MOST_EMOJI
    for character in text:
        if character in emoji:
            left -= 1
            if left < 0:
                continue
        kept.append(character)
    return "".join(kept)


class Trained:
    """A scorer made from labelled posts, kept in a folder; its scores are probabilities."""

    def __init__(self, folder: Path) -> None:
        self.card = card.read(folder)
        self.model = self.card.name
        # What a text is marked with is part of what its score means.
        self.version = f"{self.card.version}+{markers.version()}"
        self.languages = self.card.languages
        self._folder = folder

    def __getstate__(self) -> dict[str, Any]:
        # What it has loaded is loaded anew where it is unpickled.
        return {name: value for name, value in vars(self).items() if name != "_fitted"}

    @cached_property
    def _fitted(self) -> Model:
        if self.card.kind not in KINDS:
            raise BadInput(f"{self._folder}: made by a kind unknown here: {self.card.kind[:40]!r}")
        return KINDS[self.card.kind].read(self._folder)

    def score(self, texts: Sequence[str], threads: int = 1) -> list[float | None]:
        """The calibrated probability that a post is good rather than bad."""
        return self.card.scores(self._fitted.figures(own(texts), threads).tolist())


@cache
def field() -> Trained:
    """snownlp's classifier, taught this field (analysis/sentiment/field): the default."""
    return Trained(CARDS / "snownlp-field")
