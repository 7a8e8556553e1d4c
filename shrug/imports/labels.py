"""Labelled posts as JSONL, CSV or TSV, gzipped or not: what scorers are trained and judged on."""

import csv
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from analysis.sentiment.quality import BAD, GOOD, NEUTRAL
from analysis.text.cleaning import MAX_LENGTH
from db.core.errors import BadInput
from shrug.imports.lines import BAD_VALUE, LONGEST_LINE, Imported, reason, unzipped, value_of

WORDS = {
    GOOD: {"good", "pos", "positive", "1", "+", "正面", "积极", "好"},
    BAD: {"bad", "neg", "negative", "0", "-1", "-", "负面", "消极", "坏"},
    NEUTRAL: {"neutral", "neu", "none", "中性"},
}
_LABELS = {word: label for label, words in WORDS.items() for word in words}
HEADS = {"label", "feeling", "sentiment", "标签"}


@dataclass
class Labelled:
    """Texts and their labels (good, bad, neutral), and what could not be read."""

    texts: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    result: Imported = field(default_factory=Imported)


def read_labels(path: Path) -> Labelled:
    """Labelled posts of a file: JSONL with `label` and `text`, or columns label and text.

    A first line that names its columns is followed. Lines that are no labelled post are counted
    and named in `result`.
    """
    found = Labelled()
    try:
        with _opened(path) as file:
            for where, label, text in _rows(path, file):
                found.result.read += 1
                try:
                    found.labels.append(label_of(label))
                    found.texts.append(_text(text))
                except BAD_VALUE as error:
                    del found.labels[len(found.texts) :]
                    found.result.refuse(where, reason(error))
    except (OSError, EOFError, zlib.error, UnicodeDecodeError, csv.Error) as error:
        raise BadInput(f"{path}: cannot be read: {error}") from None
    found.result.new = len(found.texts)
    return found


def label_of(value: Any) -> str:
    """good, bad or neutral, from any of the words for them."""
    try:
        return _LABELS[str(value).strip().lower()]
    except KeyError:
        some = "good, bad, neutral, pos, neg, 1, 0"
        raise ValueError(f"no label that is known: {str(value)[:40]!r}; write {some}") from None


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("no text")
    return value[:MAX_LENGTH]


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    with path.open("rb") as raw:
        yield io.TextIOWrapper(unzipped(raw), encoding="utf-8-sig", newline="")


def _rows(path: Path, file: TextIO) -> Iterator[tuple[str, Any, Any]]:
    kind = path.with_suffix("").suffix if path.suffix == ".gz" else path.suffix
    if kind in {".jsonl", ".json", ".ndjson"}:
        yield from _json_rows(path, file)
        return
    csv.field_size_limit(LONGEST_LINE)
    comma = kind == ".csv"
    # In a TSV a quotation mark is a character like any other.
    rows = csv.reader(file) if comma else csv.reader(file, "excel-tab", quoting=csv.QUOTE_NONE)
    columns: tuple[int, int] | None = None
    for row in rows:
        if columns is None:
            columns, named = _columns(row)
            if named:
                continue
        label, text = (row[i] if i < len(row) else None for i in columns)
        yield f"{path}:{rows.line_num}", label, text


def _json_rows(path: Path, file: TextIO) -> Iterator[tuple[str, Any, Any]]:
    number = 0
    while line := file.readline(LONGEST_LINE):
        number += 1
        try:
            value = value_of(line.encode("utf-8"))
        except ValueError as error:
            yield f"{path}:{number}: {error}", None, None
            continue
        yield f"{path}:{number}", value.get("label", value.get("feeling")), value.get("text")


def _columns(first: list[str]) -> tuple[tuple[int, int], bool]:
    """Where label and text stand, and whether the first line said so."""
    names = [name.strip().lower() for name in first]
    label = next((i for i, name in enumerate(names) if name in HEADS), None)
    if label is not None and "text" in names:
        return (label, names.index("text")), True
    return (0, 1), False
