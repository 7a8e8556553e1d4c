"""`shrug outages …`: the ledger of outages."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from analysis.messages import Messages
from db.core.errors import BadInput
from shrug.cli import options
from shrug.cli.commands import Commands
from shrug.cli.console import messages, print_json, print_message, print_table, progress, titles
from shrug.cli.imports import print_import_result
from shrug.cli.options import argument, option

if TYPE_CHECKING:
    from db.crawl.outages import KnownOutage

app = Commands(no_args_is_help=True)


@app.command(help=messages("help_outages_sync"))
def sync(database: options.Database = "") -> None:
    """Put the bundled ledger into the store."""
    from shrug.store.bootstrap import sync_ledger

    with options.open_real_store(database) as store:
        print_message("cli_synced", n=sync_ledger(store))


@app.command("import", help=messages("help_outages_import"))
def import_(file: Annotated[Path, argument("help_file")], database: options.Database = "") -> None:
    """Import outages from YAML, CSV or JSON."""
    from shrug.imports.outages import import_outages

    with options.open_real_store(database) as store:
        print_import_result(import_outages(store, file))


@app.command(help=messages("help_outages_add"))
def add(
    provider: Annotated[str, argument("help_provider")],
    start: Annotated[str, argument("help_start")],
    end: Annotated[str, argument("help_end")] = "",
    kind: Annotated[str, option("--kind", "help_kind")] = "outage",
    title: Annotated[str, option("--title", "help_title")] = "",
    url: Annotated[str, option("--url", "help_url")] = "",
    zone: options.Zone = "UTC",
    database: options.Database = "",
) -> None:
    """Add an outage by hand."""
    from shrug.imports.outages import add_outage

    tz = options.read_zone(zone)
    row = {
        "provider": provider,
        "start": options.read_instant(start, tz, "START").isoformat(),
        "end": options.read_instant(end, tz, "END").isoformat() if end else None,
        "kind": kind,
        "title": title,
        "url": url,
    }
    with options.open_real_store(database) as store:
        outage = add_outage(store, row)
    print_message("cli_added", provider=outage.provider, start=outage.start, end=outage.end)


@app.command("list", help=messages("help_outages_list"))
def list_(
    provider: options.ProviderOption = "",
    start: options.From = "",
    end: options.To = "",
    as_json: options.AsJson = False,
    zone: options.Zone = "UTC",
    database: options.Database = "",
) -> None:
    """List the outages of the ledger."""
    from db.crawl import outages

    tz = options.read_zone(zone)
    with options.open_store(database) as store, store.reading() as connection:
        known = outages.read(
            connection,
            provider=options.provider_key(provider),
            start=options.read_optional_instant(start, tz, "--from"),
            end=options.read_optional_instant(end, tz, "--to"),
        )
    if as_json:
        print_json([asdict(o) for o in known])
        return
    columns = titles("id", "provider", "first", "last", "kind", "origin", "title")
    rows = [_row(o, Messages(messages.lang, zone)) for o in known]
    print_table(columns, rows, no_wrap=list(columns)[:5])


def _row(o: "KnownOutage", messages: Messages) -> tuple[str, ...]:
    kind = messages(f"kind_{o.kind}")
    if o.is_brief:
        kind = messages("brief", kind=kind)
    if not o.confirmed:
        kind = messages("unconfirmed", kind=kind)
    end = messages.show(o.end) if o.end else messages("ongoing")
    origin = messages(f"origin_{o.origin}")
    return str(o.id), o.provider, messages.show(o.start), end, kind, origin, o.title


@app.command(help=messages("help_outages_suggest"))
def suggest(database: options.Database = "") -> None:
    """Suggest outages that the ledger may lack, from bursts in posts."""
    from db import catalog
    from shrug.measure import suggestions

    with (
        options.open_real_store(database) as store,
        progress("cli_suggesting", len(catalog.providers())) as bar,
    ):
        number = suggestions.refresh(store, bar.advance)
    print_message("cli_suggested", n=number)


@app.command(help=messages("help_outages_confirm"))
def confirm(
    id_: Annotated[int, argument("help_id", metavar="ID")], database: options.Database = ""
) -> None:
    """Confirm an outage that was only suggested."""
    from db.crawl import outages

    with options.open_store(database) as store, store.writing() as connection:
        if not outages.confirm(connection, id_):
            raise BadInput(f"no outage has the id {id_}; see shrug outages list")
    print_message("cli_confirmed", id=id_)
