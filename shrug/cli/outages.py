"""`shrug outages …`: the ledger."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from analysis.messages import Messages
from db.core.errors import BadInput
from shrug.cli import options
from shrug.cli.commands import Commands
from shrug.cli.console import progress, say, tell, tell_json, tell_table
from shrug.cli.imports import finish

if TYPE_CHECKING:
    from db.crawl.outages import KnownOutage

app = Commands(no_args_is_help=True)


@app.command(help=say("help_outages_sync"))
def sync(database: options.Database = "") -> None:
    """Put the bundled ledger into the store."""
    from shrug.store.bootstrap import sync_ledger

    with options.real_store(database) as store:
        tell("cli_synced", n=sync_ledger(store))


@app.command("import", help=say("help_outages_import"))
def import_(
    file: Annotated[Path, typer.Argument(help=say("help_file"))], database: options.Database = ""
) -> None:
    """Outages from YAML, CSV or JSON."""
    from shrug.imports.outages import import_outages

    with options.real_store(database) as store:
        finish(import_outages(store, file))


@app.command(help=say("help_outages_add"))
def add(
    provider: Annotated[str, typer.Argument(help=say("help_provider"))],
    start: Annotated[str, typer.Argument(help=say("help_start"))],
    end: Annotated[str, typer.Argument(help=say("help_end"))] = "",
    kind: Annotated[str, typer.Option("--kind", help=say("help_kind"))] = "outage",
    title: Annotated[str, typer.Option("--title", help=say("help_title"))] = "",
    url: Annotated[str, typer.Option("--url", help=say("help_url"))] = "",
    zone: options.Zone = "UTC",
    database: options.Database = "",
) -> None:
    """Enter one by hand."""
    from shrug.imports.outages import add_outage

    tz = options.zone_of(zone)
    row = {
        "provider": provider,
        "start": options.instant(start, tz, "START").isoformat(),
        "end": options.instant(end, tz, "END").isoformat() if end else None,
        "kind": kind,
        "title": title,
        "url": url,
    }
    with options.real_store(database) as store:
        outage = add_outage(store, row)
    tell("cli_added", provider=outage.provider, start=outage.start, end=outage.end)


@app.command("list", help=say("help_outages_list"))
def list_(
    provider: options.Provider = "",
    start: options.From = "",
    end: options.To = "",
    as_json: options.AsJson = False,
    zone: options.Zone = "UTC",
    database: options.Database = "",
) -> None:
    """What the ledger holds."""
    from db import catalog
    from db.crawl import outages

    tz = options.zone_of(zone)
    with options.store(database) as store, store.reading() as connection:
        known = outages.read(
            connection,
            provider=catalog.provider_key(provider) if provider else None,
            start=options.instant(start, tz, "--from") if start else None,
            end=options.instant(end, tz, "--to") if end else None,
        )
    if as_json:
        tell_json([asdict(o) for o in known])
        return
    names = ("id", "provider", "first", "last", "kind", "origin", "title")
    columns = {name: say(f"column_{name}") for name in names}
    rows = [_row(o, Messages(say.lang, zone)) for o in known]
    tell_table(columns, rows, whole=names[:5])


def _row(o: "KnownOutage", messages: Messages) -> tuple[str, ...]:
    kind = say(f"kind_{o.kind}")
    if o.brief:
        kind = say("brief", kind=kind)
    if not o.confirmed:
        kind = say("unconfirmed", kind=kind)
    end = messages.show(o.end) if o.end else say("ongoing")
    origin = say(f"origin_{o.origin}")
    return str(o.id), o.provider, messages.show(o.start), end, kind, origin, o.title


@app.command(help=say("help_outages_suggest"))
def suggest(database: options.Database = "") -> None:
    """Outages that the ledger may lack, by bursts in posts."""
    from db import catalog
    from shrug.measure import suggestions

    with options.real_store(database) as store, progress() as shown:
        task = shown.add_task(say("cli_suggesting"), total=len(catalog.providers()))
        number = suggestions.refresh(store, lambda: shown.advance(task))
    tell("cli_suggested", n=number)


@app.command(help=say("help_outages_confirm"))
def confirm(
    id_: Annotated[int, typer.Argument(metavar="ID", help=say("help_id"))],
    database: options.Database = "",
) -> None:
    """Vouch for an outage that was only suggested."""
    from db.crawl import outages

    with options.store(database) as store, store.writing() as connection:
        if not outages.confirm(connection, id_):
            raise BadInput(f"no outage has the id {id_}; see shrug outages list")
    tell("cli_confirmed", id=id_)
