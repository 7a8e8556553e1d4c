"""The rows of a file, one by one, whatever kind of file it is."""

import csv
import io
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ijson

from db.core.errors import BadInput
from shrug.imports.car import records
from shrug.imports.lines import LONGEST_LINE, Imported, Told, unzipped, value_of

OUTBOX = "outbox.json"
BROKEN = (OSError, EOFError, zlib.error, csv.Error, tarfile.TarError, zipfile.BadZipFile)
_SHOWN = 400
_DEEPEST = 100


@dataclass(frozen=True, slots=True)
class Row:
    """A row and where it stands; `why` says that it is none. raw: as it was written."""

    where: str
    value: dict[str, Any]
    raw: str
    why: str = ""

    def sound(self) -> dict[str, Any]:
        """Its value. Raises ValueError where it is no row."""
        if self.why:
            raise ValueError(self.why)
        return self.value


def until_broken(path: Path, kind: str, items: str, told: Told, result: Imported) -> Iterator[Row]:
    """The rows of a file, up to where it can't be read on; `result` says so then."""
    try:
        yield from rows(path, kind, items, told)
    except BadInput as error:
        # Told first: it explains the bad lines that a damaged file may have ended in.
        result.bad += 1
        result.refused.insert(0, str(error))


def rows(path: Path, kind: str, items: str, told: Told) -> Iterator[Row]:
    """The rows of a file (lines, csv, json or car; told by its name where `kind` is empty).
    items: where a JSON document holds its list. Raises BadInput where it can't be read on."""
    kind = kind or _kind(path)
    read = {"lines": _lines, "csv": _csv, "car": _car}.get(kind)
    try:
        with _opened(path) as (raw, file):
            before = 0
            found = read(path, file) if read else _items(path, file, items)
            for row in found:
                yield row
                now = raw.tell()
                told(max(0, now - before))
                before = max(now, before)
    except BROKEN as error:
        why = f"cut off before its end: {error}" if isinstance(error, EOFError) else error
        raise BadInput(f"{path}: cannot be read on: {why}; what came before is kept") from None


def _kind(path: Path) -> str:
    name = path.name.lower().removesuffix(".gz")
    for end, kind in ((".csv", "csv"), (".tsv", "csv"), (".car", "car"), (".json", "json")):
        if name.endswith(end):
            return kind
    return "lines"


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Any, Any]]:
    """(the file, what it holds): unzipped, and of an archive of Mastodon its outbox."""
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
            yield raw, unzipped(raw)


def _member(names: list[str]) -> str:
    for name in names:
        if name.rpartition("/")[2] == OUTBOX:
            return name
    raise BadInput(f"an archive without {OUTBOX}")


def _lines(path: Path, file: Any) -> Iterator[Row]:
    number = 0
    while line := file.readline(LONGEST_LINE):
        number += 1
        if not line.strip():
            continue
        where, raw = f"{path}:{number}", line.decode("utf-8", "replace").rstrip("\r\n")
        try:
            yield Row(where, value_of(line), raw)
        except ValueError as error:
            yield Row(where, {}, raw, str(error))


def _csv(path: Path, file: Any) -> Iterator[Row]:
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
        yield Row(where, value, _written(cells, delimiter), why)


def _written(cells: list[str], delimiter: str) -> str:
    line = io.StringIO()
    csv.writer(line, delimiter=delimiter, lineterminator="").writerow(cells)
    return line.getvalue()


def _items(path: Path, file: Any, where: str) -> Iterator[Row]:
    try:
        events = ijson.parse(_shallow(ijson.basic_parse(file, use_float=True)))
        for number, value in enumerate(ijson.items(events, where), 1):
            yield _object(f"{path}: entry {number}", value)
    except ijson.JSONError as error:
        raise BadInput(f"{path}: not JSON any further: {str(error).splitlines()[0]}") from None


def _shallow(events: Iterator[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    """The events themselves, unless they nest so deep that keeping where they are fills memory."""
    depth = 0
    for event in events:
        depth += event[0].startswith("start_") - event[0].startswith("end_")
        if depth > _DEEPEST:
            raise ijson.JSONError(f"nested deeper than {_DEEPEST}")
        yield event


def _car(path: Path, file: Any) -> Iterator[Row]:
    try:
        for uri, value in records(file.read()):
            yield _object(f"{path}: {uri}", value)
    except ValueError as error:
        raise BadInput(f"{path}: no atproto repository: {error}") from None


def _object(where: str, value: Any) -> Row:
    if isinstance(value, dict):
        return Row(where, value, repr(value)[:_SHOWN])
    return Row(where, {}, repr(value)[:_SHOWN], f"an object was due, {type(value).__name__} came")
