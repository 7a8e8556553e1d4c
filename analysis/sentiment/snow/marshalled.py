"""Reading snownlp's segmentation model from its marshal file without making Python objects of it.

The file holds a million nested tuples: `marshal.loads` takes 2.6 s and 400 MB for them. The
format is that of CPython's Python/marshal.c, version 4; only what snownlp writes is read.
"""

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numba import njit

from analysis.sentiment.snow.model import BOS, TAGS, Counts, Floats, Ints, SegmenterModel, unpacked
from db.errors import BadInput

OTHER = np.int64(-1)

# Called from compiled code only: no wrappers for Python, which take as long to compile.
_OPTIONS: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
inner = njit(**_OPTIONS)

_FLAG = 0x80
_PACKED = np.int64(1) << 60
_NUMBER, _TEXT, _STATE, _STATES, _ELSE = 1, 2, 3, 4, 5
_LETTERS = (98, 109, 101, 115)  # b m e s


def read(path: Path) -> SegmenterModel:
    """Read a file that snownlp's `seg.save` wrote, gzipped or not.

    Raises BadInput where it is something else.
    """
    try:
        data = unpacked(path)
    except (OSError, EOFError, zlib.error) as error:
        raise BadInput(f"{path}: cannot be read: {error}") from None
    try:
        return _Reader(data).model()
    except (ValueError, IndexError, KeyError, struct.error):
        raise BadInput(f"{path}: not a segmentation model of snownlp") from None


def pack(name: str) -> int:
    """A short ASCII name as the reader codes it."""
    return int(_PACKED) | int.from_bytes(name.encode("ascii"), "little")


