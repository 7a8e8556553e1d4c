"""Which providers a text names, and as what."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby
from typing import Self

from ahocorasick_rs import AhoCorasick, MatchKind

from analysis.text.cleaning import fold

_LATIN = re.compile(r"[a-z0-9_]")
_NEAR = 40


@dataclass(frozen=True, slots=True)
class Alias:
    """One name; a weak one counts only beside a context word or another provider's name."""

    provider: str
    text: str
    weak: bool


@dataclass(frozen=True, slots=True)
class Found:
    """A name in a folded text, from `start` up to `end`."""

    provider: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Mentioned:
    """A provider that a text names: role is subject or alternative; `failed` if it says so."""

    provider: str
    role: str
    failed: bool


class Words:
    """Finds words of a list, folded ones, in a folded text; Latin ones match whole words only."""

    def __init__(self, words: Sequence[str]) -> None:
        self._automaton = AhoCorasick([w or "\0" for w in words], matchkind=MatchKind.Standard)

    @classmethod
    def of(cls, words: Iterable[str]) -> Self:
        """Of words as people write them."""
        return cls([fold(w) for w in words])

    def find(self, folded: str) -> list[tuple[int, int, int]]:
        """(index of the word, start, end), every occurrence."""
        found = self._automaton.find_matches_as_indexes(folded, overlapping=True)
        return [m for m in found if _whole(folded, m[1], m[2])]

    def holders(self, folded: Sequence[str]) -> Iterator[int]:
        """Which of these texts hold any of the words, whole or not, ascending: looking at many at
        once costs less than one by one."""
        ends = list(accumulate(len(text) + 1 for text in folded))
        found = self._automaton.find_matches_as_indexes("\0".join(folded), overlapping=True)
        starts = sorted({start for _, start, _ in found})
        return (i for i, _ in groupby(bisect_right(ends, start) for start in starts))


def _whole(text: str, start: int, end: int) -> bool:
    def joined(left: int, right: int) -> bool:
        return bool(_LATIN.match(text[left]) and _LATIN.match(text[right]))

    return not (
        (start > 0 and joined(start - 1, start)) or (end < len(text) and joined(end - 1, end))
    )


class Matcher:
    """Finds providers in texts, by the catalogue's names and words."""

    def __init__(
        self,
        aliases: Iterable[Alias],
        *,
        context: Iterable[str],
        contexts: Mapping[str, Sequence[str]],
        failure: Iterable[str],
        between: Iterable[str],
        turning: Iterable[str],
    ) -> None:
        self._aliases = list(aliases)
        self._names = Words.of(a.text for a in self._aliases)
        self._context = Words.of(context)
        self._own = {p: Words.of(words) for p, words in contexts.items() if words}
        gap = "|".join(sorted((re.escape(fold(w)) for w in between), key=len, reverse=True))
        fails = "|".join(sorted((re.escape(fold(w)) for w in failure), key=len, reverse=True))
        turns = "|".join(sorted((re.escape(fold(w)) for w in turning), key=len, reverse=True))
        self._fails = re.compile(
            rf"(?:[\s,，:：]{{0,2}}(?:{gap})){{0,4}}[\s,，:：]{{0,2}}(?:{fails})(?![a-z]|真相|原因|赔偿|补偿)"
        )
        self._turns = re.compile(rf"(?:{turns})\s{{0,2}}$")

    def find(self, text: str) -> list[Mentioned]:
        """Providers that `text` names, in order of first appearance.

        A provider is an alternative where the text turns to it ("改用Kimi", "switched to
        Claude"), or where it says of another one, and not of this one, that it failed.
        """
        return self._find(fold(text))

    def find_all(self, folded: Sequence[str]) -> list[list[Mentioned]]:
        """What `find` gives of each text, of texts that are folded already."""
        found: list[list[Mentioned]] = [[] for _ in folded]
        for i in self._names.holders(folded):
            found[i] = self._find(folded[i])
        return found

    def _find(self, folded: str) -> list[Mentioned]:
        found = self.named(folded)
        failed = {f.provider for f in found if self.fails_at(folded, f)}
        turned = {f.provider for f in found if self.turns_to(folded, f)}
        order = dict.fromkeys(f.provider for f in found)
        alone = len(order) == 1
        return [Mentioned(p, self._role(p, failed, turned, alone), p in failed) for p in order]

    def failing(self, title: str) -> str | None:
        """The provider that `title` says failed, or None.

        The name must be followed by a failure word with nothing but filler in the middle, so
        that neither "美财长将美股崩盘甩锅DeepSeek" nor "牙崩了" is an outage.
        """
        folded = fold(title)
        for found in self.named(folded):
            if self.fails_at(folded, found):
                return found.provider
        return None

    def fails_at(self, folded: str, found: Found) -> bool:
        """Whether a text says right after a provider's name that it fails."""
        return bool(self._fails.match(folded, found.end))

    def turns_to(self, folded: str, found: Found) -> bool:
        """Whether a text turns to a provider where it names it there."""
        return bool(self._turns.search(folded, max(0, found.start - 16), found.start))

    @staticmethod
    def _role(provider: str, failed: set[str], turned: set[str], alone: bool) -> str:
        if provider in failed:
            return "subject"
        if provider in turned and not (alone and not failed):
            return "alternative"
        return "alternative" if failed else "subject"

    def named(self, folded: str) -> list[Found]:
        """Where a folded text names providers, in order; weak names only where context allows."""
        matches = self._longest(self._names.find(folded))
        sure = [m for m in matches if not self._aliases[m[0]].weak]
        if len(sure) < len(matches):
            context = self._context.find(folded)
            # Twice: a weak name that context makes sure is context for another one.
            for _ in range(2):
                known = frozenset(sure)
                sure = [
                    m for m in matches if m in known or self._has_context(m, folded, sure, context)
                ]
        return [Found(self._aliases[i].provider, start, end) for i, start, end in sure]

    @staticmethod
    def _longest(matches: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
        """Leave out names that stand inside a longer one (元宝 in 腾讯元宝)."""
        matches = sorted(matches, key=lambda m: (m[1], -m[2]))
        kept: list[tuple[int, int, int]] = []
        for match in matches:
            if not kept or match[1] >= kept[-1][2] or match[1:] == kept[-1][1:]:
                kept.append(match)
        return kept

    def _has_context(
        self,
        match: tuple[int, int, int],
        folded: str,
        sure: list[tuple[int, int, int]],
        context: list[tuple[int, int, int]],
    ) -> bool:
        index, start, end = match
        alias = self._aliases[index]

        def near(matches: list[tuple[int, int, int]]) -> bool:
            return any(
                s < end + _NEAR and e > start - _NEAR and (s >= end or e <= start)
                for _, s, e in matches
            )

        if near(context) or near(
            [m for m in sure if self._aliases[m[0]].provider != alias.provider]
        ):
            return True
        if self._fails.match(folded, end):
            return True
        own = self._own.get(alias.provider)
        return own is not None and near(own.find(folded))
