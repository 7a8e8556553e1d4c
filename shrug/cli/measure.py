"""`shrug measure`"""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from analysis.messages import Messages
from db import catalog
from shrug.cli import options
from shrug.cli.console import out, printable, progress, remark, say, tell, tell_table

if TYPE_CHECKING:
    from analysis.report.data import Report
    from db.core.engine import Store


def measure(
    provider: options.Provider = "",
    start: options.From = "",
    end: options.To = "",
    as_json: options.AsJson = False,
    file: Annotated[Path | None, typer.Option("--out", help=say("help_measure_out"))] = None,
    cluster: options.Cluster = "",
    zone: options.Zone = "UTC",
    database: options.Database = "",
) -> None:
    """Attention and verdict of each outage."""
    tz = options.zone_of(zone)
    from shrug.measure import measurement

    key = catalog.provider_key(provider) if provider else None
    with options.store(database) as store:
        until = options.instant(end, tz, "--to") if end else datetime.now(UTC)
        since = (
            options.instant(start, tz, "--from")
            if start
            else measurement.first_outage(store, until)
        )
        found = measured(store, *options.span(since, until), provider=key, cluster=cluster)
    if as_json or file:
        _put(found, file)
    else:
        _show(found, Messages(say.lang, zone))


def _put(report: "Report", file: Path | None) -> None:
    """All figures as JSON: into a file, or on stdout."""
    from analysis.report.serialization import to_json
    from db.core.files import write_atomic

    if file:
        with write_atomic(file, label=f"--out: {file}") as part:
            part.write_bytes(to_json(report).encode())
        tell("cli_measured", path=file, n=len(report.outages))
    else:
        sys.stdout.write(to_json(report))


def measured(
    store: "Store",
    start: datetime,
    end: datetime,
    provider: str | None = None,
    cluster: str = "",
) -> "Report":
    """Measure with a progress bar."""
    from shrug.label import sentiment
    from shrug.label.executors import open_executor
    from shrug.measure import measurement

    with open_executor(cluster) as executor, progress() as shown:
        task = shown.add_task(say("cli_measuring"), total=None)

        def told(done: int, total: int) -> None:
            shown.update(task, completed=done, total=total)

        used = sentiment.in_use(store, options.settings().models_folder)
        return measurement.measure(
            store, start, end, provider=provider, scorers=used, told=told, executor=executor
        )


def _show(report: "Report", messages: Messages) -> None:
    from analysis.report.sentences import Sentences

    if report.simulated:
        remark("simulated_banner")
    sentences = Sentences(report, messages)
    for line in sentences.headline():
        out.print(printable(line))
    names = ("provider", "when", "verdict", "ratio", "posts", "board")
    rows = [
        (
            messages.name(o),
            sentences.span(o),
            sentences.verdict(o.verdict),
            messages.interval(o.ratio),
            sentences.posts(o.combined),
            sentences.board_cell(o),
        )
        for o in sorted(report.judged, key=lambda o: o.start)
    ]
    tell_table({name: messages(f"column_{name}") for name in names}, rows)
