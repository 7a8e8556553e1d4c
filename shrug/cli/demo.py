"""`shrug demo`"""

from pathlib import Path
from typing import Annotated

import typer

from shrug.cli import options
from shrug.cli.console import progress, remark, say, tell
from shrug.cli.measure import measured


def demo(
    folder: Annotated[Path, typer.Option("--out", help=say("help_out"))] = Path("out/demo"),
    zone: options.Zone = "UTC",
) -> None:
    """A simulated month, the whole way."""
    from analysis.messages import LANGUAGES
    from shrug.demo import run
    from shrug.label import acts, sentiment
    from shrug.report.files import write

    options.zone_of(zone)
    remark("simulated_banner")
    with progress() as shown:
        task = shown.add_task(say("cli_simulating"), total=1)
        world = run.world()
        shown.advance(task)
    database = run.fresh_store(folder, world)
    remark("cli_demo_crawl", posts=len(world.posts), looks=len(world.looks))
    run.crawl(database, world)
    with options.store(database) as store:
        with progress() as shown:
            used = sentiment.in_use(store, options.settings().models_folder)
            task = shown.add_task(say("cli_scoring"), total=sentiment.pending(store, used))
            sentiment.score(store, used, told=lambda n: shown.advance(task, n))
            task = shown.add_task(say("cli_reading"), total=acts.pending(store))
            acts.read(store, lambda n: shown.advance(task, n))
        report = measured(store, world.plan.span.start, world.plan.span.end)
    paths = write(report, folder, list(LANGUAGES), zone)
    for path in paths:
        if path.parent == folder:
            tell("cli_report", path=path)
    parquet = any(path.suffix == ".parquet" for path in paths)
    tell("cli_tables" if parquet else "cli_tables_csv", path=folder / "tables")
    at = world.plan.span.end.isoformat().replace("+00:00", "Z")
    remark("cli_demo_store", path=database, at=at)