class _Reader:
    """Reads the few outer objects; the entries of a counter are read compiled."""

    def __init__(self, data: bytes) -> None:
        # A margin of zeros: what is cut off fails instead of being read past its end.
        self._buffer = np.frombuffer(data + bytes(64), np.uint8)
        self._at = 0
        # Room for one in eight bytes; the compiled code sees to it that there are no more.
        self._refs = np.zeros((len(data) // 8 + 64, 2), np.int64)
        self._count = np.zeros(1, np.int64)
        self._out = np.zeros(2, np.int64)

    def model(self) -> SegmenterModel:
        found: dict[int, Any] = {}
        for name in self._items():
            found[name] = self._value(name)
        l1, l2, l3, uni, bi, tri = (found[pack(n)] for n in ("l1", "l2", "l3", "uni", "bi", "tri"))
        return SegmenterModel((l1, l2, l3), uni, bi, tri)

    def _items(self) -> Iterator[int]:
        """The names in a dict; each one's value must be read before the next."""
        self._open(_DICT)
        while self._buffer[self._at] != _END:
            yield self._atom()
        self._at += 1

    def _open(self, kind: int) -> None:
        byte = int(self._buffer[self._at])
        if byte & ~_FLAG != kind:
            raise ValueError
        if byte & _FLAG:
            self._refs[self._count[0], 0] = _ELSE  # raises where there is no room
            self._count[0] += 1
        self._at += 1

    def _atom(self) -> int:
        self._at = _atom(self._buffer, self._at, self._refs, self._count, self._out)
        if self._at < 0:
            raise ValueError
        return int(self._out[1])

    def _value(self, name: int) -> Any:
        kind = int(self._buffer[self._at]) & ~_FLAG
        if kind == _DICT:
            return self._counts(_ARITY[name])
        if kind == _FLOAT:
            return self._float()
        if kind == _TUPLE:  # the tags' letters
            self._open(_TUPLE)
            size = int(self._buffer[self._at])
            self._at += 1
            return [self._atom() for _ in range(size)]
        return self._atom()

    def _float(self) -> float:
        self._open(_FLOAT)
        number: float = struct.unpack("<d", self._buffer[self._at : self._at + 8].tobytes())[0]
        self._at += 8
        return number

    def _counts(self, arity: int) -> Counts:
        total, keys, values = 0.0, np.zeros((0, arity), np.int64), np.zeros(0)
        for name in self._items():
            if name == ord("d"):
                self._open(_DICT)
                keys, values = self._entries(arity)
            elif name == pack("total"):
                total = float(self._value(name))
            else:
                self._value(name)
        return Counts(keys, values, total)

    def _entries(self, arity: int) -> tuple[Ints, Floats]:
        room = (len(self._buffer) - self._at) // 10 + 1  # a key takes five bytes, a count five
        keys, values = np.zeros((room, arity), np.int64), np.zeros(room, np.int64)
        place = np.zeros(2, np.int64)
        _entries(
            self._buffer, self._at, arity, self._refs, self._count, self._out, keys, values, place
        )
        if place[0] < 0:
            raise ValueError
        self._at = int(place[0])
        rows = int(place[1])
        return keys[:rows].copy(), values[:rows].astype(np.float64)


_DICT, _END, _TUPLE, _FLOAT = ord("{"), ord("0"), ord(")"), ord("g")
_REF, _INT, _BOS_NAME = ord("r"), ord("i"), pack("BOS")
_ARITY = {pack("uni"): 1, pack("bi"): 2, pack("tri"): 3}


@inner
def _int32(buffer, at):  # type: ignore[no-untyped-def]
    value = np.int64(buffer[at]) | np.int64(buffer[at + 1]) << 8 | np.int64(buffer[at + 2]) << 16
    value |= np.int64(buffer[at + 3]) << 24
    return value - (np.int64(1) << 32) if value >= (np.int64(1) << 31) else value


@inner
def _text(buffer, at, length):  # type: ignore[no-untyped-def]
    """A one-character text as its code point, a short ASCII one packed, others OTHER."""
    if length == 0:
        return np.int64(0)
    first = np.int64(buffer[at])
    if length == 1:
        return first
    if first < 0x80:
        if length > 7:
            return OTHER
        packed = _PACKED
        for i in range(length):
            packed |= np.int64(buffer[at + i]) << (8 * i)
        return packed
    width = 2 + (first >= 0xE0) + (first >= 0xF0)
    if width != length:
        return OTHER
    code = first & (0xFF >> (width + 1))
    for i in range(1, length):
        code = (code << 6) | (np.int64(buffer[at + i]) & 0x3F)
    return code


@njit(cache=True)
def _atom(buffer, at, refs, count, out):  # type: ignore[no-untyped-def]
    """Read a whole number, a text or a reference into out (kind, value); gives where it ends."""
    kind = np.int64(buffer[at]) & 0x7F
    if kind == _REF:
        index = _int32(buffer, at + 1)
        if index < 0 or index >= count[0]:
            return np.int64(-1)
        out[0], out[1] = refs[index, 0], refs[index, 1]
        return at + 5
    flagged = buffer[at] >= _FLAG
    if kind == _INT:
        out[0], out[1] = _NUMBER, _int32(buffer, at + 1)
        at += 5
    else:
        short = kind == 122 or kind == 90  # z Z; else u t a A
        if not short and kind != 117 and kind != 116 and kind != 97 and kind != 65:
            return np.int64(-1)
        length = np.int64(buffer[at + 1]) if short else _int32(buffer, at + 1)
        at += 2 if short else 5
        if length < 0 or at + length > len(buffer):
            return np.int64(-1)
        out[0], out[1] = _TEXT, _text(buffer, at, length)
        at += length
    if flagged:
        if count[0] >= len(refs):
            return np.int64(-1)
        refs[count[0], 0], refs[count[0], 1] = out[0], out[1]
        count[0] += 1
    return at


@njit(cache=True)
def _entries(buffer, at, arity, refs, count, out, keys, values, place):  # type: ignore[no-untyped-def]
    """The entries of a counter's dict: a state or a tuple of states, and a count, until the end.

    place: where it ends (-1: not what it should be), and how many entries there were.
    """
    place[0] = -1
    row = np.int64(0)
    size = len(buffer) - 64
    while at < size and buffer[at] != _END:
        if row >= len(values) or count[0] + 4 >= len(refs):
            return
        outer = np.int64(-1)
        repeated = False
        if arity > 1:
            if buffer[at] & 0x7F == _REF:
                index = _int32(buffer, at + 1)
                if index < 0 or index >= count[0] or refs[index, 0] != _STATES:
                    return
                for i in range(arity):
                    keys[row, i] = keys[refs[index, 1], i]
                at += 5
                repeated = True
            else:
                if buffer[at] & 0x7F != _TUPLE or buffer[at + 1] != arity:
                    return
                if buffer[at] >= _FLAG:
                    outer = count[0]
                    count[0] += 1
                at += 2
        if not repeated:
            for i in range(arity):
                if buffer[at] & 0x7F == _REF:
                    at = _atom(buffer, at, refs, count, out)
                    if at < 0 or out[0] != _STATE:
                        return
                    keys[row, i] = out[1]
                    continue
                if buffer[at] & 0x7F != _TUPLE or buffer[at + 1] != 2:
                    return
                own = np.int64(-1)
                if buffer[at] >= _FLAG:
                    own = count[0]
                    count[0] += 1
                at = _atom(buffer, at + 2, refs, count, out)
                if at < 0 or out[0] != _TEXT:
                    return
                text = out[1]
                at = _atom(buffer, at, refs, count, out)
                if at < 0 or out[0] != _TEXT:
                    return
                tag = out[1]
                state = OTHER
                if tag == _BOS_NAME:
                    state = np.int64(BOS)
                elif 0 <= text < _PACKED:
                    for number in range(4):
                        if tag == _LETTERS[number]:
                            state = text * TAGS + number
                keys[row, i] = state
                if own >= 0:
                    refs[own, 0], refs[own, 1] = _STATE, state
            if outer >= 0:
                refs[outer, 0], refs[outer, 1] = _STATES, row
        at = _atom(buffer, at, refs, count, out)
        if at < 0 or out[0] != _NUMBER:
            return
        values[row] = out[1]
        row += 1
    place[0], place[1] = at + 1, row
