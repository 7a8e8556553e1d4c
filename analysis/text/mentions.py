"""The providers that a text names, and whether each is its subject or an alternative."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby

from ahocorasick_rs import AhoCorasick, MatchKind

from analysis.text.cleaning import fold
from analysis.text.wording import alternation

# The index of a word in its list, and where it starts and ends in the text.
Occurrence = tuple[int, int, int]
_LATIN = re.compile(r"[a-z0-9_]")
# How far, in characters, a context word may stand from a weak name.
_CONTEXT_DISTANCE = 40
# How far before a name a word of switching may begin.
_SWITCHING_DISTANCE = 16


@dataclass(frozen=True, slots=True)
class ProviderName:
    """One name of a provider; a weak one counts only near a context word or another provider."""

    provider: str
    text: str
    weak: bool


@dataclass(frozen=True, slots=True)
class NameMatch:
    """A provider's name in a folded text, from `start` up to `end`."""

    provider: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ProviderMention:
    """A provider that a text names as `subject` or `alternative`; `failed` if it says so."""

    provider: str
    role: str
    failed: bool


class WordFinder:
    """Finds words in folded texts; Latin words match as whole words only."""

    def __init__(self, words: Iterable[str]) -> None:
        folded = [fold(word) or "\0" for word in words]
        self._automaton = AhoCorasick(folded, matchkind=MatchKind.Standard)

    def find(self, folded: str) -> list[Occurrence]:
        """Return every occurrence of every word."""
        matches = self._automaton.find_matches_as_indexes(folded, overlapping=True)
        return [m for m in matches if _is_whole_word(folded, m[1], m[2])]

    def matching_indexes(self, folded: Sequence[str]) -> Iterator[int]:
        """Return the ascending indexes of the texts with any of the words, even inside a word.

        One search over many texts costs less than one search each.
        """
        ends = list(accumulate(len(text) + 1 for text in folded))
        matches = self._automaton.find_matches_as_indexes("\0".join(folded), overlapping=True)
        starts = sorted({start for _, start, _ in matches})
        return (i for i, _ in groupby(bisect_right(ends, start) for start in starts))


def _is_whole_word(text: str, start: int, end: int) -> bool:
    def is_inside_word(at: int) -> bool:
        return bool(_LATIN.match(text[at - 1]) and _LATIN.match(text[at]))

    return not ((start > 0 and is_inside_word(start)) or (end < len(text) and is_inside_word(end)))


def _is_near(occurrence: Occurrence, others: Iterable[Occurrence]) -> bool:
    """Whether any other occurrence is near this one without overlapping it."""
    _, start, end = occurrence
    low, high = start - _CONTEXT_DISTANCE, end + _CONTEXT_DISTANCE
    return any(s < high and e > low and (s >= end or e <= start) for _, s, e in others)


class Matcher:
    """Finds providers in texts, by the names and words of the catalog.

    `context`: words near which weak names count; `contexts`: those of single providers.
    `filler`: words that may stand between a name and a word of `failure`. `switching`: words
    before the name of the provider that somebody turns to.
    """

    def __init__(
        self,
        aliases: Iterable[ProviderName],
        *,
        context: Iterable[str],
        contexts: Mapping[str, Sequence[str]],
        failure: Iterable[str],
        filler: Iterable[str],
        switching: Iterable[str],
    ) -> None:
        self._names = list(aliases)
        self._name_finder = WordFinder(name.text for name in self._names)
        self._context = WordFinder(context)
        self._contexts = {p: WordFinder(words) for p, words in contexts.items() if words}
        between, fails, switches = (
            alternation(map(fold, words)) for words in (filler, failure, switching)
        )
        self._failure = re.compile(
            rf"(?:[\s,，:：]{{0,2}}(?:{between})){{0,4}}[\s,，:：]{{0,2}}(?:{fails})"
            r"(?![a-z]|真相|原因|赔偿|补偿)"
        )
        self._switching = re.compile(rf"(?:{switches})\s{{0,2}}$")

    def find(self, text: str) -> list[ProviderMention]:
        """Return the providers that a text names, in order of first appearance.

        A provider is an alternative if the text turns to it ("改用Kimi", "switched to Claude"),
        or if the text says of another provider, and not of this one, that it failed.
        """
        return self._find(fold(text))

    def find_all(self, folded: Sequence[str]) -> list[list[ProviderMention]]:
        """Return what `find` returns for each text; the texts are folded already."""
        mentions: list[list[ProviderMention]] = [[] for _ in folded]
        for i in self._name_finder.matching_indexes(folded):
            mentions[i] = self._find(folded[i])
        return mentions

    def _find(self, folded: str) -> list[ProviderMention]:
        names = self.find_names(folded)
        providers = dict.fromkeys(name.provider for name in names)
        subjects = failed = {n.provider for n in names if self.says_failed(folded, n)}
        if not failed:
            subjects = set(providers)
            if len(providers) > 1:
                subjects -= {n.provider for n in names if self.turns_to(folded, n)}
        return [
            ProviderMention(p, "subject" if p in subjects else "alternative", p in failed)
            for p in providers
        ]

    def failed_provider(self, title: str) -> str | None:
        """Return the provider that a title says failed, or None.

        A failure word must follow the name with nothing but filler between them, so that
        neither "美财长将美股崩盘甩锅DeepSeek" nor "牙崩了" is an outage.
        """
        folded = fold(title)
        names = self.find_names(folded)
        return next((n.provider for n in names if self.says_failed(folded, n)), None)

    def says_failed(self, folded: str, name: NameMatch) -> bool:
        """Whether the text says right after a provider's name that it failed."""
        return bool(self._failure.match(folded, name.end))

    def turns_to(self, folded: str, name: NameMatch) -> bool:
        """Whether the text says right before a provider's name that somebody turns to it."""
        start = max(0, name.start - _SWITCHING_DISTANCE)
        return bool(self._switching.search(folded, start, name.start))

    def find_names(self, folded: str) -> list[NameMatch]:
        """Return the names of providers in a folded text, in order; weak ones if context allows."""
        matches = _longest(self._name_finder.find(folded))
        sure = [m for m in matches if not self._names[m[0]].weak]
        if len(sure) < len(matches):
            context = self._context.find(folded)
            # Twice: a weak name that context makes sure is context for another one.
            for _ in range(2):
                known = frozenset(sure)
                sure = [
                    m for m in matches if m in known or self._has_context(m, folded, sure, context)
                ]
        return [NameMatch(self._names[i].provider, start, end) for i, start, end in sure]

    def _has_context(
        self, match: Occurrence, folded: str, sure: list[Occurrence], context: list[Occurrence]
    ) -> bool:
        provider = self._names[match[0]].provider
        others = (m for m in sure if self._names[m[0]].provider != provider)
        if _is_near(match, context) or _is_near(match, others):
            return True
        if self._failure.match(folded, match[2]):
            return True
        finder = self._contexts.get(provider)
        return finder is not None and _is_near(match, finder.find(folded))


def _longest(matches: list[Occurrence]) -> list[Occurrence]:
    """Leave out names inside a longer name (元宝 in 腾讯元宝)."""
    longest: list[Occurrence] = []
    for match in sorted(matches, key=lambda m: (m[1], -m[2])):
        if not longest or match[1] >= longest[-1][2] or match[1:] == longest[-1][1:]:
            longest.append(match)
    return longest
