"""The compiled part: Viterbi over characters, words, and sums of logarithms.

As in snownlp (seg/y09_2047.py, seg/seg.py, classification/bayes.py), ties take the first
candidate; for a character unseen in training no score is added and the last predecessor wins;
-inf states stay; the tags m and e append to whatever word is open.
"""

import math
from typing import Any

import numpy as np
from numba import njit

from analysis.sentiment.snow.tables import FIRST_HAN, HASH, LAST_HAN

# Called from compiled code only, so without wrappers for Python, which take long to compile.
_OPTIONS: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
inner = njit(nogil=True, **_OPTIONS)

_FIRST, _LAST = np.uint32(FIRST_HAN), np.uint32(LAST_HAN)
_HASH = np.uint64(HASH)
_SHIFT = np.uint64(29)


@inner
def _row(slots, bits, key):  # type: ignore[no-untyped-def]
    """Return the row of a pair of characters, or -1."""
    mask = (1 << bits) - 1
    place = ((key * 2654435761) & 0xFFFFFFFF) >> (32 - bits)
    while slots[place, 1] >= 0:
        if slots[place, 0] == key:
            return np.int64(slots[place, 1])
        place = (place + 1) & mask
    return np.int64(-1)


@inner
def _place(nexts, low, high, char):  # type: ignore[no-untyped-def]
    """Return the index of `char` in nexts[low:high], or -1."""
    size = high - low
    if size <= 0:
        return np.int64(-1)
    while size > 1:
        # Without a branch, which the processor could not predict.
        half = size >> 1
        low += half * np.int64(nexts[low + half - 1, 0] < char)
        size -= half
    return low if nexts[low, 0] == char else np.int64(-1)


@inner
def _look_up(  # type: ignore[no-untyped-def]
    text, start, size, chars, bits, char_id, pair_slots, row_starts, pairs, nexts, triples, lookups
):
    """Write each character's id, and where its `pairs` and `triples` begin and end, to `lookups`.

    Separate from the Viterbi steps, which depend on each other: look-ups do not, so that the
    processor makes many of them at once. The result has no meaning; it keeps the compiler from
    removing reads that only fetch into the cache what the steps will read.
    """
    warm = 0.0
    before, last = np.int64(chars), np.int64(-1)  # `chars` is the beginning of a text
    for i in range(size):
        char = np.int64(char_id[text[start + i] - _FIRST])
        row = np.int64(-1)
        if char >= 0 and before >= 0:
            row = _row(pair_slots, bits, before * (chars + 1) + char)
        lookups[i, 0], lookups[i, 5] = char, row
        lookups[i, 1] = lookups[i, 2] = lookups[i, 3] = lookups[i, 4] = 0
        before = char
    for i in range(size):
        row = lookups[i, 5]
        if row >= 0:
            lookups[i, 1], lookups[i, 2] = row_starts[row, 0], row_starts[row + 1, 0]
            warm += pairs[lookups[i, 1], 0]
        if last >= 0 and lookups[i, 0] >= 0:
            low, high = np.int64(row_starts[last, 1]), np.int64(row_starts[last + 1, 1])
            place = _place(nexts, low, high, lookups[i, 0])
            if place >= 0:
                lookups[i, 3], lookups[i, 4] = nexts[place, 1], nexts[place + 1, 1]
                warm += triples[lookups[i, 3], 0]
        last = row
    return warm


@inner
def _advance(trail, i, step):  # type: ignore[no-untyped-def]
    """One step of Viterbi: trail[i, last × 4 + middle] from trail[i - 1, middle × 4 + first]."""
    for q in range(4):
        n0, n1 = trail[i - 1, q * 4], trail[i - 1, q * 4 + 1]
        n2, n3 = trail[i - 1, q * 4 + 2], trail[i - 1, q * 4 + 3]
        for s in range(4):
            k = q * 4 + s
            a, b = n0 + step[k], n1 + step[16 + k]
            c, d = n2 + step[32 + k], n3 + step[48 + k]
            a = a if a > b else b
            c = c if c > d else d
            trail[i, s * 4 + q] = a if a > c else c


@inner
def _came_from(trail, i, q, s, lookups, uni_log, pairs, triples):  # type: ignore[no-untyped-def]
    """Return the tag before the tags q, s: the first of the best, as `_advance` chose it.

    Computed on the way back for one state instead of being stored for all.
    """
    if lookups[i, 0] < 0:
        return np.int64(3)
    plain = uni_log[lookups[i, 0], s]
    for k in range(lookups[i, 1], lookups[i, 2]):
        if np.int64(pairs[k, 1]) == q * 4 + s:
            plain = pairs[k, 0]
    which, best = np.int64(0), 0.0
    for p in range(4):
        step = plain
        for k in range(lookups[i, 3], lookups[i, 4]):
            if np.int64(triples[k, 1]) == p * 16 + q * 4 + s:
                step = triples[k, 0]
        score = trail[i - 1, q * 4 + p] + step
        if p == 0 or score > best:
            which, best = np.int64(p), score
    return which


@inner
def _steps(lookups, i, uni_log, pairs, triples, step):  # type: ignore[no-untyped-def]
    """Write a character's log-probabilities to step[first × 16 + middle × 4 + last]."""
    for k in range(16):
        for s in range(4):
            step[k * 4 + s] = uni_log[lookups[i, 0], s]
    for k in range(lookups[i, 1], lookups[i, 2]):
        tag = np.int64(pairs[k, 1])
        for first in range(4):
            step[first * 16 + tag] = pairs[k, 0]
    for k in range(lookups[i, 3], lookups[i, 4]):
        step[np.int64(triples[k, 1])] = triples[k, 0]


