"""`shrug deliver`"""

from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from db.core.errors import BadInput
from shrug.cli import options
from shrug.cli.console import messages, print_note, print_table, titles
from shrug.cli.measure import measure_store
from shrug.cli.options import argument, option

if TYPE_CHECKING:
    from shrug.delivery.subscribers import Subscriber


def deliver(
    names: Annotated[list[str] | None, argument("help_deliver_names", show_default=False)] = None,
    file: Annotated[Path | None, option("--file", "help_subscribers")] = None,
    again: Annotated[bool, option("--again", "help_deliver_again")] = False,
    dry: Annotated[bool, option("--dry-run", "help_deliver_dry")] = False,
    database: options.Database = "",
) -> None:
    """Send reports to their subscribers."""
    from shrug.delivery.dispatch import deliver as send
    from shrug.delivery.subscribers import read_subscribers

    wanted = _named(read_subscribers(file or options.settings().subscribers), names or [])
    with options.open_store(database) as store:
        deliveries = send(
            store,
            wanted,
            partial(measure_store, store),
            datetime.now(UTC),
            retry=again,
            dry_run=dry,
        )
    rows = [
        (
            d.subscriber,
            messages(f"delivery_{d.state}"),
            messages.show(d.start),
            messages.show(d.end),
            messages.show(d.attempts),
            d.why or "",
        )
        for d in deliveries
    ]
    print_table(titles("subscriber", "state", "first", "last", "attempts", "why"), rows)
    if any(d.state == "unsure" for d in deliveries):
        print_note("cli_unsure")
    if any(d.state in {"failed", "waiting"} for d in deliveries):
        raise typer.Exit(1)


def _named(known: "list[Subscriber]", names: list[str]) -> "list[Subscriber]":
    missing = set(names) - {s.name for s in known}
    if missing:
        raise BadInput(f"no subscriber is called {min(missing)[:40]!r}")
    return [s for s in known if not names or s.name in names]
