"""What commands say, in the reader's language; figures to stdout, remarks to stderr."""

import json
import os
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Literal

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from analysis.messages import LANGUAGES, Messages


def language() -> str:
    """SHRUG_LANG, else that of the locale, else English."""
    chosen = os.environ.get("SHRUG_LANG") or os.environ.get("LC_ALL") or os.environ.get("LANG", "")
    return chosen[:2].lower() if chosen[:2].lower() in LANGUAGES else "en"


say = Messages(language())
# Where no terminal says how wide it is, a table's line is one line: it is read by a program.
PIPED = None if sys.stdout.isatty() or "COLUMNS" in os.environ else 2000
out = Console(soft_wrap=True, highlight=False, markup=False, width=PIPED)
remarks = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)


def printable(text: str) -> str:
    """Text without what would steer a terminal: much of it comes from outside."""
    return "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)


class _Form:
    """Whether what is said is for programs."""

    as_json = False


def use_json(as_json: bool) -> None:
    """From now on say everything on stdout as JSON, an object a line, or as text."""
    _Form.as_json = as_json


def tell(id_: str, **values: object) -> None:
    """Say a message on stdout."""
    if _Form.as_json:
        tell_json({"said": id_.removeprefix("cli_"), **values})
    else:
        out.print(printable(say(id_, **values)))


def tell_json(value: object) -> None:
    """Say a value on stdout as one line of JSON; times in ISO 8601."""
    line = json.dumps(value, ensure_ascii=False, default=_plain)
    out.file.write(line + "\n")


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def tell_table(
    columns: Mapping[str, str],
    rows: Iterable[Sequence[str]],
    right: Collection[str] = (),
    whole: Collection[str] = (),
) -> None:
    """Say a table on stdout: `columns` are their names for programs and for people; those of
    `right` hold numbers, those of `whole` are never broken into lines."""
    if _Form.as_json:
        for row in rows:
            tell_json(dict(zip(columns, row, strict=True)))
        return
    table = Table(box=None, pad_edge=False)
    for name, title in columns.items():
        side: Literal["left", "right"] = "right" if name in right else "left"
        table.add_column(title, justify=side, overflow="fold", no_wrap=name in whole)
    for row in rows:
        table.add_row(*map(printable, row))
    out.print(table)


def remark(id_: str, **values: object) -> None:
    """Say a message on stderr."""
    remarks.print(printable(say(id_, **values)))


def complain(text: str) -> None:
    """One line on stderr for what went wrong."""
    remarks.print(printable(f"shrug: {text}"))


@contextmanager
def progress() -> Iterator[Progress]:
    """A progress bar on a terminal, nothing elsewhere."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    shown = Progress(*columns, console=remarks, disable=not remarks.is_terminal)
    with shown:
        yield shown
