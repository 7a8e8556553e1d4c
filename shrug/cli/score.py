"""`shrug score`"""

import os
from typing import Annotated

import typer

from shrug.cli import options
from shrug.cli.console import progress, say, tell


def score(
    again: Annotated[bool, typer.Option("--again", help=say("help_again"))] = False,
    cluster: options.Cluster = "",
    threads: Annotated[int, typer.Option("--threads", min=0, help=say("help_threads"))] = 0,
    database: options.Database = "",
) -> None:
    """Score how posts feel, and read what they do."""
    from shrug.label import acts, sentiment
    from shrug.label.executors import open_executor

    with (
        options.store(database) as store,
        open_executor(cluster) as executor,
        progress() as shown,
    ):
        used = sentiment.in_use(store, options.settings().models_folder)
        if again:
            sentiment.forget(store, used)
        task = shown.add_task(say("cli_scoring"), total=sentiment.pending(store, used))
        # A worker has one core.
        cores = threads or (1 if cluster else os.cpu_count() or 1)
        number = sentiment.score(store, used, cores, lambda n: shown.advance(task, n), executor)
        task = shown.add_task(say("cli_reading"), total=acts.pending(store))
        read = acts.read(store, lambda n: shown.advance(task, n), executor)
    tell("cli_scored", n=number)
    tell("cli_read", n=read)
