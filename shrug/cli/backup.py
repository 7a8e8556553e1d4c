"""`shrug backup`, `shrug restore`, `shrug verify`"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from db.core.errors import BadInput, ShrugError
from shrug.cli import options
from shrug.cli.console import print_error, print_message, progress
from shrug.cli.options import argument, option

FILE_NAME = "shrug-{:%Y%m%dT%H%M%SZ}.sqlite3"


def backup(
    file: Annotated[Path | None, option("--out", "help_backup_out")] = None,
    keep: Annotated[int, option("--keep", "help_backup_keep", min=0)] = 0,
    database: options.Database = "",
) -> None:
    """Copy the store, which may be in use."""
    from db.ops import backups

    folder = options.settings().backup_folder
    target = file or folder / FILE_NAME.format(datetime.now(UTC))
    with options.open_store(database) as store, progress("cli_copying") as bar:
        backups.copy(store, target, bar.show)
    old = sorted(folder.glob("shrug-*.sqlite3"))[:-keep] if keep and file is None else []
    for path in old:
        path.unlink()
    print_message("cli_backed_up", path=target, n=len(old))


def restore(
    file: Annotated[Path, argument("help_restore_file")], database: options.Database = ""
) -> None:
    """Replace the store by a backup."""
    from db.ops import backups
    from shrug.daemon.lease import DaemonLease
    from shrug.store.bootstrap import database_url

    url = database_url(database or options.settings().database)
    try:
        with options.open_store(url) as store:
            DaemonLease(store).refuse_running_daemon()
    except BadInput:
        raise
    except ShrugError as error:
        print_error(str(error))  # a damaged store needs its backup
    with progress("cli_copying") as bar:
        replaced = backups.restore(file, url, bar.show)
    # Opening it migrates an older backup to the newest schema.
    with options.open_store(database):
        print_message("cli_restored", path=file, before=replaced)


def verify(
    fix: Annotated[bool, option("--fix", "help_verify_fix")] = False,
    database: options.Database = "",
) -> None:
    """Check the whole store."""
    from shrug.store.integrity import verify as look

    with options.open_store(database) as store, progress("cli_verifying") as bar:
        result = look(store, fix=fix, on_step=bar.advance)
    for line in result.damage:
        print_message("cli_damaged", why=line)
    if not result.damage:
        message = "cli_counts_mended" if result.repaired else "cli_counts_verified"
        print_message(message, wrong=result.wrong_counts, n=result.checked)
    if not result.is_sound:
        raise typer.Exit(1)
