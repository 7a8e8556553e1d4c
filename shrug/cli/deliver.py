"""`shrug deliver`"""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from db.core.errors import BadInput
from shrug.cli import options
from shrug.cli.console import remark, say, tell_table
from shrug.cli.measure import measured

if TYPE_CHECKING:
    from shrug.delivery.subscribers import Subscriber

NAMES = ("subscriber", "state", "first", "last", "attempts", "why")


def deliver(
    names: Annotated[
        list[str] | None, typer.Argument(help=say("help_deliver_names"), show_default=False)
    ] = None,
    file: Annotated[Path | None, typer.Option("--file", help=say("help_subscribers"))] = None,
    again: Annotated[bool, typer.Option("--again", help=say("help_deliver_again"))] = False,
    dry: Annotated[bool, typer.Option("--dry-run", help=say("help_deliver_dry"))] = False,
    database: options.Database = "",
) -> None:
    """Send reports to those who asked for them."""
    from shrug.delivery.dispatch import deliver as send
    from shrug.delivery.subscribers import read

    wanted = _named(read(file or options.settings().subscribers), names or [])
    with options.store(database) as store:
        found = send(
            store,
            wanted,
            lambda start, end: measured(store, start, end),
            datetime.now(UTC),
            again=again,
            dry=dry,
        )
    rows = [
        (
            d.subscriber,
            say(f"delivery_{d.state}"),
            say.show(d.start),
            say.show(d.end),
            say.show(d.attempts),
            d.why or "",
        )
        for d in found
    ]
    tell_table({name: say(f"column_{name}") for name in NAMES}, rows)
    if any(d.state == "unsure" for d in found):
        remark("cli_unsure")
    if any(d.state in {"failed", "waiting"} for d in found):
        raise typer.Exit(1)


def _named(known: "list[Subscriber]", names: list[str]) -> "list[Subscriber]":
    missing = set(names) - {s.name for s in known}
    if missing:
        raise BadInput(f"no subscriber is called {min(missing)[:40]!r}")
    return [s for s in known if not names or s.name in names]
