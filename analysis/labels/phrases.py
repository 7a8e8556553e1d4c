"""Phrases that people write in YAML, as patterns that can't take long."""

import re
from collections.abc import Iterable

from analysis.text.cleaning import fold

GAP = "…"
# What stands for any provider: a character of the private area, which no stored text holds.
NAME, ANY_NAME = "{name}", "\ue000"
_BETWEEN = r"[^。！？!?\n]{0,12}?"
_CLOSING = r"(?:\[[^\[\]\s]{1,8}\]|[^\w\[\]]){0,12}"


def pattern(phrases: Iterable[str]) -> re.Pattern[str] | None:
    """One pattern for all phrases, longest first; None where there are none."""
    parts = [_one(phrase) for phrase in sorted(phrases, key=len, reverse=True)]
    return re.compile("|".join(parts)) if parts else None


def _one(phrase: str) -> str:
    begins, ends = phrase.startswith("^"), phrase.endswith("$")
    bare = phrase[begins : len(phrase) - ends].replace(NAME, ANY_NAME)
    folded = fold(bare)
    inner = _BETWEEN.join(re.escape(part) for part in folded.split(fold(GAP)))
    inner = inner.replace(ANY_NAME, rf"\s?{ANY_NAME}\s?")
    left = r"(?<![a-z0-9])" if re.match(r"[a-z0-9]", folded) else ""
    right = r"(?![a-z0-9])" if re.search(r"[a-z0-9]$", folded) else ""
    return ("^" if begins else "") + left + inner + right + (_CLOSING + r"\Z" if ends else "")
