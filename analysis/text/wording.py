"""What of a post its author wrote, and said: the part that a score should hear."""

import html
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from db.core import resources

# A repost carries what others wrote before it: 我的话//@某人:他的话//@另一人:…
_CHAIN = re.compile(r"(?<!\s)\s*/{2}@.*", re.DOTALL)
_REPOST = re.compile(r"^\s*(?:转发微博|转发|轉發微博|Repost|RT)\s*[:：]?\s*$", re.IGNORECASE)
_URL = re.compile(r"(?:https?://|www\.)[^\s<>\"'，。！？、]{1,2000}", re.IGNORECASE)
_NAME = re.compile(r"(?:回复|回覆)?@[\w.\-…]{1,80}(?:@[\w.\-]{1,80})?\s?[:：]?")
# #话题# as Weibo has it, and #tag as others do; C# is neither.
_TOPIC = re.compile(r"(?<![A-Za-z0-9])#(?=\S)[^#\n]{1,60}(?<=\S)#(?![A-Za-z0-9])")
_TAG = re.compile(r"(?<![A-Za-z0-9])#\w{1,60}")
_SPACES = re.compile(r"[ \t]{2,}")
WORDS = Path(__file__).parent / "words.yaml"
# Part of each score's version: changes whenever the same post would be scored on other words.
WORDING = "wording1"


def own_words(text: str) -> str:
    """A post without what its author did not write: repost chains, names, topics, addresses.

    HTML entities become characters. Nothing may remain: then there is nothing to score.
    """
    text = _CHAIN.sub("", html.unescape(text))
    for pattern in (_URL, _TOPIC, _NAME, _TAG):
        text = pattern.sub(" ", text)
    text = _SPACES.sub(" ", text).strip()
    return "" if _REPOST.match(text) else text


@cache
def field_words() -> tuple[Mapping[str, float], Mapping[str, float]]:
    """Valences of this field's English words, and of its phrases."""
    loaded: dict[str, dict[str, Any]] = resources.load(WORDS)
    words, phrases = (
        {str(k).lower(): float(v) for k, v in loaded[part].items()} for part in ("words", "phrases")
    )
    return words, phrases


def as_word(phrase: str) -> str:
    """The one word that stands for a phrase."""
    return "phrase" + "".join(filter(str.isalnum, phrase))


@cache
def _phrases() -> re.Pattern[str]:
    _, phrases = field_words()
    longest_first = sorted(phrases, key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b", re.IGNORECASE)


def join_phrases(text: str) -> str:
    """English text with each known phrase as one word."""
    return _phrases().sub(lambda match: as_word(match[0].lower()), text.replace("’", "'"))
