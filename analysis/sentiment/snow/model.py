"""Loading of snownlp's model files; the counts of its segmenter as arrays."""

import gzip
import marshal
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from analysis.statistics.arrays import Floats, Ints
from db.core.errors import BadInput

# A state is (character, tag): code point × 8 + tag; the tags b m e s are 0 to 3.
TAGS = 8
BOS = 4


@dataclass(frozen=True, slots=True)
class StateCounts:
    """Counts of the segmenter: each row of `keys` has 1, 2 or 3 states, `values` their counts."""

    keys: Ints
    values: Floats
    total: float


@dataclass(frozen=True, slots=True)
class SegmenterModel:
    """Interpolation weights, and counts of single, pairs and triples of states."""

    weights: tuple[float, float, float]
    uni: StateCounts
    bi: StateCounts
    tri: StateCounts


def load_sentiment_model(path: Path) -> Any:
    """Return the sentiment model that snownlp saved. Raises BadInput if the file has none."""
    return _load(path, "sentiment")


def load_segmenter_model(path: Path) -> SegmenterModel:
    """Return the segmentation model that snownlp saved. Raises BadInput if the file has none."""
    model = _load(path, "segmentation")
    try:
        codes = _Codes()
        counts = (_counts(model[name], n, codes) for n, name in enumerate(("uni", "bi", "tri"), 1))
        return SegmenterModel((model["l1"], model["l2"], model["l3"]), *counts)
    except (AttributeError, KeyError, TypeError, ValueError):
        raise BadInput(f"{path}: not a segmentation model of snownlp") from None


def _load(path: Path, kind: str) -> Any:
    """Return the content of a marshal file, gzipped or not: snownlp saves both."""
    try:
        raw = path.read_bytes()
        data = gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
        return marshal.loads(data)  # noqa: S302 - the package's own file or the user's own model
    except (OSError, EOFError, ValueError, TypeError, zlib.error) as error:
        raise BadInput(f"{path}: not a {kind} model of snownlp: {error}") from None


class _Codes(dict[tuple[str, str], int]):
    """The number of each state (character, tag); -1 unless it is one character."""

    def __missing__(self, state: tuple[str, str]) -> int:
        character, tag = state
        if tag == "BOS":
            code = BOS
        else:
            known = len(character) == 1 and tag in {"b", "m", "e", "s"}
            code = ord(character) * TAGS + "bmes".index(tag) if known else -1
        self[state] = code
        return code


def _counts(counter: Mapping[str, Any], states: int, codes: _Codes) -> StateCounts:
    """Return a counter as arrays; its keys are states, or tuples of `states` of them."""
    counts = counter["d"]
    flat = counts if states == 1 else chain.from_iterable(counts)
    keys = np.fromiter(map(codes.__getitem__, flat), np.int64).reshape(len(counts), states)
    values = np.fromiter(counts.values(), np.float64, len(counts))
    return StateCounts(keys, values, float(counter["total"]))
