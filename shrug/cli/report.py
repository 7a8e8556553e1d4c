"""`shrug report`"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from analysis.messages import LANGUAGES
from db.core.errors import BadInput
from shrug.cli import options
from shrug.cli.console import say, tell
from shrug.cli.measure import measured
from shrug.measure import weeks


def report(
    week: Annotated[str, typer.Option("--week", help=say("help_week"))] = "",
    start: options.From = "",
    end: options.To = "",
    lang: Annotated[str, typer.Option("--lang", help=say("help_lang"))] = "",
    folder: Annotated[Path, typer.Option("--out", help=say("help_out"))] = Path("out"),
    cluster: options.Cluster = "",
    by_week: Annotated[bool, typer.Option("--by-week", help=say("help_by_week"))] = False,
    zone: options.Zone = "UTC",
    database: options.Database = "",
) -> None:
    """Write the report of a week or of any span."""
    tz = options.zone_of(zone)
    if lang and lang not in LANGUAGES:
        raise BadInput(f"--lang: {' or '.join(LANGUAGES)}, not {lang[:20]!r}")
    if week and (start or end):
        raise BadInput("--week and --from/--to exclude each other")
    if bool(start) != bool(end):
        raise BadInput("--from and --to go together")
    if start:
        edges = options.instant(start, tz, "--from"), options.instant(end, tz, "--to")
        since, until = options.span(*edges)
    else:
        since, until = weeks.week_of(week, tz) if week else weeks.last_week(datetime.now(UTC), tz)
    from shrug.measure.measurement import of_week
    from shrug.report.files import write

    with options.store(database) as store:
        found = of_week(measured(store, since, until, cluster=cluster), tz)
    folder = folder / found.week if by_week and found.week else folder
    paths = write(found, folder, [lang] if lang else list(LANGUAGES), zone)
    for path in paths:
        if path.parent == folder:
            tell("cli_report", path=path)
    parquet = any(path.suffix == ".parquet" for path in paths)
    tell("cli_tables" if parquet else "cli_tables_csv", path=folder / "tables")
