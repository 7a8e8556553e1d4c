"""`shrug doctor`"""

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from shrug.cli import options
from shrug.cli.speech import out, printable, say


def doctor(
    everything: Annotated[bool, typer.Option("--all", help=say("help_doctor_all"))] = False,
    as_json: options.AsJson = False,
    database: options.Database = "",
) -> None:
    """How each source is, and what to do about it."""
    from shrug.health import sources

    with options.store(database) as store:
        settings = options.settings()
        found = sources(store, settings.secrets, settings.addresses)
    ill = [s for s in found if s.state not in {"well", "off", "new"}]
    if as_json:
        out.print_json(json.dumps([asdict(s) for s in found], default=str), ensure_ascii=False)
    else:
        table = Table(box=None, pad_edge=False)
        for column in ("source", "tier", "state", "last", "posts", "what"):
            table.add_column(say(f"doctor_{column}"), overflow="fold")
        for s in found if everything else [s for s in found if s.state != "off"]:
            what = say(f"advice_{s.state}", why=s.why or "", needs=say.listed(s.needs))
            table.add_row(
                s.source, s.tier, say(f"state_{s.state}"), say.show(s.last), say.show(s.posts),
                printable(what),
            )  # fmt: skip
        out.print(table)
    if ill:
        raise typer.Exit(1)
