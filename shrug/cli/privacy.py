"""`shrug retention`, `shrug forget`, `shrug rotate-key`"""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from db.core.errors import BadInput
from shrug.cli import options
from shrug.cli.console import messages, print_message, progress
from shrug.cli.options import argument, option


def retention(
    days: Annotated[int, option("--days", "help_days", min=0)] = 0, database: options.Database = ""
) -> None:
    """Delete the text and the pseudonyms of posts older than the retention period."""
    from shrug.privacy.erasure import apply_retention

    period = days or options.settings().retention_days
    if not period:
        raise BadInput("no time is set: name it with --days, or set retention_days")
    with options.open_store(database) as store, progress("cli_retaining") as bar:
        number = apply_retention(store, period, datetime.now(UTC), bar.advance)
    print_message("cli_retained", n=number, days=period)


def forget(
    source: Annotated[str, argument("help_forget_source")],
    author: Annotated[str, option("--author", "help_forget_author")] = "",
    post: Annotated[str, option("--post", "help_forget_post")] = "",
    database: options.Database = "",
) -> None:
    """Delete a person's posts, or one post, everywhere."""
    from shrug.privacy.erasure import erase as remove
    from shrug.report.weekly import rewrite_weekly_reports

    if bool(author) == bool(post):
        raise BadInput("name a person with --author, or one post with --post")
    settings = options.settings()
    with options.open_store(database) as store:
        removed = remove(store, settings.key_file, source, author=author or None, post=post or None)
        weeks = rewrite_weekly_reports(store, settings, removed.times)
    rewritten = messages.listed(weeks) or "–"
    print_message("cli_forgotten", posts=removed.posts, answers=removed.responses, weeks=rewritten)


def rotate_key(
    days: Annotated[int, option("--days", "help_key_days", min=0)] = 0,
    leaked: Annotated[bool, option("--leaked", "help_leaked")] = False,
    database: options.Database = "",
) -> None:
    """Make a new key for pseudonyms."""
    from shrug.daemon.lease import DaemonLease
    from shrug.privacy import pseudonyms

    file = options.settings().key_file
    known = pseudonyms.key_age(file)
    if known < timedelta(days=days):
        print_message("cli_key_young", days=known.days, of=days)
        return
    if not leaked:
        pseudonyms.rotate_key(file, datetime.now(UTC))
        print_message("cli_key_rotated", path=file)
        return
    with options.open_store(database) as store:
        DaemonLease(store).refuse_running_daemon()
        pseudonyms.rotate_key(file, datetime.now(UTC))
        print_message("cli_key_disowned", path=file, n=pseudonyms.anonymize_stored(store, file))
