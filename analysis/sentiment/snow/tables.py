"""Tables for scoring, built from the counts of snownlp's two models.

Logarithms are taken here, by Python's `math.log` and in snownlp's order of operations, so that
scoring only adds: this makes its sums equal to snownlp's to the bit.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.sentiment.snow.model import BOS, TAGS, SegmenterModel, StateCounts
from analysis.statistics.arrays import Floats, Ints
from db.core.errors import BadInput

Array = NDArray[Any]

# snownlp segments runs of these characters (seg/__init__.py, re_zh).
FIRST_HAN, LAST_HAN = 0x4E00, 0x9FA5
STATES = 4
CLASSES = ("neg", "pos")
HASH = 0x9E3779B97F4A7C15
_MASK = 2**64 - 1
_PAIR_HASH = 2654435761


@dataclass(frozen=True, slots=True)
class Tables:
    """Arrays only, so that they can be stored and memory-mapped.

    char_id: by code point from FIRST_HAN on; -1 for characters that the segmenter never saw.
    uni_log, first_log: shape (chars, 4); of a tag after anything unseen, and at the start.
    pair_slots: open addressing from a pair of characters to a row; (key, row), row -1 is free.
    row_starts: shape (rows + 1, 2); where a row's `pairs` and its `nexts` begin.
    pairs: shape (n, 2); the logarithm of each tag pair in the training data (first × 4 + second),
    and the tag pair. nexts: shape (n + 1, 2); the characters seen after that pair, ascending, and
    where their `triples` begin. triples: as `pairs`, for tag triples.
    Values that are read together are stored together: memory access dominates scoring time.
    word_slots: open addressing from a word's hash to its number + 1.
    words: shape (n, 4); the logarithms for neg and pos (NaN: a stop word), where the word's
    code points begin in `word_chars`, and their number. prior, unknown: shape (2,).
    spaces: by code point, whether Python's `str.split` splits at it.
    """

    char_id: Array
    uni_log: Array
    first_log: Array
    pair_slots: Array
    row_starts: Array
    pairs: Array
    nexts: Array
    triples: Array
    word_slots: Array
    words: Array
    word_chars: Array
    prior: Array
    unknown: Array
    spaces: Array

    def arrays(self) -> dict[str, Array]:
        """Return the arrays by name, in the order in which the compiled code takes them."""
        return {f.name: getattr(self, f.name) for f in fields(self)}


def build(segmenter: SegmenterModel, sentiment: Mapping[str, Any], stop: Iterable[str]) -> Tables:
    """Build the tables of a segmenter and a sentiment model in snownlp's format."""
    return Tables(
        **_segmentation(segmenter),
        **_words(sentiment, set(stop)),
        spaces=np.array([chr(c).isspace() for c in range(0x3001)]),
    )


def with_sentiment_model(tables: Tables, sentiment: Mapping[str, Any]) -> Tables:
    """Return the same segmentation with another sentiment model, and without stop words."""
    return replace(tables, **_words(sentiment, set()))


def word_hash(word: str) -> int:
    """Return the 64-bit hash of a word's code points, as in the compiled code."""
    value = 0
    for character in word:
        value = ((value ^ ord(character)) * HASH) & _MASK
    return value ^ (value >> 29)


def _logs(values: Floats) -> Floats:
    """Return Python's logarithm of each value, -inf of zero."""
    return np.array([math.log(v) if v else -math.inf for v in values.tolist()], dtype=np.float64)


