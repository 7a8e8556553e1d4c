"""The tables that scoring reads, made from the counts of snownlp's two models.

Logarithms are taken here, by Python's own `math.log` and in snownlp's own order of operations,
so that scoring only adds: that is what makes its sums equal to snownlp's to the bit.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.sentiment.snow.marshalled import BOS, TAGS, Counts, Floats, Ints, SegmenterModel
from db.errors import BadInput

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
    """Arrays only, so that they can be kept and mapped.

    char_id: by code point from FIRST_HAN on; -1 where the segmenter never saw the character.
    uni_log, first_log: shape (chars, 4); of a tag after anything unseen, and at the start.
    pair_slots: open addressing from a pair of characters to a row; (key, row), row -1 is free.
    pair_start, pair_tag, pair_log: per row the tag pairs (first × 4 + second) that were seen.
    next_start, next_char: per row the characters seen after that pair, ascending.
    tri_start, tri_tag, tri_log: per such triple the tag triples that were seen.
    word_slots: open addressing from a word's hash to its number + 1.
    word_start, word_chars: its code points. word_stop: whether it is a stop word.
    word_log: shape (words, 2), of neg and pos. prior, unknown: shape (2,).
    spaces: by code point, what Python's `str.split` splits at.
    """

    char_id: Array
    uni_log: Array
    first_log: Array
    pair_slots: Array
    pair_start: Array
    pair_tag: Array
    pair_log: Array
    next_start: Array
    next_char: Array
    tri_start: Array
    tri_tag: Array
    tri_log: Array
    word_slots: Array
    word_start: Array
    word_chars: Array
    word_stop: Array
    word_log: Array
    prior: Array
    unknown: Array
    spaces: Array

    def arrays(self) -> dict[str, Array]:
        return {f.name: getattr(self, f.name) for f in fields(self)}


def build(segmenter: SegmenterModel, sentiment: Mapping[str, Any], stop: Iterable[str]) -> Tables:
    """All tables of a segmenter and a sentiment model (as snownlp saves it)."""
    return Tables(
        **_segmentation(segmenter),
        **_words(sentiment, set(stop)),
        spaces=np.array([chr(c).isspace() for c in range(0x3001)]),
    )


def hashed(word: str) -> int:
    """The 64-bit hash of a word's code points, as the compiled code has it."""
    value = 0
    for character in word:
        value = ((value ^ ord(character)) * HASH) & _MASK
    return value ^ (value >> 29)


def _logs(values: Floats) -> Floats:
    """Python's logarithm of each value, -inf of zero."""
    return np.array([math.log(v) if v else -math.inf for v in values.tolist()], dtype=np.float64)


