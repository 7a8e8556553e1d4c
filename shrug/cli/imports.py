"""`shrug import posts` and `shrug import board`"""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from db.core.errors import BadInput
from db.core.records import Span
from shrug.cli import options
from shrug.cli.commands import Commands
from shrug.cli.console import progress, remark, say, tell

if TYPE_CHECKING:
    from shrug.imports.lines import Imported

app = Commands(no_args_is_help=True)


@app.command(help=say("help_import_posts"))
def posts(
    files: options.Files,
    covered: Annotated[
        list[str] | None, typer.Option("--covered", help=say("help_covered"))
    ] = None,
    format_: Annotated[str, typer.Option("--format", help=say("help_format"))] = "shrug",
    mapping: Annotated[Path | None, typer.Option("--mapping", help=say("help_mapping"))] = None,
    source: Annotated[str, typer.Option("--source", help=say("help_import_source"))] = "",
    aside: Annotated[Path | None, typer.Option("--aside", help=say("help_aside"))] = None,
    database: options.Database = "",
    zone: options.Zone = "UTC",
) -> None:
    """Posts as JSONL, gzipped or not; exports of other tools; any shape by a mapping."""
    from shrug.crawl.ingest import Ingest
    from shrug.imports.mappings import form_of, read_mapping
    from shrug.imports.posts import Wanted, import_posts

    tz = options.zone_of(zone)
    form = None if format_ == "shrug" else form_of(format_)
    if mapping is not None:
        form = read_mapping(mapping)
    spans = tuple(_span(text, tz) for text in covered or [])
    wanted = Wanted(form, source, spans, aside)
    with options.real_store(database) as store, progress() as shown:
        task = shown.add_task(say("cli_importing"), total=_size(files))
        ingest = Ingest(store, options.settings().key_file)
        result = import_posts(ingest, store, files, wanted, lambda n: shown.advance(task, n))
    finish(result)


@app.command(help=say("help_import_board"))
def board(
    files: options.Files,
    board: Annotated[str, typer.Option("--board", help=say("help_board"))] = "weibo",
    database: options.Database = "",
) -> None:
    """Board snapshots as JSONL, gzipped or not, or a checkout of an archive of Weibo's board."""
    from shrug.imports.board_history import History
    from shrug.imports.boards import import_board
    from shrug.label import board_titles

    checkouts = [path for path in files if path.is_dir()]
    plain = [path for path in files if path not in checkouts]
    with options.real_store(database) as store, progress() as shown:
        task = shown.add_task(say("cli_importing"), total=_size(plain))
        result = import_board(store, plain, lambda n: shown.advance(task, n), board)
        for path in checkouts:
            history = History(store, path)
            own = shown.add_task(say("cli_importing"), total=len(history.commits))
            result.add(history.read_in(partial(shown.advance, own)))
        number = board_titles.refresh(store)
    tell("cli_events", n=number)
    finish(result)


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
    both = (options.instant(part, zone, "--covered") for part in (start, end))
    return Span(*options.span(*both))


def finish(result: "Imported") -> None:
    """Say what an import came to; exit with 1 where part of it was refused."""
    tell("cli_imported", read=result.read, new=result.new, bad=result.bad)
    for what in result.warnings:
        remark("cli_warning", what=what)
    name_refused(result)


def name_refused(result: "Imported") -> None:
    """Name the lines that could not be read; exit with 1 where there were any."""
    for what in result.refused:
        remark("cli_refused", what=what)
    if result.bad > len(result.refused):
        remark("cli_more", n=result.bad - len(result.refused))
    if result.bad:
        raise typer.Exit(1)
