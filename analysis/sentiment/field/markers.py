"""Signs and words of feeling, made one token each before snownlp's segmentation sees the text.

snownlp cuts [允悲] into three words, 不开心 into 不 (which it drops) and 开心, and a row of emoji
into nothing it knows. Here each becomes a token of its own, a negated word another one than the
word itself. Tokens are written with characters of the private planes, so that no text holds them
by itself and snownlp's segmentation leaves them whole.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

from ahocorasick_rs import AhoCorasick, MatchKind

from db.core import resources

LEXICON = Path(__file__).parent / "lexicon.yaml"
PRIVATE = 0xF0000
# A word after a negator speaks the other way, and less strongly: 不开心 is milder than 难过.
TURNED = -0.6
_NEGATED = "\N{NOT SIGN}"
_LONGEST_NEGATOR = 4
_TAKEN = re.compile("[\U000f0000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Strengths of signs (emoticons in brackets, emoji) and of words; and what negates a word."""

    signs: Mapping[str, float]
    words: Mapping[str, float]
    negators: tuple[str, ...]

    def strengths(self) -> dict[str, float]:
        """The strength of each token that `mark` can make."""
        own = {token(name): s for name, s in {**self.signs, **self.words}.items()}
        return own | {_NEGATED + token(word): s * TURNED for word, s in self.words.items()}


@cache
def version() -> str:
    """A short name for what the bundled lexicon holds: another one marks other tokens."""
    return blake2b(LEXICON.read_bytes(), digest_size=3).hexdigest()


@cache
def lexicon() -> Lexicon:
    """The bundled lexicon."""
    loaded: dict[str, Any] = resources.load(LEXICON)
    emoticons = {f"[{name}]": s for name, s in _strengths(loaded["emoticons"]).items()}
    return Lexicon(
        signs=emoticons | _strengths(loaded["emoji"]),
        words=_strengths(loaded["words"]),
        negators=tuple(map(str, loaded["negators"])),
    )


def _strengths(part: Mapping[float, list[str]]) -> dict[str, float]:
    return {str(name).lower(): float(s) for s, names in part.items() for name in names}


def token(name: str) -> str:
    """The one word that stands for a sign or a word of the lexicon."""
    return "".join(chr(PRIVATE + ord(c)) if ord(c) < PRIVATE else c for c in name)


def named(token_: str) -> str:
    """What a token stands for, to be shown."""
    return "".join(chr(ord(c) - PRIVATE) if ord(c) >= PRIVATE else c for c in token_)


class Marker:
    """Marks texts by one lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._names = [*lexicon.signs, *lexicon.words]
        self._tokens = [token(name) for name in self._names]
        self._words = len(lexicon.signs)
        self._found = AhoCorasick(self._names, matchkind=MatchKind.LeftmostLongest)
        longest = sorted(lexicon.negators, key=len, reverse=True)
        self._negator = re.compile(rf"(?:{'|'.join(map(re.escape, longest))})$")

    def mark(self, text: str) -> str:
        """The text in lower case, each sign and word of the lexicon as one token."""
        text = _TAKEN.sub(" ", text.lower())
        pieces: list[str] = []
        at = 0
        for which, start, end in self._found.find_matches_as_indexes(text):
            negator = self._before(text, at, start) if which >= self._words else None
            pieces.append(text[at : negator.start() if negator else start])
            pieces.append(f" {_NEGATED if negator else ''}{self._tokens[which]} ")
            at = end
        pieces.append(text[at:])
        return "".join(pieces)

    def _before(self, text: str, at: int, start: int) -> re.Match[str] | None:
        return self._negator.search(text, max(at, start - _LONGEST_NEGATOR), start)


@cache
def marker() -> Marker:
    """The marker of the bundled lexicon."""
    return Marker(lexicon())
