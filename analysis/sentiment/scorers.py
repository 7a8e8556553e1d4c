"""The scorers: snownlp for Chinese, VADER for English. Other languages get no score."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import Any, Protocol

from analysis.sentiment.snow.scoring import SnowScorer
from analysis.sentiment.wording import as_word, field_words, join_phrases, own_words
from analysis.text import simplified

# VADER takes time that grows with length; opinions are not found past the first screen.
LONGEST = 2000
# VADER rewrites its text once for every emoji: thousands of them take minutes.
MOST_EMOJI = 50
# Changes whenever the same post would be scored on other words.
WORDING = "wording1"


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
    version: str = f"{version('snownlp')}+{WORDING}"
    languages: tuple[str, ...] = ("zh",)

    def score(self, texts: Sequence[str]) -> list[float | None]:
        """snownlp's own probability that what the author wrote is positive, in simplified
        characters: snownlp knows no others."""
        return _snow().score([simplified(own_words(text)) for text in texts])


@cache
def _snow() -> SnowScorer:
    from analysis.sentiment.snow.cache import tables

    return SnowScorer(tables())


@dataclass(frozen=True, slots=True)
class Vader:
    model: str = "vader"
    version: str = f"{version('vaderSentiment')}+{WORDING}"
    languages: tuple[str, ...] = ("en",)

    def score(self, texts: Sequence[str]) -> list[float | None]:
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


def scorers() -> tuple[Scorer, ...]:
    return Snownlp(), Vader()
