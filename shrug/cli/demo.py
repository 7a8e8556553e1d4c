"""`shrug demo`"""

from pathlib import Path
from typing import Annotated

from shrug.cli import options
from shrug.cli.console import print_note, progress
from shrug.cli.measure import measure_store
from shrug.cli.options import option
from shrug.cli.report import save_report
from shrug.cli.score import score_store


def demo(
    folder: Annotated[Path, option("--out", "help_out")] = Path("out/demo"),
    zone: options.Zone = "UTC",
) -> None:
    """Simulate a month of posts, crawl it, score it, and write its report."""
    from analysis.messages import LANGUAGES
    from shrug.demo import run

    options.read_zone(zone)
    print_note("simulated_banner")
    with progress("cli_simulating", 1) as bar:
        world = run.world()
        bar.advance()
    database = run.fresh_store(folder, world)
    print_note("cli_demo_crawl", posts=len(world.posts), looks=len(world.board_snapshots))
    run.crawl(database, world)
    with options.open_store(database) as store:
        score_store(store)
        report = measure_store(store, world.plan.span.start, world.plan.span.end)
    save_report(report, folder, list(LANGUAGES), zone)
    at = world.plan.span.end.isoformat().replace("+00:00", "Z")
    print_note("cli_demo_store", path=database, at=at)
