"""`shrug retention`, `shrug forget`, `shrug rotate-key`, `shrug verify`, `shrug backup`, `shrug
restore`"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from db.core.errors import BadInput, ShrugError
from shrug.cli import options
from shrug.cli.console import complain, progress, say, tell

if TYPE_CHECKING:
    from db.core.engine import Store

NAME = "shrug-{:%Y%m%dT%H%M%SZ}.sqlite3"


def retention(
    days: Annotated[int, typer.Option("--days", min=0, help=say("help_days"))] = 0,
    database: options.Database = "",
) -> None:
    """Delete text and pseudonyms of posts that are past their time."""
    from shrug.privacy.erasure import retain

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
    from shrug.privacy.erasure import forget as remove
    from shrug.report.weekly import rewrite_weekly_reports

    if bool(author) == bool(post):
        raise BadInput("name a person with --author, or one post with --post")
    settings = options.settings()
    with options.store(database) as store:
        removed = remove(store, settings.key_file, source, author=author or None, post=post or None)
        weeks = rewrite_weekly_reports(store, settings, removed.times)
    rewritten = say.listed(weeks) or "–"
    tell("cli_forgotten", posts=removed.posts, answers=removed.answers, weeks=rewritten)


def rotate_key(
    days: Annotated[int, typer.Option("--days", min=0, help=say("help_key_days"))] = 0,
    leaked: Annotated[bool, typer.Option("--leaked", help=say("help_leaked"))] = False,
    database: options.Database = "",
) -> None:
    """A new key behind pseudonyms."""
    from shrug.privacy import pseudonyms

    file = options.settings().key_file
    known = pseudonyms.age(file)
    if known < timedelta(days=days):
        tell("cli_key_young", days=known.days, of=days)
        return
    if not leaked:
        pseudonyms.rotate(file, datetime.now(UTC))
        tell("cli_key_rotated", path=file)
        return
    with options.store(database) as store:
        _refuse_daemon(store)
        pseudonyms.rotate(file, datetime.now(UTC))
        tell("cli_key_disowned", path=file, n=pseudonyms.disown(store, file))


def verify(
    fix: Annotated[bool, typer.Option("--fix", help=say("help_verify_fix"))] = False,
    database: options.Database = "",
) -> None:
    """Look over the whole store."""
    from shrug.store.integrity import verify as look

    with options.store(database) as store, progress() as shown:
        task = shown.add_task(say("cli_verifying"), total=None)
        found = look(store, fix=fix, told=lambda: shown.advance(task))
    for line in found.damage:
        tell("cli_damaged", why=line)
    if not found.damage:
        said = "cli_counts_mended" if found.mended else "cli_counts_verified"
        tell(said, wrong=found.wrong, n=found.looked)
    if not found.sound:
        raise typer.Exit(1)


def _refuse_daemon(store: "Store") -> None:
    from shrug.daemon.lease import Holder

    Holder(store).refuse()


def backup(
    file: Annotated[Path | None, typer.Option("--out", help=say("help_backup_out"))] = None,
    keep: Annotated[int, typer.Option("--keep", min=0, help=say("help_backup_keep"))] = 0,
    database: options.Database = "",
) -> None:
    """Copy the store while it is in use."""
    from db.ops import backups

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
    from db.ops import backups
    from shrug.store.bootstrap import address

    url = address(database or options.settings().database)
    try:
        with options.store(url) as store:
            _refuse_daemon(store)
    except BadInput:
        raise
    except ShrugError as error:
        complain(str(error))  # a backup is what it needs
    with progress() as shown:
        task = shown.add_task(say("cli_copying"), total=None)
        told = backups.restore(file, url, lambda n, of: shown.update(task, completed=n, total=of))
    # Opened again, so that an older one is brought to the newest form.
    with options.store(database):
        tell("cli_restored", path=file, before=told)
