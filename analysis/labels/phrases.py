"""Regular expressions, never slow, from the phrases of a YAML file."""

import re
from collections.abc import Iterable

from analysis.text.cleaning import fold

GAP = "…"
# Stands for any provider: a private-use character, which no stored text has.
NAME, ANY_NAME = "{name}", "\ue000"
_BETWEEN = r"[^。！？!?\n]{0,12}?"
_CLOSING = r"(?:\[[^\[\]\s]{1,8}\]|[^\w\[\]]){0,12}"


def compile_phrases(phrases: Iterable[str]) -> re.Pattern[str] | None:
    """Return one pattern for all phrases, longest first; None without any."""
    parts = [_expression(phrase) for phrase in sorted(phrases, key=len, reverse=True)]
    return re.compile("|".join(parts)) if parts else None


def _expression(phrase: str) -> str:
    begins, ends = phrase.startswith("^"), phrase.endswith("$")
    bare = phrase[begins : len(phrase) - ends].replace(NAME, ANY_NAME)
    folded = fold(bare)
    inner = _BETWEEN.join(re.escape(part) for part in folded.split(fold(GAP)))
    inner = inner.replace(ANY_NAME, rf"\s?{ANY_NAME}\s?")
    before = r"(?<![a-z0-9])" if re.match(r"[a-z0-9]", folded) else ""
    after = r"(?![a-z0-9])" if re.search(r"[a-z0-9]$", folded) else ""
    return ("^" if begins else "") + before + inner + after + (_CLOSING + r"\Z" if ends else "")
