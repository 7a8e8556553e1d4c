"""What commands say, in the reader's language; figures to stdout, remarks to stderr."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn
from rich.progress import TimeElapsedColumn as Elapsed

from analysis.messages import LANGUAGES, Messages


def language() -> str:
    """SHRUG_LANG, else that of the locale, else English."""
    chosen = os.environ.get("SHRUG_LANG") or os.environ.get("LC_ALL") or os.environ.get("LANG", "")
    return chosen[:2].lower() if chosen[:2].lower() in LANGUAGES else "en"


say = Messages(language())
out = Console(soft_wrap=True, highlight=False, markup=False)
remarks = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)


def printable(text: str) -> str:
    """Text without what would steer a terminal: much of it comes from outside."""
    return "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)


def tell(id_: str, **values: object) -> None:
    """Say a message on stdout."""
    out.print(printable(say(id_, **values)))


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
        Elapsed(),
    )
    shown = Progress(*columns, console=remarks, disable=not remarks.is_terminal)
    with shown:
        yield shown
