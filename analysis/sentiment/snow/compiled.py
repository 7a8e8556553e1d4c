"""The compiled part: Viterbi over characters, words, and sums of logarithms.

What it keeps of snownlp's ways (seg/y09_2047.py, seg/seg.py, classification/bayes.py): ties take
the first candidate; for a character unseen in training no score is added and the last
predecessor wins; -inf states stay; the tags m and e append to whatever word is open.
"""

import math

import numpy as np
from numba import njit

from analysis.sentiment.snow.tables import FIRST_HAN, HASH, LAST_HAN

_FIRST, _LAST = np.uint32(FIRST_HAN), np.uint32(LAST_HAN)
_HASH = np.uint64(HASH)
_SHIFT = np.uint64(29)


@njit(cache=True, nogil=True, inline="always")
def _row(slots, key):  # type: ignore[no-untyped-def]
    """The row of a pair of characters, or -1."""
    mask = len(slots) - 1
    bits = 0
    while (1 << bits) < len(slots):
        bits += 1
    place = ((key * 2654435761) & 0xFFFFFFFF) >> (32 - bits)
    while slots[place, 1] >= 0:
        if slots[place, 0] == key:
            return np.int64(slots[place, 1])
        place = (place + 1) & mask
    return np.int64(-1)


@njit(cache=True, nogil=True)
def _tags(  # type: ignore[no-untyped-def]
    text, left, right, chars, char_id, uni_log, first_log, pair_slots, pair_start, pair_tag,
    pair_log, next_start, next_char, tri_start, tri_tag, tri_log, back, tags,
):  # fmt: skip
    """The tags of the characters in text[left:right], into `tags`."""
    now, then, step = np.empty(16), np.empty(16), np.empty(64)
    before = np.int64(char_id[text[left] - _FIRST])
    for s in range(4):
        now[s] = first_log[before, s] if before >= 0 else 0.0
    size = right - left
    if size == 1:
        best = 0
        for s in range(1, 4):
            if now[s] > now[best]:
                best = s
        tags[left] = best
        return
    last_row = np.int64(-1)
    if before >= 0:
        last_row = _row(pair_slots, chars * (chars + 1) + before)
    for i in range(1, size):
        char = np.int64(char_id[text[left + i] - _FIRST])
        row = np.int64(-1)
        if char >= 0:
            if before >= 0:
                row = _row(pair_slots, before * (chars + 1) + char)
            # step[first × 16 + middle × 4 + last]
            for k in range(16):
                for s in range(4):
                    step[k * 4 + s] = uni_log[char, s]
            if row >= 0:
                for k in range(pair_start[row], pair_start[row + 1]):
                    tag = np.int64(pair_tag[k])
                    for first in range(4):
                        step[first * 16 + tag] = pair_log[k]
            if last_row >= 0:
                low, high = np.int64(next_start[last_row]), np.int64(next_start[last_row + 1])
                end = high
                while low < high:
                    middle = (low + high) >> 1
                    if next_char[middle] < char:
                        low = middle + 1
                    else:
                        high = middle
                if low < end and next_char[low] == char:
                    for k in range(tri_start[low], tri_start[low + 1]):
                        step[tri_tag[k]] = tri_log[k]
        if i == 1:
            for s in range(4):
                for q in range(4):
                    then[s * 4 + q] = now[q] + step[q * 4 + s] if char >= 0 else now[q]
        elif char < 0:
            for s in range(4):
                for q in range(4):
                    then[s * 4 + q] = now[q * 4 + 3]
                    back[i * 16 + s * 4 + q] = 3
        else:
            for q in range(4):
                for s in range(4):
                    best = now[q * 4] + step[q * 4 + s]
                    which = 0
                    for p in range(1, 4):
                        score = now[q * 4 + p] + step[p * 16 + q * 4 + s]
                        if score > best:
                            best, which = score, p
                    then[s * 4 + q] = best
                    back[i * 16 + s * 4 + q] = which
        now, then = then, now
        before, last_row = char, row
    best = 0
    for k in range(1, 16):
        if now[k] > now[best]:
            best = k
    s, q = best >> 2, best & 3
    for i in range(size - 1, 1, -1):
        tags[left + i] = s
        s, q = q, np.int64(back[i * 16 + s * 4 + q])
    tags[left + 1] = s
    tags[left] = q


@njit(cache=True, nogil=True)
def _word(  # type: ignore[no-untyped-def]
    text, left, right, slots, start, chars
):
    """The number of the word text[left:right], or -1."""
    value = np.uint64(0)
    for i in range(left, right):
        value = (value ^ np.uint64(text[i])) * _HASH
    value ^= value >> _SHIFT
    mask = len(slots) - 1
    place = np.int64(value & np.uint64(mask))
    while slots[place] > 0:
        number = np.int64(slots[place]) - 1
        first = start[number]
        if start[number + 1] - first == right - left:
            same = True
            for i in range(right - left):
                if chars[first + i] != text[left + i]:
                    same = False
                    break
            if same:
                return number
        place = (place + 1) & mask
    return np.int64(-1)


@njit(cache=True, nogil=True)
def _score(neg, pos):  # type: ignore[no-untyped-def]
    """P(pos) from two sums of logarithms: overflow gives exactly 0 or 1."""
    one = math.exp(pos - neg)
    other = math.exp(neg - pos)
    p_neg = 0.0 if math.isinf(one) else 1 / (1 + one)
    p_pos = 0.0 if math.isinf(other) else 1 / (other + 1)
    return p_pos if p_pos > p_neg else 1 - p_neg


@njit(cache=True, nogil=True)
def score(  # type: ignore[no-untyped-def]
    text, edges, char_id, uni_log, first_log, pair_slots, pair_start, pair_tag, pair_log,
    next_start, next_char, tri_start, tri_tag, tri_log, word_slots, word_start, word_chars,
    word_stop, word_log, prior, unknown, spaces, tags, back, scores,
):  # fmt: skip
    """The score of each text text[edges[n]:edges[n + 1]], into `scores`.

    text: code points. tags: room for one tag a code point. back: 16 a character of the longest
    run of Han characters.
    """
    chars = len(uni_log)
    for n in range(len(edges) - 1):
        neg, pos = prior[0], prior[1]
        at, end = edges[n], edges[n + 1]
        while at < end:
            left = at
            if _FIRST <= text[at] <= _LAST:
                while at < end and _FIRST <= text[at] <= _LAST:
                    at += 1
                _tags(
                    text, left, at, chars, char_id, uni_log, first_log, pair_slots, pair_start,
                    pair_tag, pair_log, next_start, next_char, tri_start, tri_tag, tri_log, back,
                    tags,
                )  # fmt: skip
            elif text[at] < len(spaces) and spaces[text[at]]:
                at += 1
                continue
            else:
                while at < end and not _FIRST <= text[at] <= _LAST and not (
                    text[at] < len(spaces) and spaces[text[at]]
                ):
                    at += 1
                tags[left] = 0
                for i in range(left + 1, at):
                    tags[i] = 1
            # Words begin where a tag b or s stands, and after each e.
            begin = left
            for i in range(left, at):
                over = i + 1 == at or tags[i] == 2 or tags[i + 1] == 0 or tags[i + 1] == 3
                if not over:
                    continue
                number = _word(text, begin, i + 1, word_slots, word_start, word_chars)
                begin = i + 1
                if number < 0:
                    neg += unknown[0]
                    pos += unknown[1]
                elif not word_stop[number]:
                    neg += word_log[number, 0]
                    pos += word_log[number, 1]
        scores[n] = _score(neg, pos)
