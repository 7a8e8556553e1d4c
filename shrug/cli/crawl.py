"""`shrug crawl`"""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from db import catalog
from db.core.errors import BadInput
from db.core.extras import require_extra
from shrug.cli import options
from shrug.cli.console import print_message, print_note, progress
from shrug.cli.options import argument, option

if TYPE_CHECKING:
    from crawler.frontier import Frontier
    from crawler.items import Trouble
    from shrug.settings import Settings

MAX_SHOWN = 20


def crawl(
    sources: Annotated[list[str] | None, argument("help_sources", show_default=False)] = None,
    since: Annotated[str, option("--since", "help_since")] = "",
    until: Annotated[str, option("--until", "help_until")] = "",
    provider: Annotated[list[str] | None, option("--provider", "help_only_provider")] = None,
    address: Annotated[list[str] | None, option("--address", "help_address")] = None,
    ask: Annotated[list[str] | None, option("--ask", "help_ask")] = None,
    polls: Annotated[int, option("--polls", "help_polls", min=1)] = 1,
    due: Annotated[bool, option("--due", "help_due")] = False,
    delay: Annotated[float | None, option("--delay", "help_delay", min=0)] = None,
    server_clock: Annotated[bool, typer.Option("--server-clock", hidden=True)] = False,
    database: options.Database = "",
    zone: options.Zone = "UTC",
) -> None:
    """Crawl sources for what is new since the last crawl."""
    from shrug.crawl.ingest import Ingest
    from shrug.crawl.runner import Crawl, run

    settings, tz = options.settings(), options.read_zone(zone)
    configured = dict(_address(f"{name}={url}") for name, url in settings.addresses.items())
    addresses = configured | dict(_address(text) for text in address or [])
    request = Crawl(
        sources=sources or settings.sources or _ready_sources(settings.secrets, addresses),
        since=options.read_optional_instant(since, tz, "--since"),
        until=options.read_optional_instant(until, tz, "--until"),
        providers=[catalog.provider_key(name) for name in provider or settings.providers],
        addresses=tuple(addresses.items()),
        polls=polls,
        server_clock=server_clock,
        simulated=bool(address),
        due=due,
        cache_folder=settings.cache_folder,
        contact=settings.contact,
        delay=delay,
        secrets=settings.secrets,
        asks=tuple(_ask(text) for text in ask or []),
        frontier=_frontier(settings),
    )
    retention = timedelta(days=settings.keep_answers)
    with options.open_store(database) as store, progress("cli_crawling") as bar:
        ingest = Ingest(store, settings.key_file, bar.advance, retention, bool(request.frontier))
        run(store, ingest, request)
    print_message(
        "cli_crawled",
        new=ingest.new_posts,
        seen=ingest.seen_posts,
        snapshots=ingest.snapshots,
        outages=ingest.outages,
    )
    print_troubles(ingest.troubles)
    for what in ingest.refused[:MAX_SHOWN]:
        print_note("cli_refused", what=what)
    more = max(0, len(ingest.troubles) - MAX_SHOWN) + max(0, len(ingest.refused) - MAX_SHOWN)
    if more:
        print_note("cli_more", n=more)
    if ingest.troubles or ingest.refused:
        raise typer.Exit(1)


def print_troubles(troubles: Sequence["Trouble"]) -> None:
    """Print what could not be read, and why: at most MAX_SHOWN."""
    for t in troubles[:MAX_SHOWN]:
        print_note(
            "cli_not_had", source=t.source, query=t.query, kind=t.kind, why=t.why, at=t.address
        )


def _ready_sources(secrets: Mapping[str, str], addresses: Collection[str]) -> list[str]:
    """Return all sources but those that lack a key or an address."""
    return sorted(
        s.key
        for s in catalog.sources().values()
        if not s.missing_settings(secrets) and (s.url or s.queries == "page" or s.key in addresses)
    )


def _frontier(settings: "Settings") -> "Frontier | None":
    """Open the queue that crawlers share, if one is configured."""
    url = settings.frontier.get_secret_value()
    if not url:
        return None
    with require_extra("redis", "a shared frontier"):
        from crawler.frontier import Frontier

    return Frontier(url, settings.frontier_name, settings.frontier_lease)


def _ask(text: str) -> tuple[str, str]:
    name, _, query = text.partition("=")
    entry = catalog.sources().get(name)
    if entry is None or entry.queries not in {"list", "all"} or not query:
        raise BadInput(f"--ask: write SOURCE=WHAT, of a source that takes it; not {text[:60]!r}")
    return name, query


def _address(text: str) -> tuple[str, str]:
    name, _, url = text.partition("=")
    if not url.startswith(("http://", "https://")):
        raise BadInput(f"--address: write SOURCE=URL, not {text[:60]!r}")
    if name.partition(":")[0] not in catalog.sources():
        raise BadInput(f"--address: no source {name[:60]!r}")
    return name, url
