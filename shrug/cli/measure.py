"""`shrug measure`"""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from analysis.messages import Messages
from shrug.cli import options
from shrug.cli.console import (
    messages,
    print_line,
    print_message,
    print_note,
    print_table,
    progress,
    titles,
)
from shrug.cli.options import option

if TYPE_CHECKING:
    from analysis.report.data import Report
    from db.core.engine import Store


def measure(
    provider: options.ProviderOption = "",
    start: options.From = "",
    end: options.To = "",
    as_json: options.AsJson = False,
    file: Annotated[Path | None, option("--out", "help_measure_out")] = None,
    cluster: options.Cluster = "",
    zone: options.Zone = "UTC",
    database: options.Database = "",
) -> None:
    """Measure the attention that each outage drew, and judge it."""
    tz = options.read_zone(zone)
    since = options.read_optional_instant(start, tz, "--from")
    until = options.read_optional_instant(end, tz, "--to")
    key = options.provider_key(provider)
    with options.open_store(database) as store:
        report = measure_store(store, since, until, provider=key, cluster=cluster)
    if as_json or file:
        _write_json(report, file)
    else:
        _print_report(report, Messages(messages.lang, zone))


def _write_json(report: "Report", file: Path | None) -> None:
    from analysis.report.serialization import to_json
    from db.core.files import write_atomic

    if file:
        with write_atomic(file, label=f"--out: {file}") as part:
            part.write_bytes(to_json(report).encode())
        print_message("cli_measured", path=file, n=len(report.outages))
    else:
        sys.stdout.write(to_json(report))


def measure_store(
    store: "Store",
    start: datetime | None = None,
    end: datetime | None = None,
    provider: str | None = None,
    cluster: str = "",
) -> "Report":
    """Measure with a progress bar, by default from the first known outage until now.

    Raises BadInput if `start` is not before `end`.
    """
    from shrug.label import sentiment
    from shrug.label.executors import open_executor
    from shrug.measure import measurement

    until = end or datetime.now(UTC)
    since = start or measurement.first_outage(store, until)
    options.checked_span(since, until)
    with open_executor(cluster) as executor, progress("cli_measuring") as bar:
        used = sentiment.scorers_in_use(store, options.settings().models_folder)
        return measurement.measure(
            store,
            since,
            until,
            provider=provider,
            scorers=used,
            on_progress=bar.show,
            executor=executor,
        )


def _print_report(report: "Report", messages: Messages) -> None:
    from analysis.report.sentences import Sentences

    if report.simulated:
        print_note("simulated_banner")
    sentences = Sentences(report, messages)
    for line in sentences.headline():
        print_line(line)
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
    print_table(titles("provider", "when", "verdict", "ratio", "posts", "board"), rows)
