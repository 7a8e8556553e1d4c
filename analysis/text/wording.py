"""The part of a post that its author wrote, and words with a meaning of their own in it."""

import html
import re
from collections.abc import Iterable, Mapping
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
# Part of each score's version: change it whenever the same post would be scored on other words.
WORDING_VERSION = "wording1"


def alternation(words: Iterable[str]) -> str:
    """Return a regular expression for any of the words, the longest first."""
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


def author_text(text: str) -> str:
    """Return a post without repost chains, account names, topics and addresses.

    HTML entities become characters. The result may be empty: then there is nothing to score.
    """
    text = _CHAIN.sub("", html.unescape(text))
    for pattern in (_URL, _TOPIC, _NAME, _TAG):
        text = pattern.sub(" ", text)
    text = _SPACES.sub(" ", text).strip()
    return "" if _REPOST.match(text) else text


@cache
def english_valences() -> tuple[Mapping[str, float], Mapping[str, float]]:
    """Return the valences of English words and of phrases that VADER's lexicon lacks."""
    loaded: dict[str, dict[str, Any]] = resources.load_yaml(WORDS)
    words, phrases = (
        {str(k).lower(): float(v) for k, v in loaded[part].items()} for part in ("words", "phrases")
    )
    return words, phrases


def phrase_token(phrase: str) -> str:
    """Return the single word that stands for a phrase."""
    return "phrase" + "".join(filter(str.isalnum, phrase))


@cache
def _phrases() -> re.Pattern[str]:
    return re.compile(rf"\b(?:{alternation(english_valences()[1])})\b", re.IGNORECASE)


def join_phrases(text: str) -> str:
    """Replace each known phrase of an English text by its word (`phrase_token`)."""
    return _phrases().sub(lambda match: phrase_token(match[0].lower()), text.replace("’", "'"))
