"""What a post does, and which providers it says failed, by the rules of acts.yaml."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

import yaml

from analysis.labels.phrases import ANY_NAME, pattern
from analysis.text.cleaning import fold
from analysis.text.mentions import Found, Matcher
from analysis.text.wording import own_words

RULES = Path(__file__).parent / "acts.yaml"
# In this order in tables and reports.
ACTS = ("complaint", "switching", "dumber", "relief", "joke", "news", "question", "shrug")
# How far, in characters, a word of failing may stand from the name that it is said of.
FAR = 40
# How far before a word of failing something else that fails may stand (A股又崩了).
BEFORE = 3
_SENTENCE = re.compile(r"[。！!？?\n；;]|\.\s")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a post does, and of which providers it says that they failed."""

    acts: frozenset[str]
    failed: frozenset[str]


@dataclass(frozen=True, slots=True)
class Rule:
    """One act: what makes it, what forbids it, and whether it needs a failing provider."""

    any: re.Pattern[str] | None
    never: re.Pattern[str] | None
    unless: tuple[str, ...]
    fails: bool
    beside: tuple[str, ...]
    otherwise: bool

    def alone(self, acts: set[str]) -> bool:
        """Whether the act is made where no provider is said to fail."""
        return not self.fails or any(act in acts for act in self.beside)

    def holds(self, text: str) -> bool:
        return bool(self.any and self.any.search(text)) and not (
            self.never and self.never.search(text)
        )


class Rules:
    """The rules of a file."""

    def __init__(self, raw: bytes) -> None:
        loaded: dict[str, dict[str, Any]] = yaml.load(raw, Loader=yaml.CSafeLoader)
        self.version = blake2b(raw, digest_size=4).hexdigest()
        self._acts = {act: _rule(loaded[act]) for act in ACTS}
        fails = loaded["fails"]
        relief = loaded["relief"]["any"] if fails.get("relief") else []
        self._fails = pattern([*fails["any"], *relief])
        self._not_fails = pattern(fails["not"])

    def read(self, text: str, matcher: Matcher) -> Reading:
        """What a post does. Only the author's own words count, but for topics (#…崩了#), which
        tell of an outage too."""
        folded, own = fold(text), own_words(text)
        names = matcher.named(folded)
        failed = self._failed(folded, names, matcher)
        if own == text:
            own = _unnamed(folded, names)
        else:
            own = fold(own)
            own = _unnamed(own, matcher.named(own))
        acts = {act for act, rule in self._acts.items() if rule.holds(own)}
        acts = {act for act in acts if failed or self._acts[act].alone(acts)}
        if failed and not acts:
            acts = {act for act, rule in self._acts.items() if rule.otherwise}
        gone = {act for act in acts if acts & set(self._acts[act].unless)}
        return Reading(frozenset(acts - gone), frozenset(failed))

    def _failed(self, folded: str, names: Sequence[Found], matcher: Matcher) -> set[str]:
        if not names or self._fails is None:
            return set()
        void = [m.span() for m in self._not_fails.finditer(folded)] if self._not_fails else []
        failed = {name.provider for name in names if matcher.fails_at(folded, name)}
        starts = [name.start for name in names]
        for found in self._fails.finditer(folded):
            start, end = found.span()
            if any(a < end and start < b + BEFORE for a, b in void):
                continue
            # A name is never longer than FAR: those that begin further off can't be near.
            low, high = bisect_left(starts, start - 2 * FAR), bisect_right(starts, end + FAR)
            name = _nearest(names[low:high], start, end, folded, matcher)
            if name:
                failed.add(name.provider)
        return failed


def _unnamed(folded: str, names: Sequence[Found]) -> str:
    """The text with one sign in the place of each provider's name."""
    pieces, at = [], 0
    for name in names:
        pieces += [folded[at : name.start], ANY_NAME]
        at = name.end
    return "".join([*pieces, folded[at:]])


def _nearest(
    names: Sequence[Found], start: int, end: int, folded: str, matcher: Matcher
) -> Found | None:
    """Whom a word of failing is said of: the nearest name of its sentence, rather one before it,
    but not one that the post turns to."""
    best, least = None, FAR + 1
    for name in names:
        before = name.end <= start
        between = folded[name.end : start] if before else folded[end : name.start]
        distance = len(between) if before else len(between) * 2 + 1
        if distance >= least or _SENTENCE.search(between) or matcher.turns_to(folded, name):
            continue
        best, least = name, distance
    return best


def _rule(value: Mapping[str, Any]) -> Rule:
    return Rule(
        any=pattern(map(str, value["any"])),
        never=pattern(map(str, value.get("not", []))),
        unless=tuple(value.get("unless", [])),
        fails=bool(value.get("fails")),
        beside=tuple(value.get("with", [])),
        otherwise=bool(value.get("else")),
    )


@cache
def rules() -> Rules:
    """The bundled rules."""
    return Rules(RULES.read_bytes())
