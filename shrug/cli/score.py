"""`shrug score`"""

import os
from typing import Annotated

import typer

from shrug.cli import options
from shrug.cli.speech import progress, say, tell


def score(
    again: Annotated[bool, typer.Option("--again", help=say("help_again"))] = False,
    threads: Annotated[int, typer.Option("--threads", min=0, help=say("help_threads"))] = 0,
    database: options.Database = "",
) -> None:
    """Score how posts feel, and read what they do."""
    from shrug import reading, scoring

    with options.store(database) as store, progress() as shown:
        used = scoring.in_use(store, options.settings().models_folder)
        if again:
            scoring.forget(store, used)
        task = shown.add_task(say("cli_scoring"), total=scoring.pending(store, used))
        cores = threads or os.cpu_count() or 1
        number = scoring.score(store, used, cores, lambda n: shown.advance(task, n))
        task = shown.add_task(say("cli_reading"), total=reading.pending(store))
        read = reading.read(store, lambda n: shown.advance(task, n))
    tell("cli_scored", n=number)
    tell("cli_read", n=read)
