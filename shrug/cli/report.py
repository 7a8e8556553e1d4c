"""`shrug report`"""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from analysis.messages import LANGUAGES
from db.core.errors import BadInput
from shrug.cli import options
from shrug.cli.console import print_message
from shrug.cli.measure import measure_store
from shrug.cli.options import option
from shrug.measure import weeks

if TYPE_CHECKING:
    from analysis.report.data import Report


def report(
    week: Annotated[str, option("--week", "help_week")] = "",
    start: options.From = "",
    end: options.To = "",
    lang: Annotated[str, option("--lang", "help_lang")] = "",
    folder: Annotated[Path, option("--out", "help_out")] = Path("out"),
    cluster: options.Cluster = "",
    by_week: Annotated[bool, option("--by-week", "help_by_week")] = False,
    zone: options.Zone = "UTC",
    database: options.Database = "",
) -> None:
    """Write the report of a week or of any other span."""
    tz = options.read_zone(zone)
    if lang and lang not in LANGUAGES:
        raise BadInput(f"--lang: {' or '.join(LANGUAGES)}, not {lang[:20]!r}")
    if week and (start or end):
        raise BadInput("--week and --from/--to exclude each other")
    if bool(start) != bool(end):
        raise BadInput("--from and --to go together")
    if start:
        edges = options.read_instant(start, tz, "--from"), options.read_instant(end, tz, "--to")
        since, until = options.checked_span(*edges)
    else:
        since, until = (
            weeks.parse_iso_week(week, tz) if week else weeks.last_week(datetime.now(UTC), tz)
        )
    from shrug.measure.measurement import with_iso_week

    with options.open_store(database) as store:
        measured = with_iso_week(measure_store(store, since, until, cluster=cluster), tz)
    folder = folder / measured.week if by_week and measured.week else folder
    save_report(measured, folder, [lang] if lang else list(LANGUAGES), zone)


def save_report(report: "Report", folder: Path, langs: list[str], zone: str) -> None:
    """Write a report's files, and print where they are."""
    from shrug.report.files import write_report

    paths = write_report(report, folder, langs, zone)
    for path in paths:
        if path.parent == folder:
            print_message("cli_report", path=path)
    parquet = any(path.suffix == ".parquet" for path in paths)
    print_message("cli_tables" if parquet else "cli_tables_csv", path=folder / "tables")