def _segmentation(model: SegmenterModel) -> dict[str, Array]:
    char_id = _characters(model.uni)
    chars = int(char_id.max()) + 1
    states = (chars + 1) * STATES
    bos = chars * STATES
    l1, l2, l3 = model.weights

    uni_count = np.zeros(states)
    single, keep = _dense(model.uni.keys, char_id, bos)
    uni_count[single[:, 0]] = model.uni.values[keep]
    uni = l1 * (uni_count / model.uni.total)

    pair, keep = _dense(model.bi.keys, char_id, bos)
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
    triple, keep = _dense(model.tri.keys, char_id, bos)
    a, b, c = triple.T
    tri = divided(l3 * model.tri.values[keep], bi_count(a, b))
    bi = divided(l2 * bi_count(b, c), uni_count[b])
    tri_log = _logs(uni[c] + bi + tri)
    at_start = (a == bos) & (b == bos)
    starting = np.arange(bos)
    first = _logs(uni[:bos] + divided(l2 * bi_count(np.full(bos, bos), starting), uni_count[[bos]]))
    first[c[at_start]] = tri_log[at_start]
    rows = _pair_rows(pair // STATES, chars)
    inner = ~at_start
    return {
        "char_id": char_id,
        "uni_log": _logs(uni[:bos]).reshape(chars, STATES),
        "first_log": first.reshape(chars, STATES),
        "pair_slots": rows.slots,
        **_pair_tables(pair, bi_log, rows, chars),
        **_triple_tables(triple[inner], tri_log[inner], rows, chars),
    }


def _characters(uni: Counts) -> Array:
    """An id for each Han character that was seen with any of the four tags."""
    seen = uni.keys[(uni.keys[:, 0] >= 0) & (uni.values > 0), 0]
    points = np.unique(seen[seen % TAGS < STATES] // TAGS)
    points = points[(points >= FIRST_HAN) & (points <= LAST_HAN)]
    char_id = np.full(LAST_HAN - FIRST_HAN + 1, -1, np.int32)
    char_id[points - FIRST_HAN] = np.arange(len(points))
    if not len(points):
        raise BadInput("the segmentation model knows no Chinese character")
    return char_id


def _dense(keys: Ints, char_id: Array, bos: int) -> tuple[Ints, NDArray[np.bool_]]:
    """Keys whose states are all of known Han characters or the start, as dense numbers."""
    point = keys // TAGS - FIRST_HAN
    han = (point >= 0) & (point < len(char_id)) & (keys >= 0)
    ids = np.where(han, char_id[np.where(han, point, 0)], -1)
    dense = np.where(keys == BOS, bos, np.where(ids >= 0, ids * STATES + keys % TAGS, -1))
    keep = (dense >= 0).all(axis=1)
    return dense[keep].astype(np.int64), keep


@dataclass(frozen=True, slots=True)
class _Rows:
    keys: Ints
    slots: Array


def _pair_rows(pairs: Ints, chars: int) -> _Rows:
    """A row for each pair of characters, and the open addressing that finds it."""
    keys = np.unique(pairs[:, 0] * (chars + 1) + pairs[:, 1])
    bits = max(4, int(np.ceil(np.log2(2 * len(keys) + 1))))
    slots = np.full((1 << bits, 2), -1, np.int32)
    place = pair_slot(keys, bits)
    waiting = np.arange(len(keys))
    while len(waiting):
        wanted = place[waiting]
        free = slots[wanted, 1] < 0
        # Of several that want one slot the last written stays; the others try the next one.
        slots[wanted[free], 1] = waiting[free]
        slots[wanted[free], 0] = keys[waiting[free]]
        lost = slots[wanted, 1] != waiting
        waiting = waiting[lost]
        place[waiting] = (place[waiting] + 1) & ((1 << bits) - 1)
    return _Rows(keys, slots)


def pair_slot(keys: Ints, bits: int) -> Ints:
    """Where the search for a pair of characters begins."""
    return ((keys * _PAIR_HASH) & 0xFFFFFFFF) >> (32 - bits)


def _starts(groups: Ints, size: int) -> Array:
    """Where each of `size` groups begins in an ascending list of group numbers."""
    return np.searchsorted(groups, np.arange(size + 1)).astype(np.int32)


def _pair_tables(pair: Ints, logs: Floats, rows: _Rows, chars: int) -> dict[str, Array]:
    a, b = (pair // STATES).T
    row = np.searchsorted(rows.keys, a * (chars + 1) + b)
    order = np.argsort(row, kind="stable")
    tag = (pair[:, 0] % STATES) * STATES + pair[:, 1] % STATES
    return {
        "pair_start": _starts(row[order], len(rows.keys)),
        "pair_tag": tag[order].astype(np.uint8),
        "pair_log": logs[order],
    }


def _triple_tables(triple: Ints, logs: Floats, rows: _Rows, chars: int) -> dict[str, Array]:
    a, b, c = (triple // STATES).T
    wanted = a * (chars + 1) + b
    row = np.searchsorted(rows.keys, wanted)
    # Where the pair was never counted its triple divides by nothing and adds nothing.
    known = rows.keys[np.minimum(row, len(rows.keys) - 1)] == wanted
    row, c, triple, logs = row[known], c[known], triple[known], logs[known]
    group = row * (chars + 1) + c
    order = np.argsort(group, kind="stable")
    group = group[order]
    distinct = np.unique(group)
    tags = triple[order] % STATES
    return {
        "next_start": _starts(distinct // (chars + 1), len(rows.keys)),
        "next_char": (distinct % (chars + 1)).astype(np.int32),
        "tri_start": _starts(np.searchsorted(distinct, group), len(distinct)),
        "tri_tag": ((tags[:, 0] * STATES + tags[:, 1]) * STATES + tags[:, 2]).astype(np.uint8),
        "tri_log": logs[order],
    }


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
    logs = [
        [math.log(float(c["d"].get(word, c["none"])) / c["total"]) for c in classes]
        for word in words
    ]
    bits = max(4, math.ceil(math.log2(2 * len(words) + 1)))
    slots = np.zeros(1 << bits, np.int32)
    for number, word in enumerate(words, 1):
        place = hashed(word) & (len(slots) - 1)
        while slots[place]:
            place = (place + 1) & (len(slots) - 1)
        slots[place] = number
    lengths = [len(word) for word in words]
    joined = "".join(words).encode("utf-32-le", "surrogatepass")
    return {
        "word_slots": slots,
        "word_start": np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32),
        "word_chars": np.frombuffer(joined, np.uint32).copy(),
        "word_stop": np.array([word in stop for word in words]),
        "word_log": np.array(logs, dtype=np.float64).reshape(-1, 2),
        "prior": np.array(prior, dtype=np.float64),
        "unknown": np.array(unknown, dtype=np.float64),
    }
