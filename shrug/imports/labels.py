"""Labelled posts as JSONL, CSV or TSV, gzipped or not: the examples to train and judge scorers."""

import csv
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from analysis.sentiment.quality import BAD, GOOD, NEUTRAL
from analysis.text.cleaning import MAX_LENGTH
from db.core.errors import BadInput
from shrug.imports.lines import BAD_VALUE, LONGEST_LINE, ImportResult, describe_error, open_unzipped
from shrug.imports.rows import FileRow, json_lines

WORDS = {
    GOOD: {"good", "pos", "positive", "1", "+", "正面", "积极", "好"},
    BAD: {"bad", "neg", "negative", "0", "-1", "-", "负面", "消极", "坏"},
    NEUTRAL: {"neutral", "neu", "none", "中性"},
}
_LABELS = {word: label for label, words in WORDS.items() for word in words}
LABEL_COLUMNS = {"label", "feeling", "sentiment", "标签"}


@dataclass
class LabelledPosts:
    """Texts, their labels (good, bad, neutral), and the lines that could not be read."""

    texts: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    result: ImportResult = field(default_factory=ImportResult)


def read_labels(path: Path) -> LabelledPosts:
    """Read labelled posts from a file: JSONL with `label` and `text`, or columns label and text.

    A first line that names its columns is followed. Lines that are no labelled post are counted
    and named in `result`. Raises BadInput if the file cannot be read.
    """
    posts = LabelledPosts()
    try:
        for row in _rows(path):
            posts.result.read += 1
            try:
                value = row.checked_value()
                label = parse_label(value.get("label", value.get("feeling")))
                text = _text(value.get("text"))
            except BAD_VALUE as error:
                posts.result.refuse(row.where, describe_error(error))
                continue
            posts.labels.append(label)
            posts.texts.append(text)
    except (OSError, EOFError, zlib.error, UnicodeDecodeError, csv.Error) as error:
        raise BadInput(f"{path}: cannot be read: {error}") from None
    posts.result.new = len(posts.texts)
    return posts


def parse_label(value: Any) -> str:
    """Return good, bad or neutral for any of the words for them. Raises ValueError."""
    try:
        return _LABELS[str(value).strip().lower()]
    except KeyError:
        some = "good, bad, neutral, pos, neg, 1, 0"
        raise ValueError(f"no label that is known: {str(value)[:40]!r}; write {some}") from None


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("no text")
    return value[:MAX_LENGTH]


def _rows(path: Path) -> Iterator[FileRow]:
    kind = path.with_suffix("").suffix if path.suffix == ".gz" else path.suffix
    with path.open("rb") as raw:
        file = open_unzipped(raw)
        if kind in {".jsonl", ".json", ".ndjson"}:
            yield from json_lines(path, file)
        else:
            text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
            yield from _table_rows(path, text, comma=kind == ".csv")


def _table_rows(path: Path, file: io.TextIOWrapper, *, comma: bool) -> Iterator[FileRow]:
    csv.field_size_limit(LONGEST_LINE)
    # In a TSV a quotation mark is a character like any other.
    rows = csv.reader(file) if comma else csv.reader(file, "excel-tab", quoting=csv.QUOTE_NONE)
    columns: tuple[int, int] | None = None
    for row in rows:
        if columns is None:
            columns, named = _columns(row)
            if named:
                continue
        label, text = (row[i] if i < len(row) else None for i in columns)
        yield FileRow(f"{path}:{rows.line_num}", {"label": label, "text": text}, "")


def _columns(first: list[str]) -> tuple[tuple[int, int], bool]:
    """The columns of label and text, and whether the first line names them."""
    names = [name.strip().lower() for name in first]
    label = next((i for i, name in enumerate(names) if name in LABEL_COLUMNS), None)
    if label is not None and "text" in names:
        return (label, names.index("text")), True
    return (0, 1), False
