"""`shrug import posts` and `shrug import board`"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from db.core.errors import BadInput
from db.core.records import Span
from shrug.cli import options
from shrug.cli.commands import Commands
from shrug.cli.console import messages, print_message, print_note, progress
from shrug.cli.options import option

if TYPE_CHECKING:
    from shrug.imports.lines import ImportResult

app = Commands(no_args_is_help=True)


@app.command(help=messages("help_import_posts"))
def posts(
    files: options.Files,
    covered: Annotated[list[str] | None, option("--covered", "help_covered")] = None,
    format_: Annotated[str, option("--format", "help_format")] = "shrug",
    mapping: Annotated[Path | None, option("--mapping", "help_mapping")] = None,
    source: Annotated[str, option("--source", "help_import_source")] = "",
    aside: Annotated[Path | None, option("--aside", "help_aside")] = None,
    database: options.Database = "",
    zone: options.Zone = "UTC",
) -> None:
    """Import posts from JSONL, from exports of other tools, or from any shape by a mapping."""
    from shrug.crawl.ingest import Ingest
    from shrug.imports.mappings import bundled_mapping, read_mapping
    from shrug.imports.posts import ImportOptions, import_posts

    tz = options.read_zone(zone)
    form = None if format_ == "shrug" else bundled_mapping(format_)
    if mapping is not None:
        form = read_mapping(mapping)
    spans = tuple(_span(text, tz) for text in covered or [])
    wanted = ImportOptions(form, source, spans, aside)
    with options.open_real_store(database) as store, progress("cli_importing", _size(files)) as bar:
        ingest = Ingest(store, options.settings().key_file)
        result = import_posts(ingest, store, files, wanted, bar.advance)
    print_import_result(result)


@app.command(help=messages("help_import_board"))
def board(
    files: options.Files,
    board: Annotated[str, option("--board", "help_board")] = "weibo",
    database: options.Database = "",
) -> None:
    """Import board snapshots from JSONL, or from a checkout of an archive of Weibo's board."""
    from shrug.imports.board_history import BoardHistory
    from shrug.imports.boards import import_board
    from shrug.label import board_titles

    checkouts = [path for path in files if path.is_dir()]
    plain = [path for path in files if path not in checkouts]
    with options.open_real_store(database) as store:
        with progress("cli_importing", _size(plain)) as bar:
            result = import_board(store, plain, bar.advance, board)
        for path in checkouts:
            history = BoardHistory(store, path)
            with progress("cli_importing", len(history.commits)) as bar:
                result.add(history.import_commits(bar.advance))
        number = board_titles.suggest_outages(store)
    print_message("cli_events", n=number)
    print_import_result(result)


def _size(files: list[Path]) -> int:
    try:
        for path in files:
            if path.is_dir():
                raise BadInput(f"{path}: a folder, not a file")
        return sum(path.stat().st_size for path in files)
    except OSError as error:
        raise BadInput(f"{error.filename}: {error.strerror}") from None


def _span(text: str, zone: ZoneInfo) -> Span:
    start, slash, end = text.partition("/")
    if not slash:
        raise BadInput(f"--covered: write FROM/TO, not {text[:60]!r}")
    both = (options.read_instant(part, zone, "--covered") for part in (start, end))
    return Span(*options.checked_span(*both))


def print_import_result(result: "ImportResult") -> None:
    """Print what an import did; exit with 1 if part of it was refused."""
    print_message("cli_imported", read=result.read, new=result.new, bad=result.bad)
    for what in result.warnings:
        print_note("cli_warning", what=what)
    print_refused_lines(result)


def print_refused_lines(result: "ImportResult") -> None:
    """Print the lines that could not be read; exit with 1 if there are any."""
    for what in result.refused:
        print_note("cli_refused", what=what)
    if result.bad > len(result.refused):
        print_note("cli_more", n=result.bad - len(result.refused))
    if result.bad:
        raise typer.Exit(1)
