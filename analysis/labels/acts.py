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

from analysis.labels.phrases import ANY_NAME, compile_phrases
from analysis.text.cleaning import fold
from analysis.text.mentions import Matcher, NameMatch
from analysis.text.wording import author_text

RULES = Path(__file__).parent / "acts.yaml"
# In this order in tables and reports.
ACTS = ("complaint", "switching", "dumber", "relief", "joke", "news", "question", "shrug")
# How far, in characters, a failure word may stand from the name of the provider that failed.
MAX_DISTANCE = 40
# How far before a failure word something else that fails may stand (A股又崩了).
EXCLUSION_MARGIN = 3
_SENTENCE_END = re.compile(r"[。！!？?\n；;]|\.\s")


@dataclass(frozen=True, slots=True)
class PostLabels:
    """What a post does, and the providers that it says failed."""

    acts: frozenset[str]
    failed: frozenset[str]


class ActRule:
    """The rule of one act: phrases for and against it, and the other acts that it depends on."""

    def __init__(self, entry: Mapping[str, Any]) -> None:
        self._phrases = compile_phrases(map(str, entry["any"]))
        self._exclusions = compile_phrases(map(str, entry.get("not", [])))
        self._needs_failure = bool(entry.get("fails"))
        self._suffices = frozenset(entry.get("with", []))
        self.suppressed_by = frozenset(entry.get("unless", []))
        self.is_default = bool(entry.get("else"))

    def matches(self, text: str) -> bool:
        """Whether a folded text has a phrase of this act and none that excludes it."""
        return bool(self._phrases and self._phrases.search(text)) and not (
            self._exclusions and self._exclusions.search(text)
        )

    def allows(self, failed: set[str], acts: set[str]) -> bool:
        """Whether the act can stand beside these acts, given which providers failed."""
        return bool(failed) or not self._needs_failure or not acts.isdisjoint(self._suffices)


class Rules:
    """The rules of a YAML file; `version` changes with the file."""

    def __init__(self, raw: bytes) -> None:
        entries: dict[str, dict[str, Any]] = yaml.load(raw, Loader=yaml.CSafeLoader)
        self.version = blake2b(raw, digest_size=4).hexdigest()
        self._acts = {act: ActRule(entries[act]) for act in ACTS}
        fails = entries["fails"]
        relief = entries["relief"]["any"] if fails.get("relief") else []
        self._failure = compile_phrases([*fails["any"], *relief])
        self._not_failure = compile_phrases(fails["not"])

    def label(self, text: str, matcher: Matcher) -> PostLabels:
        """Return what a post does and which providers it says failed.

        Acts are taken from the author's own words only; failures also from topics (#…崩了#).
        """
        folded, authored = fold(text), author_text(text)
        names = matcher.find_names(folded)
        failed = self._failed(folded, names, matcher)
        if authored == text:
            authored = _mask_names(folded, names)
        else:
            authored = fold(authored)
            authored = _mask_names(authored, matcher.find_names(authored))
        acts = {act for act, rule in self._acts.items() if rule.matches(authored)}
        acts = {act for act in acts if self._acts[act].allows(failed, acts)}
        if failed and not acts:
            acts = {act for act, rule in self._acts.items() if rule.is_default}
        acts = {act for act in acts if acts.isdisjoint(self._acts[act].suppressed_by)}
        return PostLabels(frozenset(acts), frozenset(failed))

    def _failed(self, folded: str, names: Sequence[NameMatch], matcher: Matcher) -> set[str]:
        if not names or self._failure is None:
            return set()
        excluded = []
        if self._not_failure:
            excluded = [match.span() for match in self._not_failure.finditer(folded)]
        failed = {name.provider for name in names if matcher.says_failed(folded, name)}
        starts = [name.start for name in names]
        for match in self._failure.finditer(folded):
            start, end = match.span()
            if any(a < end and start < b + EXCLUSION_MARGIN for a, b in excluded):
                continue
            # A name is never longer than MAX_DISTANCE: those that begin further off can't be near.
            low = bisect_left(starts, start - 2 * MAX_DISTANCE)
            high = bisect_right(starts, end + MAX_DISTANCE)
            name = _nearest(names[low:high], start, end, folded, matcher)
            if name:
                failed.add(name.provider)
        return failed


def _mask_names(folded: str, names: Sequence[NameMatch]) -> str:
    """Replace each provider's name by the same character."""
    pieces, at = [], 0
    for name in names:
        pieces += [folded[at : name.start], ANY_NAME]
        at = name.end
    return "".join([*pieces, folded[at:]])


def _nearest(
    names: Sequence[NameMatch], start: int, end: int, folded: str, matcher: Matcher
) -> NameMatch | None:
    """Return the provider's name that a failure word refers to: the nearest one of its sentence.

    Names before the word are preferred; names that the post turns to are left out.
    """
    nearest, least = None, MAX_DISTANCE + 1
    for name in names:
        is_before = name.end <= start
        between = folded[name.end : start] if is_before else folded[end : name.start]
        distance = len(between) if is_before else len(between) * 2 + 1
        if distance >= least or _SENTENCE_END.search(between) or matcher.turns_to(folded, name):
            continue
        nearest, least = name, distance
    return nearest


@cache
def bundled_rules() -> Rules:
    """Return the rules of the bundled file."""
    return Rules(RULES.read_bytes())
