"""`shrug score`"""

from typing import Annotated

import typer

from shrug.cli import options
from shrug.cli.speech import progress, say, tell


def score(
    again: Annotated[bool, typer.Option("--again", help=say("help_again"))] = False,
    database: options.Database = "",
) -> None:
    """Score how posts feel."""
    from shrug import scoring

    with options.store(database) as store, progress() as shown:
        if again:
            scoring.forget(store)
        task = shown.add_task(say("cli_scoring"), total=scoring.pending(store))
        number = scoring.score(store, lambda n: shown.advance(task, n))
    tell("cli_scored", n=number)