def _segmentation(model: SegmenterModel) -> dict[str, Array]:
    char_id = _characters(model.uni)
    chars = int(char_id.max()) + 1
    states = (chars + 1) * STATES
    bos = chars * STATES
    l1, l2, l3 = model.weights

    numbers = _numbering(char_id)
    uni_count = np.zeros(states)
    single, keep = _dense(model.uni.keys, numbers)
    uni_count[single[:, 0]] = model.uni.values[keep]
    uni = l1 * (uni_count / model.uni.total)

    pair, keep = _dense(model.bi.keys, numbers)
    counts = model.bi.values[keep]
    code = pair[:, 0] * states + pair[:, 1]
    order = np.argsort(code)
    code, counts, pair = code[order], counts[order], pair[order]

    def bi_count(first: Ints, second: Ints) -> Floats:
        wanted = first * states + second
        place = np.minimum(np.searchsorted(code, wanted), len(code) - 1)
        return np.where(code[place] == wanted, counts[place], 0.0)

    def divided(top: Floats, below: Floats) -> Floats:
        return np.divide(top, below, out=np.zeros_like(top), where=below != 0)

    bi_log = _logs(uni[pair[:, 1]] + divided(l2 * counts, uni_count[pair[:, 0]]))
    triple, keep = _dense(model.tri.keys, numbers)
    a, b, c = triple.T
    tri = divided(l3 * model.tri.values[keep], bi_count(a, b))
    bi = divided(l2 * bi_count(b, c), uni_count[b])
    tri_log = _logs(uni[c] + bi + tri)
    at_start = (a == bos) & (b == bos)
    starting = np.arange(bos)
    first = _logs(uni[:bos] + divided(l2 * bi_count(np.full(bos, bos), starting), uni_count[[bos]]))
    first[c[at_start]] = tri_log[at_start]
    row_keys, slots = _pair_rows(pair // STATES, chars)
    inner = ~at_start
    return {
        "char_id": char_id,
        "uni_log": _logs(uni[:bos]).reshape(chars, STATES),
        "first_log": first.reshape(chars, STATES),
        "pair_slots": slots,
        **_entries(pair, bi_log, triple[inner], tri_log[inner], row_keys, chars),
    }


def _characters(uni: StateCounts) -> Array:
    """Return an id for each Han character that was counted with any of the four tags."""
    seen = uni.keys[(uni.keys[:, 0] >= 0) & (uni.values > 0), 0]
    points = np.unique(seen[seen % TAGS < STATES] // TAGS)
    points = points[(points >= FIRST_HAN) & (points <= LAST_HAN)]
    char_id = np.full(LAST_HAN - FIRST_HAN + 1, -1, np.int32)
    char_id[points - FIRST_HAN] = np.arange(len(points))
    if not len(points):
        raise BadInput("the segmentation model knows no Chinese character")
    return char_id


def _numbering(char_id: Array) -> Array:
    """Return a dense number for each state: character id × 4 + tag, the beginning after all.

    -1 for states of other characters, and for the last entry, to which larger states are clipped.
    """
    numbers = np.full((LAST_HAN + 1) * TAGS + 1, -1, np.int64)
    numbers[BOS] = (int(char_id.max()) + 1) * STATES
    points = np.flatnonzero(char_id >= 0)
    for tag in range(STATES):
        numbers[(points + FIRST_HAN) * TAGS + tag] = char_id[points] * STATES + tag
    return numbers


def _dense(keys: Ints, numbers: Array) -> tuple[Ints, NDArray[np.bool_]]:
    """Return the keys with known states only, as dense numbers, and which keys those are."""
    dense = np.asarray(numbers[np.minimum(keys, len(numbers) - 1)], dtype=np.int64)
    keep = np.asarray((dense >= 0).all(axis=1), dtype=np.bool_)
    return dense[keep], keep


def _pair_rows(pairs: Ints, chars: int) -> tuple[Ints, Array]:
    """Assign a row to each pair of characters; return their keys and the slots that find them."""
    keys = np.unique(pairs[:, 0] * (chars + 1) + pairs[:, 1])
    bits = max(4, int(np.ceil(np.log2(2 * len(keys) + 1))))
    slots = np.full((1 << bits, 2), -1, np.int32)
    place = pair_slot(keys, bits)
    waiting = np.arange(len(keys))
    while len(waiting):
        wanted = place[waiting]
        free = slots[wanted, 1] < 0
        # If several want one slot, the last one written gets it; the others try the next slot.
        slots[wanted[free], 1] = waiting[free]
        slots[wanted[free], 0] = keys[waiting[free]]
        lost = slots[wanted, 1] != waiting
        waiting = waiting[lost]
        place[waiting] = (place[waiting] + 1) & ((1 << bits) - 1)
    return keys, slots


def pair_slot(keys: Ints, bits: int) -> Ints:
    """Return the slot at which the search for each pair of characters begins."""
    return ((keys * _PAIR_HASH) & 0xFFFFFFFF) >> (32 - bits)


def _starts(groups: Ints, size: int) -> Array:
    """Return where each of `size` groups begins in an ascending list of group numbers."""
    return np.searchsorted(groups, np.arange(size + 1)).astype(np.int32)


def _entries(
    pair: Ints, pair_log: Floats, triple: Ints, tri_log: Floats, row_keys: Ints, chars: int
) -> dict[str, Array]:
    a, b = (pair // STATES).T
    row = np.searchsorted(row_keys, a * (chars + 1) + b)
    order = np.argsort(row, kind="stable")
    pair_start = _starts(row[order], len(row_keys))
    pairs = _logs_and_tags(pair_log, pair, order)

    a, b, c = (triple // STATES).T
    wanted = a * (chars + 1) + b
    row = np.searchsorted(row_keys, wanted)
    # A triple whose pair was never counted adds nothing.
    known = row_keys[np.minimum(row, len(row_keys) - 1)] == wanted
    group, triple, tri_log = (row * (chars + 1) + c)[known], triple[known], tri_log[known]
    order = np.argsort(group, kind="stable")
    group = group[order]
    distinct = np.unique(group)
    next_start = _starts(distinct // (chars + 1), len(row_keys))
    tri_start = np.searchsorted(group, np.append(distinct, group[-1:] + 1)).astype(np.int32)
    next_char = np.append(distinct % (chars + 1), -1).astype(np.int32)
    return {
        "row_starts": np.stack([pair_start, next_start], axis=1),
        "pairs": pairs,
        "nexts": np.stack([next_char, tri_start], axis=1),
        "triples": _logs_and_tags(tri_log, triple, order),
    }


def _logs_and_tags(logs: Floats, states: Ints, order: Ints) -> Floats:
    tags = np.zeros(len(states))
    for column in states.T:
        tags = tags * STATES + column % STATES
    return np.ascontiguousarray(np.stack([logs, tags], axis=1)[order])


def _words(model: Mapping[str, Any], stop: set[str]) -> dict[str, Array]:
    try:
        classes = [model["d"][name] for name in CLASSES]
        if len(model["d"]) != len(CLASSES):
            raise KeyError
        total = model["total"]
        prior = [math.log(c["total"]) - math.log(total) for c in classes]
        unknown = [math.log(float(c["none"]) / c["total"]) for c in classes]
    except (KeyError, TypeError, ValueError):
        raise BadInput("not a sentiment model of snownlp: it must know neg and pos") from None
    words = sorted({*classes[0]["d"], *classes[1]["d"], *stop} - {""})
    starts = np.cumsum([0, *map(len, words)])[:-1].tolist()
    rows = [
        [*(math.nan if word in stop else _word_log(c, word) for c in classes), start, len(word)]
        for word, start in zip(words, starts, strict=True)
    ]
    bits = max(4, math.ceil(math.log2(2 * len(words) + 1)))
    slots = np.zeros(1 << bits, np.int32)
    for number, word in enumerate(words, 1):
        place = word_hash(word) & (len(slots) - 1)
        while slots[place]:
            place = (place + 1) & (len(slots) - 1)
        slots[place] = number
    joined = "".join(words).encode("utf-32-le", "surrogatepass")
    return {
        "word_slots": slots,
        "words": np.array(rows, dtype=np.float64).reshape(-1, 4),
        "word_chars": np.frombuffer(joined, np.uint32).copy(),
        "prior": np.array(prior, dtype=np.float64),
        "unknown": np.array(unknown, dtype=np.float64),
    }


def _word_log(counter: Mapping[str, Any], word: str) -> float:
    return math.log(float(counter["d"].get(word, counter["none"])) / counter["total"])
