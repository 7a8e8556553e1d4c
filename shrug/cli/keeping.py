"""`shrug retention`, `shrug forget`, `shrug backup`, `shrug restore`"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from db.errors import BadInput
from shrug.cli import options
from shrug.cli.speech import progress, say, tell

NAME = "shrug-{:%Y%m%dT%H%M%SZ}.sqlite3"


def retention(
    days: Annotated[int, typer.Option("--days", min=0, help=say("help_days"))] = 0,
    database: options.Database = "",
) -> None:
    """Delete text and pseudonyms of posts that are past their time."""
    from shrug.keeping import retain

    many = days or options.settings().retention_days
    if not many:
        raise BadInput("no time is set: name it with --days, or set retention_days")
    with options.store(database) as store, progress() as shown:
        task = shown.add_task(say("cli_retaining"), total=None)
        number = retain(store, many, datetime.now(UTC), lambda n: shown.advance(task, n))
    tell("cli_retained", n=number, days=many)


def forget(
    source: Annotated[str, typer.Argument(help=say("help_forget_source"))],
    author: Annotated[str, typer.Option("--author", help=say("help_forget_author"))] = "",
    post: Annotated[str, typer.Option("--post", help=say("help_forget_post"))] = "",
    database: options.Database = "",
) -> None:
    """Remove a person's posts, or one post, everywhere."""
    from shrug.keeping import forget as remove

    if bool(author) == bool(post):
        raise BadInput("name a person with --author, or one post with --post")
    with options.store(database) as store:
        found = remove(store, options.settings(), source, author=author or None, post=post or None)
    made = say.listed(found.weeks) or "–"
    tell("cli_forgotten", posts=found.posts, answers=found.answers, weeks=made)


def backup(
    file: Annotated[Path | None, typer.Option("--out", help=say("help_backup_out"))] = None,
    keep: Annotated[int, typer.Option("--keep", min=0, help=say("help_backup_keep"))] = 0,
    database: options.Database = "",
) -> None:
    """Copy the store while it is in use."""
    from db import backups

    folder = options.settings().backup_folder
    target = file or folder / NAME.format(datetime.now(UTC))
    with options.store(database) as store, progress() as shown:
        task = shown.add_task(say("cli_copying"), total=None)
        backups.copy(store, target, lambda n, of: shown.update(task, completed=n, total=of))
    old = sorted(folder.glob("shrug-*.sqlite3"))[:-keep] if keep and file is None else []
    for each in old:
        each.unlink()
    tell("cli_backed_up", path=target, n=len(old))


def restore(
    file: Annotated[Path, typer.Argument(help=say("help_restore_file"))],
    database: options.Database = "",
) -> None:
    """Put a backup in the place of the store."""
    from db import backups, leases
    from shrug.daemon.lease import NAME as DAEMON

    with options.store(database) as store, progress() as shown:
        with store.reading() as connection:
            if leases.read(connection, DAEMON):
                raise BadInput("a daemon keeps this store: stop it first")
        task = shown.add_task(say("cli_copying"), total=None)
        told = backups.restore(file, store, lambda n, of: shown.update(task, completed=n, total=of))
    # Opened again, so that an older one is brought to the newest form.
    with options.store(database):
        tell("cli_restored", path=file, before=told)
