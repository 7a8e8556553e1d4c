"""Emoticons, emoji and words of feeling, each made one token before snownlp segments the text.

snownlp cuts [允悲] into three words, 不开心 into 不 (which it drops) and 开心, and emoji into
nothing that it knows. Here each becomes a token, and a negated word another token than the word
itself. Tokens are written in private-use characters, so that no text contains them by itself and
snownlp's segmentation leaves them whole.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

from ahocorasick_rs import AhoCorasick, MatchKind

from analysis.text.wording import alternation
from db.core import resources

LEXICON = Path(__file__).parent / "lexicon.yaml"
PRIVATE_USE = 0xF0000
# A negated word has the opposite strength, and a weaker one: 不开心 is milder than 难过.
NEGATION_FACTOR = -0.6
_NEGATED = "\N{NOT SIGN}"
_LONGEST_NEGATOR = 4
_RESERVED = re.compile("[\U000f0000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Strengths of signs (emoticons in brackets, emoji) and of words, and words that negate."""

    signs: Mapping[str, float]
    words: Mapping[str, float]
    negators: tuple[str, ...]

    def strengths(self) -> dict[str, float]:
        """Return the strength of each token that `Marker.mark` can make."""
        plain = {encode_token(name): s for name, s in {**self.signs, **self.words}.items()}
        negated = {_NEGATED + encode_token(w): s * NEGATION_FACTOR for w, s in self.words.items()}
        return plain | negated


@cache
def lexicon_version() -> str:
    """Return a short hash of the bundled lexicon, on which the meaning of scores depends."""
    return blake2b(LEXICON.read_bytes(), digest_size=3).hexdigest()


@cache
def lexicon() -> Lexicon:
    """Return the bundled lexicon."""
    loaded: dict[str, Any] = resources.load_yaml(LEXICON)
    emoticons = {f"[{name}]": s for name, s in _strengths(loaded["emoticons"]).items()}
    return Lexicon(
        signs=emoticons | _strengths(loaded["emoji"]),
        words=_strengths(loaded["words"]),
        negators=tuple(map(str, loaded["negators"])),
    )


def _strengths(part: Mapping[float, list[str]]) -> dict[str, float]:
    return {str(name).lower(): float(s) for s, names in part.items() for name in names}


def encode_token(name: str) -> str:
    """Return the token of a sign or word of the lexicon."""
    return "".join(chr(PRIVATE_USE + ord(c)) if ord(c) < PRIVATE_USE else c for c in name)


def decode_token(token: str) -> str:
    """Return the sign or word that a token stands for."""
    return "".join(chr(ord(c) - PRIVATE_USE) if ord(c) >= PRIVATE_USE else c for c in token)


class Marker:
    """Replaces the signs and words of a lexicon in texts by tokens."""

    def __init__(self, lexicon: Lexicon) -> None:
        names = [*lexicon.signs, *lexicon.words]
        self._tokens = [encode_token(name) for name in names]
        self._first_word = len(lexicon.signs)
        self._automaton = AhoCorasick(names, matchkind=MatchKind.LeftmostLongest)
        self._negator = re.compile(rf"(?:{alternation(lexicon.negators)})$")

    def mark(self, text: str) -> str:
        """Return the text in lower case with each sign and word of the lexicon as one token."""
        text = _RESERVED.sub(" ", text.lower())
        pieces: list[str] = []
        at = 0
        for which, start, end in self._automaton.find_matches_as_indexes(text):
            negator = None
            if which >= self._first_word:
                negator = self._negator.search(text, max(at, start - _LONGEST_NEGATOR), start)
            pieces.append(text[at : negator.start() if negator else start])
            pieces.append(f" {_NEGATED if negator else ''}{self._tokens[which]} ")
            at = end
        pieces.append(text[at:])
        return "".join(pieces)


@cache
def marker() -> Marker:
    """Return the marker of the bundled lexicon."""
    return Marker(lexicon())