@inner
def _tags(  # type: ignore[no-untyped-def]
    start, size, lookups, uni_log, first_log, pairs, triples, trail, tags, step
):
    """Write the tags of `size` characters from `start` on to `tags`.

    trail[i] holds the scores of the states (last × 4 + middle) at each character.
    """
    for s in range(4):
        trail[0, s] = first_log[lookups[0, 0], s] if lookups[0, 0] >= 0 else 0.0
    states = 4
    for i in range(1, size):
        if lookups[i, 0] < 0:
            for s in range(4):
                for q in range(4):
                    trail[i, s * 4 + q] = trail[i - 1, q if i == 1 else q * 4 + 3]
        else:
            _steps(lookups, i, uni_log, pairs, triples, step)
            if i == 1:
                for s in range(4):
                    for q in range(4):
                        trail[i, s * 4 + q] = trail[i - 1, q] + step[q * 4 + s]
            else:
                _advance(trail, i, step)
        states = 16
    end = 0
    for k in range(1, states):
        if trail[size - 1, k] > trail[size - 1, end]:
            end = k
    if size == 1:
        tags[start] = end
        return
    s, q = end >> 2, end & 3
    for i in range(size - 1, 1, -1):
        tags[start + i] = s
        s, q = q, _came_from(trail, i, q, s, lookups, uni_log, pairs, triples)
    tags[start + 1] = s
    tags[start] = q


@inner
def _word(  # type: ignore[no-untyped-def]
    text, start, end, slots, words, chars
):
    """Return the number of the word text[start:end], or -1."""
    value = np.uint64(0)
    for i in range(start, end):
        value = (value ^ np.uint64(text[i])) * _HASH
    value ^= value >> _SHIFT
    mask = len(slots) - 1
    place = np.int64(value & np.uint64(mask))
    while slots[place] > 0:
        number = np.int64(slots[place]) - 1
        if words[number, 3] == end - start:
            first = np.int64(words[number, 2])
            same = True
            for i in range(end - start):
                if chars[first + i] != text[start + i]:
                    same = False
                    break
            if same:
                return number
        place = (place + 1) & mask
    return np.int64(-1)


@inner
def _score(neg, pos):  # type: ignore[no-untyped-def]
    """Return P(pos) from two sums of logarithms; overflow gives exactly 0 or 1."""
    one = math.exp(pos - neg)
    other = math.exp(neg - pos)
    p_neg = 0.0 if math.isinf(one) else 1 / (1 + one)
    p_pos = 0.0 if math.isinf(other) else 1 / (other + 1)
    return p_pos if p_pos > p_neg else 1 - p_neg


@njit(cache=True, nogil=True)
def score(  # type: ignore[no-untyped-def]
    text, edges, char_id, uni_log, first_log, pair_slots, row_starts, pairs, nexts, triples,
    word_slots, words, word_chars, prior, unknown, spaces, tags, trail, lookups, step, warm, scores,
):  # fmt: skip
    """Write the score of each text[edges[n]:edges[n + 1]] to `scores`.

    text: code points. tags: one for each code point. trail: shape (n, 16), lookups: (n, 6),
    n at least the length of the longest text. step: (64,). warm: (1,).
    """
    chars, bits = len(uni_log), 0
    while (1 << bits) < len(pair_slots):
        bits += 1
    for n in range(len(edges) - 1):
        neg, pos = prior[0], prior[1]
        at, end = edges[n], edges[n + 1]
        while at < end:
            start = at
            if _FIRST <= text[at] <= _LAST:
                while at < end and _FIRST <= text[at] <= _LAST:
                    at += 1
                warm[0] += _look_up(
                    text, start, at - start, chars, bits, char_id, pair_slots, row_starts, pairs,
                    nexts, triples, lookups,
                )  # fmt: skip
                _tags(
                    start, at - start, lookups, uni_log, first_log, pairs, triples, trail, tags,
                    step,
                )  # fmt: skip
            elif text[at] < len(spaces) and spaces[text[at]]:
                at += 1
                continue
            else:
                while (
                    at < end
                    and not _FIRST <= text[at] <= _LAST
                    and not (text[at] < len(spaces) and spaces[text[at]])
                ):
                    at += 1
                tags[start] = 0
                for i in range(start + 1, at):
                    tags[i] = 1
            # Words begin at each tag b or s, and after each e.
            begin = start
            for i in range(start, at):
                over = i + 1 == at or tags[i] == 2 or tags[i + 1] == 0 or tags[i + 1] == 3
                if not over:
                    continue
                number = _word(text, begin, i + 1, word_slots, words, word_chars)
                begin = i + 1
                if number < 0:
                    neg += unknown[0]
                    pos += unknown[1]
                elif not math.isnan(words[number, 0]):
                    neg += words[number, 0]
                    pos += words[number, 1]
        scores[n] = _score(neg, pos)


def warm_up() -> None:
    """Compile, or load what was compiled before, so that the first call need not wait."""
    ints, floats = np.zeros((1, 2), np.int32), np.zeros((1, 4))
    score(
        np.frombuffer(b"", np.uint32), np.zeros(1, np.int64), ints[0], floats, floats, ints, ints,
        np.zeros((1, 2)), ints, np.zeros((1, 2)), ints[0], floats, np.zeros(1, np.uint32),
        np.zeros(2), np.zeros(2), np.zeros(1, np.bool_), np.zeros(1, np.int8),
        np.zeros((1, 16)), np.zeros((1, 6), np.int64), np.zeros(64), np.zeros(1), np.zeros(0),
    )  # fmt: skip
