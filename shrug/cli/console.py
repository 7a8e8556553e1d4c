"""Printing, in the reader's language: results on stdout, notes and errors on stderr."""

import json
import os
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Literal

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TaskID, TimeElapsedColumn
from rich.table import Table

from analysis.messages import LANGUAGES, Messages


def language() -> str:
    """Return the language of SHRUG_LANG, else of the locale, else English."""
    locale = os.environ.get("SHRUG_LANG") or os.environ.get("LC_ALL") or os.environ.get("LANG", "")
    return locale[:2].lower() if locale[:2].lower() in LANGUAGES else "en"


messages = Messages(language())
# If no terminal says how wide it is, a row of a table is one line: a program reads it.
WIDTH = None if sys.stdout.isatty() or "COLUMNS" in os.environ else 2000
stdout = Console(soft_wrap=True, highlight=False, markup=False, width=WIDTH)
stderr = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)


def printable(text: str) -> str:
    """Replace the characters that could control a terminal: much of the text comes from outside."""
    return "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)


class _Output:
    """Whether stdout is for programs."""

    as_json = False


def use_json(as_json: bool) -> None:
    """Print everything on stdout from now on as JSON, an object a line, or as text."""
    _Output.as_json = as_json


def print_message(id_: str, **values: object) -> None:
    """Print a message on stdout."""
    if _Output.as_json:
        print_json({"said": id_.removeprefix("cli_"), **values})
    else:
        print_line(messages(id_, **values))


def print_line(text: str) -> None:
    """Print a text on stdout as it is, also with `--json`."""
    stdout.print(printable(text))


def print_json(value: object) -> None:
    """Print a value on stdout as one line of JSON, times in ISO 8601."""
    line = json.dumps(value, ensure_ascii=False, default=_plain)
    stdout.file.write(line + "\n")


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def titles(*names: str, kind: str = "column") -> dict[str, str]:
    """Return the columns of a table: their names to their titles in the reader's language."""
    return {name: messages(f"{kind}_{name}") for name in names}


def print_table(
    columns: Mapping[str, str],
    rows: Iterable[Sequence[str]],
    right: Collection[str] = (),
    no_wrap: Collection[str] = (),
) -> None:
    """Print a table on stdout.

    columns: names (for programs) to titles (for people). right: the columns to align on the
    right. no_wrap: the columns that are never broken into lines.
    """
    if _Output.as_json:
        for row in rows:
            print_json(dict(zip(columns, row, strict=True)))
        return
    table = Table(box=None, pad_edge=False)
    for name, title in columns.items():
        side: Literal["left", "right"] = "right" if name in right else "left"
        table.add_column(title, justify=side, overflow="fold", no_wrap=name in no_wrap)
    for row in rows:
        table.add_row(*map(printable, row))
    stdout.print(table)


def print_note(id_: str, **values: object) -> None:
    """Print a message on stderr."""
    stderr.print(printable(messages(id_, **values)))


def print_error(text: str) -> None:
    """Print on stderr, in one line, what went wrong."""
    stderr.print(printable(f"shrug: {text}"))


class ProgressBar:
    """The progress of one task."""

    def __init__(self, bars: Progress, task: TaskID) -> None:
        self._bars = bars
        self._task = task

    def advance(self, steps: float = 1) -> None:
        self._bars.advance(self._task, steps)

    def show(self, done: float, total: float) -> None:
        self._bars.update(self._task, completed=done, total=total)


@contextmanager
def progress(message_id: str, total: float | None = None) -> Iterator[ProgressBar]:
    """Show a progress bar if stderr is a terminal; without `total`, one of unknown length."""
    columns = SpinnerColumn(), *Progress.get_default_columns(), TimeElapsedColumn()
    with Progress(*columns, console=stderr, disable=not stderr.is_terminal) as bars:
        yield ProgressBar(bars, bars.add_task(messages(message_id), total=total))
