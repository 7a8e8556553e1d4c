"""`shrug rematch`"""

from shrug.cli import options
from shrug.cli.console import print_message, progress


def rematch(database: options.Database = "") -> None:
    """Match stored posts again with the names of the catalogue that have changed."""
    from shrug.label.rematch import rematch_posts as match_again

    with options.open_store(database) as store, progress("cli_rematching") as bar:
        result = match_again(store, bar.advance)
    if result.names or result.words:
        print_message(
            "cli_rematched", names=result.names, n=result.examined, changed=result.changed
        )
    else:
        print_message("cli_names_known")
