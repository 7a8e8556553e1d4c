"""`shrug score`"""

import os
from typing import TYPE_CHECKING, Annotated

from shrug.cli import options
from shrug.cli.console import print_message, progress
from shrug.cli.options import option

if TYPE_CHECKING:
    from db.core.engine import Store


def score(
    again: Annotated[bool, option("--again", "help_again")] = False,
    cluster: options.Cluster = "",
    threads: Annotated[int, option("--threads", "help_threads", min=0)] = 0,
    database: options.Database = "",
) -> None:
    """Score how posts feel, and label what they do."""
    with options.open_store(database) as store:
        scored, labelled = score_store(store, again=again, cluster=cluster, threads=threads)
    print_message("cli_scored", n=scored)
    print_message("cli_read", n=labelled)


def score_store(
    store: "Store", *, again: bool = False, cluster: str = "", threads: int = 0
) -> tuple[int, int]:
    """Score and label the posts of a store with progress bars; return how many of each."""
    from shrug.label import acts, sentiment
    from shrug.label.executors import open_executor

    with open_executor(cluster) as executor:
        used = sentiment.scorers_in_use(store, options.settings().models_folder)
        if again:
            sentiment.drop_scores(store, used)
        # A worker has one core.
        cores = threads or (1 if cluster else os.cpu_count() or 1)
        with progress("cli_scoring", sentiment.count_pending(store, used)) as bar:
            scored = sentiment.score_posts(store, used, cores, bar.advance, executor)
        with progress("cli_reading", acts.count_pending(store)) as bar:
            labelled = acts.label_posts(store, bar.advance, executor)
    return scored, labelled
