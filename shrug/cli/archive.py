"""`shrug archive make`, `list`, `restore`, `check`, `folder`"""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from db.errors import BadInput
from shrug.cli import options
from shrug.cli.commands import Commands
from shrug.cli.speech import complain, progress, say, tell, tell_table

if TYPE_CHECKING:
    from db.archives import KeptArchive

app = Commands(no_args_is_help=True)


def make(
    months: Annotated[int, typer.Option("--months", min=0, help=say("help_archive_months"))] = 0,
    folder: Annotated[Path | None, typer.Option("--out", help=say("help_archive_out"))] = None,
    database: options.Database = "",
) -> None:
    """Move old months into files."""
    from db.months import back, month_of
    from shrug.archiving import make as put_away

    settings = options.settings()
    many = months or settings.archive_months
    if not many:
        raise BadInput("no age is set: name it with --months, or set archive_months")
    before = back(month_of(datetime.now(UTC)), many)
    with options.store(database) as store, progress() as shown:
        task = shown.add_task(say("cli_archiving"), total=None)
        place = folder or settings.archive_folder
        found = put_away(store, before, place, lambda n: shown.advance(task, n))
    tell("cli_archived", n=found.months, posts=found.posts, gone=found.gone)


def list_(database: options.Database = "") -> None:
    """Which months lie in files."""
    from db import archives

    with options.store(database) as store, store.reading() as connection:
        found = archives.known(connection)
    names = {name: say(f"column_{name}") for name in ("source", "month", "posts", "file")}
    rows = [(a.source, f"{a.month:%Y-%m}", f"{a.posts:,}", str(a.path)) for a in found]
    tell_table(names, rows)


def restore(
    month: Annotated[str, typer.Option("--month", help=say("help_archive_month"))] = "",
    source: Annotated[str, typer.Option("--source", help=say("help_archive_source"))] = "",
    database: options.Database = "",
) -> None:
    """Bring months back into the store."""
    from db import archives
    from shrug.archiving import restore as bring_back

    with options.store(database) as store, progress() as shown:
        with store.reading() as connection:
            wanted = _wanted(archives.known(connection), month, source)
        task = shown.add_task(say("cli_archive_restoring"), total=len(wanted))
        number = bring_back(store, wanted, lambda n: shown.advance(task, n))
    tell("cli_archive_restored", n=len(wanted), posts=number)


def _wanted(found: "list[KeptArchive]", month: str, source: str) -> "list[KeptArchive]":
    wanted = [a for a in found if month in {"", f"{a.month:%Y-%m}"} and source in {"", a.source}]
    if not wanted:
        raise BadInput("no such month lies in a file; see shrug archive list")
    return wanted


def check(database: options.Database = "") -> None:
    """Hold every file against its checksum."""
    from shrug.archiving import check as look

    with options.store(database) as store:
        found, wrong = look(store)
    for line in wrong:
        complain(line)
    tell("cli_archive_checked", n=len(found), wrong=len(wrong))
    if wrong:
        raise typer.Exit(1)


def folder(
    folder: Annotated[Path, typer.Argument(help=say("help_archive_folder_path"))],
    database: options.Database = "",
) -> None:
    """Say where the files lie now."""
    from db import archives

    if not folder.is_dir():
        raise BadInput(f"{folder}: there is no such folder")
    with options.store(database) as store, store.writing() as connection:
        archives.move(connection, folder)
    tell("cli_archive_folder", path=folder)


app.command(help=say("help_archive_make"))(make)
app.command(name="list", help=say("help_archive_list"))(list_)
app.command(help=say("help_archive_restore"))(restore)
app.command(help=say("help_archive_check"))(check)
app.command(help=say("help_archive_folder"))(folder)
