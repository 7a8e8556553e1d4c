"""`shrug rematch`"""

from shrug.cli import options
from shrug.cli.console import progress, say, tell


def rematch(database: options.Database = "") -> None:
    """Match stored posts again where the catalogue's names have changed."""
    from shrug.label.rematch import rematch as match_again

    with options.store(database) as store, progress() as shown:
        task = shown.add_task(say("cli_rematching"), total=None)
        found = match_again(store, lambda n: shown.advance(task, n))
    if found.names or found.words:
        tell("cli_rematched", names=found.names, n=found.looked, changed=found.changed)
    else:
        tell("cli_names_known")
