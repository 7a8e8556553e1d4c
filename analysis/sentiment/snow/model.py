"""What a segmenter knows, as arrays."""

import gzip
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

# A state is (character, tag): code point × 8 + tag; the tags b m e s are 0 to 3.
TAGS = 8
BOS = 4


@dataclass(frozen=True, slots=True)
class Counts:
    """What the segmenter counted: `keys` has 1, 2 or 3 states a row, `values` their counts."""

    keys: Ints
    values: Floats
    total: float


@dataclass(frozen=True, slots=True)
class SegmenterModel:
    """Interpolation weights, and counts of single, pairs and triples of states."""

    weights: tuple[float, float, float]
    uni: Counts
    bi: Counts
    tri: Counts


def unpacked(path: Path) -> bytes:
    """What a model file holds, gzipped or not, as snownlp saves both; raises as `gzip` does."""
    raw = path.read_bytes()
    return gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
