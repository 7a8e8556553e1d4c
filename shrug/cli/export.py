"""`shrug export`"""

from pathlib import Path
from typing import Annotated

from db.core.errors import BadInput
from shrug.cli import options
from shrug.cli.console import print_note, progress
from shrug.cli.options import argument, option

WHAT = ("posts", "counts", "speech", "outages", "verdicts")


def export(
    what: Annotated[str, argument("help_export_what")],
    provider: options.ProviderOption = "",
    start: options.From = "",
    end: options.To = "",
    form: Annotated[str, option("--format", "help_export_format")] = "jsonl",
    path: Annotated[Path, option("--out", "help_export_out")] = Path("-"),
    zone: options.Zone = "UTC",
    database: options.Database = "",
) -> None:
    """Write posts, counts, outages or verdicts to a file."""
    from shrug.report.export import (
        FORMATS,
        TABLE_COLUMNS,
        ExportFilter,
        read_batches,
        write_batches,
    )

    if what not in WHAT:
        raise BadInput(f"{what[:40]!r} is none of {', '.join(WHAT)}")
    if form not in FORMATS:
        raise BadInput(f"--format: one of {', '.join(FORMATS)}, not {form[:40]!r}")
    tz = options.read_zone(zone)
    stretch = ExportFilter(
        options.provider_key(provider),
        options.read_optional_instant(start, tz, "--from"),
        options.read_optional_instant(end, tz, "--to"),
    )
    with options.open_store(database) as store:
        if what == "verdicts":
            from analysis.report.tables import report_tables
            from shrug.cli.measure import measure_store

            report = measure_store(store, stretch.start, stretch.end, stretch.provider)
            parts = iter([report_tables(report)["outages"]])
        else:
            parts = read_batches(store, what, stretch)
        with progress("cli_exporting") as bar:
            number = write_batches(parts, TABLE_COLUMNS[what], form, path, bar.advance)
    print_note("cli_exported", n=number, what=what)
