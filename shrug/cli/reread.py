"""`shrug reread`"""

from typing import Annotated

import typer

from shrug.cli import options
from shrug.cli.console import print_message, progress
from shrug.cli.crawl import print_troubles
from shrug.cli.options import argument, option


def reread(
    sources: Annotated[list[str] | None, argument("help_sources", show_default=False)] = None,
    every: Annotated[bool, option("--all", "help_reread_all")] = False,
    since: Annotated[str, option("--since", "help_reread_since")] = "",
    database: options.Database = "",
    zone: options.Zone = "UTC",
) -> None:
    """Parse stored responses again with the present parsers, without any request."""
    from shrug.crawl.ingest import Ingest
    from shrug.crawl.reparse import reread as read_again

    start = options.read_instant(since, options.read_zone(zone), "--since") if since else None
    with options.open_store(database) as store, progress("cli_rereading") as bar:
        ingest = Ingest(store, options.settings().key_file)
        number = read_again(
            store, ingest, sources or [], every=every, since=start,
            on_progress=bar.show,
        )  # fmt: skip
    print_message("cli_reread", n=number, new=ingest.new_posts, snapshots=ingest.snapshots)
    print_troubles(ingest.troubles)
    if ingest.troubles:
        raise typer.Exit(1)
