"""`shrug reread`"""

from typing import Annotated

import typer

from shrug.cli import options
from shrug.cli.console import progress, say, tell
from shrug.cli.crawl import name_troubles


def reread(
    sources: Annotated[
        list[str] | None, typer.Argument(help=say("help_sources"), show_default=False)
    ] = None,
    every: Annotated[bool, typer.Option("--all", help=say("help_reread_all"))] = False,
    since: Annotated[str, typer.Option("--since", help=say("help_reread_since"))] = "",
    database: options.Database = "",
    zone: options.Zone = "UTC",
) -> None:
    """Read kept answers again with today's readers, asking nothing of any source."""
    from shrug.crawl.ingest import Ingest
    from shrug.crawl.reparse import reread as read_again

    start = options.instant(since, options.zone_of(zone), "--since") if since else None
    with options.store(database) as store, progress() as shown:
        task = shown.add_task(say("cli_rereading"), total=None)
        ingest = Ingest(store, options.settings().key_file)
        number = read_again(
            store, ingest, sources or [], every=every, since=start,
            told=lambda done, total: shown.update(task, completed=done, total=total),
        )  # fmt: skip
    tell("cli_reread", n=number, new=ingest.new_posts, snapshots=ingest.snapshots)
    name_troubles(ingest.troubles)
    if ingest.troubles:
        raise typer.Exit(1)
