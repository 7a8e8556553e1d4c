"""Compiled scoring of texts by snownlp's models, its own or retrained ones."""

import importlib.util
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import accumulate, chain
from pathlib import Path
from typing import Any

import numpy as np

from analysis.sentiment.snow.model import load_segmenter_model, load_sentiment_model
from analysis.sentiment.snow.tables import FIRST_HAN, LAST_HAN, Array, Tables, build
from db.core.errors import BadInput

TEXTS_PER_CALL = 2048


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """The files that snownlp reads; its `save` adds the suffix `.3`."""

    segmenter: Path
    sentiment: Path
    stop_words: Path


def snownlp_files() -> ModelFiles:
    """Return the files of snownlp, without the seconds that importing it takes."""
    spec = importlib.util.find_spec("snownlp")
    if spec is None or not spec.submodule_search_locations:
        raise BadInput("snownlp is not installed")
    home = Path(spec.submodule_search_locations[0])
    return ModelFiles(
        home / "seg" / "seg.marshal.3",
        home / "sentiment" / "sentiment.marshal.3",
        home / "normal" / "stopwords.txt",
    )


def build_tables(files: ModelFiles) -> Tables:
    """Build tables from model files."""
    return build(
        load_segmenter_model(files.segmenter),
        load_sentiment_model(files.sentiment),
        _stop(files.stop_words),
    )


def _stop(path: Path) -> set[str]:
    return {line.strip() for line in path.read_text(encoding="utf-8").splitlines(keepends=True)}


class SnowScorer:
    """Scores texts as `SnowNLP(text).sentiments` does, equal to the bit."""

    def __init__(self, tables: Tables) -> None:
        from analysis.sentiment.snow.compiled import score

        self._compiled: Any = score
        self._tables = tuple(tables.arrays().values())
        self._spaces = tables.spaces
        self._local = threading.local()

    def score(self, texts: Sequence[object], threads: int = 1) -> list[float | None]:
        """Return the score of each text, computed by this many threads.

        None for the empty text, on which snownlp raises, and for anything that is no text.
        """
        strings = [text if isinstance(text, str) else "" for text in texts]
        if len(strings) <= TEXTS_PER_CALL:
            return self._score(strings)
        parts = [strings[i : i + TEXTS_PER_CALL] for i in range(0, len(strings), TEXTS_PER_CALL)]
        with ThreadPoolExecutor(threads) as pool:
            return list(chain.from_iterable(pool.map(self._score, parts)))

    def words(self, texts: Sequence[str]) -> list[list[str]]:
        """Return the words of each text, as `snownlp.seg.seg` does."""
        words = []
        for first in range(0, len(texts), TEXTS_PER_CALL):
            part = texts[first : first + TEXTS_PER_CALL]
            self._score(part)
            tags, at = self._local.buffers[0], 0
            for text in part:
                words.append(self._cut(text, tags[at : at + len(text)]))
                at += len(text)
        return words

    def _cut(self, text: str, tags: Array) -> list[str]:
        """Return the words by a text's tags: they end where runs do, after e, before b and s."""
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

    def _score(self, texts: Sequence[str]) -> list[float | None]:
        lengths = [len(text) for text in texts]
        edges = np.array([0, *accumulate(lengths)], np.int64)
        points = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)
        scores = np.empty(len(texts))
        buffers = self._buffers(len(points), max(lengths, default=0))
        self._compiled(points, edges, *self._tables, *buffers, scores)
        return [s if n else None for s, n in zip(scores.tolist(), lengths, strict=True)]

    def _buffers(self, points: int, longest: int) -> tuple[Array, ...]:
        """Return arrays for the compiled code to write to; this thread's next call reuses them."""
        buffers: tuple[Array, ...] | None = getattr(self._local, "buffers", None)
        if buffers is None or len(buffers[0]) <= points or len(buffers[1]) <= longest:
            longest = max(longest + 1, 512)
            buffers = (
                np.empty(max(points + 1, 4096), np.int8),
                np.empty((longest, 16)),
                np.empty((longest, 6), np.int64),
                np.empty(64),
                np.zeros(1),
            )
            self._local.buffers = buffers
        return buffers
