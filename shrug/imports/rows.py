"""The rows of a file, one by one, whatever kind of file it is."""

import csv
import io
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import ijson

from db.core.errors import BadInput
from shrug.imports.car import post_records
from shrug.imports.lines import (
    LONGEST_LINE,
    ImportResult,
    ProgressCallback,
    open_unzipped,
    parse_object,
)

OUTBOX = "outbox.json"
UNREADABLE = (OSError, EOFError, zlib.error, csv.Error, tarfile.TarError, zipfile.BadZipFile)
_KINDS = {".csv": "csv", ".tsv": "csv", ".car": "car", ".json": "json"}
_MOST_CHARACTERS_SHOWN = 400
_DEEPEST = 100


@dataclass(frozen=True, slots=True)
class FileRow:
    """A row of a file and its place. raw: the text of the row; why: what is wrong with it."""

    where: str
    value: dict[str, Any]
    raw: str
    why: str = ""

    def checked_value(self) -> dict[str, Any]:
        """Return the value. Raises ValueError if something is wrong with the row."""
        if self.why:
            raise ValueError(self.why)
        return self.value


def rows_until_unreadable(
    path: Path, kind: str, items: str, on_bytes: ProgressCallback, result: ImportResult
) -> Iterator[FileRow]:
    """Yield the rows of a file; if it can't be read to its end, `result` says so."""
    try:
        yield from read_rows(path, kind, items, on_bytes)
    except BadInput as error:
        # First: it explains the bad lines that a damaged file may have ended in.
        result.bad += 1
        result.refused.insert(0, str(error))


def read_rows(path: Path, kind: str, items: str, on_bytes: ProgressCallback) -> Iterator[FileRow]:
    """Yield the rows of a file.

    kind: lines, csv, json or car; empty to go by the file's name. items: the path of the list in a
    JSON document. Raises BadInput if the file can't be read to its end.
    """
    kind = kind or _KINDS.get(Path(path.name.lower().removesuffix(".gz")).suffix, "lines")
    json_items = partial(_json_items, items=items)
    readers: dict[str, Callable[[Path, Any], Iterator[FileRow]]] = {
        "lines": json_lines,
        "csv": _csv_rows,
        "car": _car_posts,
        "json": json_items,
    }
    try:
        with _opened(path) as (raw, file):
            before = 0
            for row in readers[kind](path, file):
                yield row
                now = raw.tell()
                on_bytes(max(0, now - before))
                before = max(now, before)
    except UNREADABLE as error:
        why = f"cut off before its end: {error}" if isinstance(error, EOFError) else error
        raise BadInput(f"{path}: cannot be read on: {why}; what came before is kept") from None


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Any, Any]]:
    """Open a file: (its raw bytes, its unzipped contents); of an archive of Mastodon its outbox."""
    with path.open("rb") as raw:
        start = raw.peek(4)[:4]
        if start == b"PK\x03\x04":
            with zipfile.ZipFile(raw) as archive, archive.open(_member(archive.namelist())) as file:
                yield raw, file
        elif path.name.lower().endswith((".tar.gz", ".tgz", ".tar")):
            with tarfile.open(fileobj=raw, mode="r:*") as archive_:
                member = archive_.getmember(_member(archive_.getnames()))
                # A link could lead elsewhere.
                file_ = archive_.extractfile(member) if member.isreg() else None
                if file_ is None:
                    raise BadInput(f"{path}: {OUTBOX} is no file")
                yield raw, file_
        else:
            yield raw, open_unzipped(raw)


def _member(names: list[str]) -> str:
    for name in names:
        if name.rpartition("/")[2] == OUTBOX:
            return name
    raise BadInput(f"an archive without {OUTBOX}")


def json_lines(path: Path, file: Any) -> Iterator[FileRow]:
    """Yield the JSON objects of a binary file, one a line; blank lines are left out."""
    number = 0
    while line := file.readline(LONGEST_LINE):
        number += 1
        if not line.strip():
            continue
        where, raw = f"{path}:{number}", line.decode("utf-8", "replace").rstrip("\r\n")
        try:
            yield FileRow(where, parse_object(line), raw)
        except ValueError as error:
            yield FileRow(where, {}, raw, str(error))


def _csv_rows(path: Path, file: Any) -> Iterator[FileRow]:
    csv.field_size_limit(LONGEST_LINE)
    text = io.TextIOWrapper(file, encoding="utf-8-sig", errors="replace", newline="")
    head = text.readline(LONGEST_LINE)
    delimiter = max(",;\t", key=head.count)
    names = next(csv.reader([head], delimiter=delimiter), [])
    if len(names) < 2:
        raise BadInput(f"{path}: a head line that names the columns was due")
    reader = csv.reader(text, delimiter=delimiter)
    for cells in reader:
        if not cells:
            continue
        where = f"{path}:{reader.line_num + 1}"
        why = "" if len(cells) == len(names) else f"{len(cells)} cells under {len(names)} columns"
        value = dict(zip(names, cells, strict=False))
        line = io.StringIO()
        csv.writer(line, delimiter=delimiter, lineterminator="").writerow(cells)
        yield FileRow(where, value, line.getvalue(), why)


def _json_items(path: Path, file: Any, items: str) -> Iterator[FileRow]:
    try:
        events = ijson.parse(_bounded_depth(ijson.basic_parse(file, use_float=True)))
        for number, value in enumerate(ijson.items(events, items), 1):
            yield _object_row(f"{path}: entry {number}", value)
    except ijson.JSONError as error:
        raise BadInput(f"{path}: not JSON any further: {str(error).splitlines()[0]}") from None


def _bounded_depth(events: Iterator[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    """Refuse JSON so deep that its path would fill memory."""
    depth = 0
    for event in events:
        depth += event[0].startswith("start_") - event[0].startswith("end_")
        if depth > _DEEPEST:
            raise ijson.JSONError(f"nested deeper than {_DEEPEST}")
        yield event


def _car_posts(path: Path, file: Any) -> Iterator[FileRow]:
    try:
        for uri, value in post_records(file.read()):
            yield _object_row(f"{path}: {uri}", value)
    except ValueError as error:
        raise BadInput(f"{path}: no atproto repository: {error}") from None


def _object_row(where: str, value: Any) -> FileRow:
    raw = repr(value)[:_MOST_CHARACTERS_SHOWN]
    if isinstance(value, dict):
        return FileRow(where, value, raw)
    return FileRow(where, {}, raw, f"an object was due, {type(value).__name__} came")
