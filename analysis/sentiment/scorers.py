"""The scorers: snownlp for Chinese, VADER for English. Other languages get no score."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import Any, Protocol

from analysis.sentiment.snow.scoring import SnowScorer

# VADER takes time that grows with length; opinions are not found past the first screen.
LONGEST = 2000
# VADER rewrites its text once for every emoji: thousands of them take minutes.
MOST_EMOJI = 50


class Scorer(Protocol):
    """A model of one version for some languages."""

    @property
    def model(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def languages(self) -> tuple[str, ...]: ...

    def score(self, texts: Sequence[str]) -> list[float | None]:
        """A score in [0, 1] for each text; None for one that it can't score."""
        ...


@dataclass(frozen=True, slots=True)
class Snownlp:
    model: str = "snownlp"
    version: str = version("snownlp")
    languages: tuple[str, ...] = ("zh",)

    def score(self, texts: Sequence[str]) -> list[float | None]:
        """snownlp's own probability that a text is positive, to the bit."""
        found = _snow().score(texts)
        return [score if text.strip() else None for text, score in zip(texts, found, strict=True)]


@cache
def _snow() -> SnowScorer:
    from analysis.sentiment.snow.cache import tables

    return SnowScorer(tables())


@dataclass(frozen=True, slots=True)
class Vader:
    model: str = "vader"
    version: str = version("vaderSentiment")
    languages: tuple[str, ...] = ("en",)

    def score(self, texts: Sequence[str]) -> list[float | None]:
        """VADER's compound score, moved from [-1, 1] to [0, 1]."""
        return [_vader(text[:LONGEST]) for text in texts]


@cache
def _analyzer() -> Any:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    return SentimentIntensityAnalyzer()


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


def scorers() -> tuple[Scorer, ...]:
    return Snownlp(), Vader()
