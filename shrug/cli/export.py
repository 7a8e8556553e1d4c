"""`shrug export`"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from db import catalog
from db.core.errors import BadInput
from shrug.cli import options
from shrug.cli.console import progress, remark, say

WHAT = ("posts", "counts", "speech", "outages", "verdicts")


def export(
    what: Annotated[str, typer.Argument(help=say("help_export_what"))],
    provider: options.Provider = "",
    start: options.From = "",
    end: options.To = "",
    form: Annotated[str, typer.Option("--format", help=say("help_export_format"))] = "jsonl",
    path: Annotated[Path, typer.Option("--out", help=say("help_export_out"))] = Path("-"),
    zone: options.Zone = "UTC",
    database: options.Database = "",
) -> None:
    """Write a stretch of the store to a file."""
    from shrug.report.export import FORMS, KINDS, Stretch, batches, write

    if what not in WHAT:
        raise BadInput(f"{what[:40]!r} is none of {', '.join(WHAT)}")
    if form not in FORMS:
        raise BadInput(f"--format: one of {', '.join(FORMS)}, not {form[:40]!r}")
    tz = options.zone_of(zone)
    stretch = Stretch(
        catalog.provider_key(provider) if provider else None,
        options.instant(start, tz, "--from") if start else None,
        options.instant(end, tz, "--to") if end else None,
    )
    with options.store(database) as store, progress() as shown:
        if what == "verdicts":
            from analysis.report.tables import tables
            from shrug.cli.measure import measured
            from shrug.measure.measurement import first_outage

            until = stretch.end or datetime.now(UTC)
            since = stretch.start or first_outage(store, until)
            report = measured(store, *options.span(since, until), provider=stretch.provider)
            parts = iter([tables(report)["outages"]])
        else:
            parts = batches(store, what, stretch)
        task = shown.add_task(say("cli_exporting"), total=None)
        number = write(parts, KINDS[what], form, path, lambda n: shown.advance(task, n))
    remark("cli_exported", n=number, what=what)
