"""`shrug crawl`"""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from db import catalog
from db.core.errors import BadInput
from db.core.extras import require_extra
from shrug.cli import options
from shrug.cli.console import progress, remark, say, tell

if TYPE_CHECKING:
    from crawler.frontier import Frontier
    from crawler.items import Trouble
    from shrug.settings import Settings

MOST_SHOWN = 20


def crawl(
    sources: Annotated[
        list[str] | None, typer.Argument(help=say("help_sources"), show_default=False)
    ] = None,
    since: Annotated[str, typer.Option("--since", help=say("help_since"))] = "",
    until: Annotated[str, typer.Option("--until", help=say("help_until"))] = "",
    provider: Annotated[
        list[str] | None, typer.Option("--provider", help=say("help_only_provider"))
    ] = None,
    address: Annotated[
        list[str] | None, typer.Option("--address", help=say("help_address"))
    ] = None,
    ask: Annotated[list[str] | None, typer.Option("--ask", help=say("help_ask"))] = None,
    polls: Annotated[int, typer.Option("--polls", min=1, help=say("help_polls"))] = 1,
    due: Annotated[bool, typer.Option("--due", help=say("help_due"))] = False,
    delay: Annotated[float | None, typer.Option("--delay", min=0, help=say("help_delay"))] = None,
    server_clock: Annotated[bool, typer.Option("--server-clock", hidden=True)] = False,
    database: options.Database = "",
    zone: options.Zone = "UTC",
) -> None:
    """Ask sources for what is new, from where the last crawl stopped."""
    from shrug.crawl.ingest import Ingest
    from shrug.crawl.runner import Crawl, run

    settings, tz = options.settings(), options.zone_of(zone)
    given = [_address(text) for text in address or []]
    own = [_address(f"{name}={url}") for name, url in settings.addresses.items()]
    addresses = tuple({**dict(own), **dict(given)}.items())
    asked = Crawl(
        sources=sources or settings.sources or _ready(settings.secrets, dict(addresses)),
        since=options.instant(since, tz, "--since") if since else None,
        until=options.instant(until, tz, "--until") if until else None,
        providers=[catalog.provider_key(name) for name in provider or settings.providers],
        addresses=addresses,
        polls=polls,
        server_clock=server_clock,
        simulated=bool(given),
        due=due,
        cache_folder=settings.cache_folder,
        contact=settings.contact,
        delay=delay,
        secrets=settings.secrets,
        asks=tuple(_ask(text) for text in ask or []),
        frontier=_frontier(settings),
    )
    keep = timedelta(days=settings.keep_answers)
    with options.store(database) as store, progress() as shown:
        task = shown.add_task(say("cli_crawling"), total=None)
        ingest = Ingest(
            store, settings.key_file, lambda: shown.advance(task), keep, bool(asked.frontier)
        )
        run(store, ingest, asked)
    tell(
        "cli_crawled",
        new=ingest.new_posts,
        seen=ingest.seen_posts,
        snapshots=ingest.snapshots,
        outages=ingest.outages,
    )
    name_troubles(ingest.troubles)
    for what in ingest.refused[:MOST_SHOWN]:
        remark("cli_refused", what=what)
    more = max(0, len(ingest.troubles) - MOST_SHOWN) + max(0, len(ingest.refused) - MOST_SHOWN)
    if more:
        remark("cli_more", n=more)
    if ingest.troubles or ingest.refused:
        raise typer.Exit(1)


def name_troubles(troubles: Sequence["Trouble"]) -> None:
    """Name what could not be had, and why; of many the first."""
    for t in troubles[:MOST_SHOWN]:
        remark("cli_not_had", source=t.source, query=t.query, kind=t.kind, why=t.why, at=t.address)


def _ready(secrets: Mapping[str, str], addresses: Collection[str]) -> list[str]:
    """All sources but those that need a key, or an address of one's own, that is not given."""
    return sorted(
        s.key
        for s in catalog.sources().values()
        if not s.lacking(secrets) and (s.url or s.queries == "page" or s.key in addresses)
    )


def _frontier(settings: "Settings") -> "Frontier | None":
    """Where crawlers share what is to be asked, as configured."""
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
