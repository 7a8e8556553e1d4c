"""What to ask of each source, from where it stopped: many names in as few queries as it takes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from crawler.items import Ask
from db import catalog
from db.catalog import ProviderEntry, SourceEntry
from db.core.engine import Store
from db.core.errors import BadInput
from db.crawl import cursors

CONTROL_REACH = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a crawl is asked for.

    providers: all where none is named. addresses: other ones by source, or `statuspage:PROVIDER`.
    asks: what else to ask, as (source, what).
    """

    since: datetime | None
    until: datetime | None
    providers: Sequence[str]
    addresses: Mapping[str, str]
    asks: Sequence[tuple[str, str]] = ()

    def span(self, reach: timedelta) -> tuple[datetime, datetime]:
        """From when to when is wanted; so far back, where nobody said."""
        until = self.until or datetime.now(UTC).replace(microsecond=0)
        since = self.since or until - reach
        if since >= until:
            raise BadInput(f"--since {since.isoformat()} is not before {until.isoformat()}")
        return since, until


@dataclass(frozen=True, slots=True)
class Query:
    source: str
    text: str
    providers: tuple[str, ...] = ()
    url: str = ""


def asks(store: Store, entry: SourceEntry, wanted: Wanted) -> tuple[Ask, ...]:
    """Every query of a source, each from where it stopped."""
    since, until = wanted.span(timedelta(hours=entry.first_hours))
    found = []
    for query in queries(entry, wanted):
        with store.reading() as connection:
            # An explicit --since asks again from there, whatever has been read before.
            cursor = None if wanted.since else cursors.read(connection, query.source, query.text)
        found.append(
            Ask(query.source, query.text, query.providers, since, until, cursor, query.url)
        )
    return tuple(found)


def control(entry: SourceEntry, wanted: Wanted) -> Ask | None:
    """The query of a common word that must find something first, where a source has one."""
    _, until = wanted.span(CONTROL_REACH)
    if not entry.control:
        return None
    return Ask(entry.key, entry.control, (), until - CONTROL_REACH, until)


def queries(entry: SourceEntry, wanted: Wanted) -> Iterator[Query]:
    """What is to be asked of a source."""
    only = wanted.providers
    providers = [p for p in catalog.providers().values() if not only or p.key in only]
    if entry.queries == "all":
        yield Query(entry.key, "")
        # Beside its own address a source of this kind takes others of the same form.
        yield from (Query(f"{entry.key}:{url}", url, (), url) for url in _listed(entry, wanted))
    elif entry.queries == "list":
        yield from (Query(f"{entry.key}:{ask}", ask) for ask in _listed(entry, wanted))
    elif entry.queries == "search":
        yield from _packed(entry, providers)
    elif entry.queries == "name":
        # A count is of one provider, so names are never asked for together.
        yield from (Query(entry.key, _term(entry, p), (p.key,)) for p in providers)
    elif entry.queries == "article":
        yield from (Query(entry.key, a, (p.key,)) for p in providers for a in p.articles)
    elif entry.queries == "tag":
        yield from (Query(entry.key, p.tag, (p.key,)) for p in providers)
    else:
        yield from _pages(entry, providers, wanted.addresses)


def _listed(entry: SourceEntry, wanted: Wanted) -> list[str]:
    own = [ask for source, ask in wanted.asks if source == entry.key]
    return list(dict.fromkeys([*entry.asks, *own]))


def _packed(entry: SourceEntry, providers: Sequence[ProviderEntry]) -> Iterator[Query]:
    """As many names in one query as the source takes, one provider's never in two."""
    terms: list[str] = []
    keys: list[str] = []
    for provider in providers:
        term = _term(entry, provider)
        longer = entry.joiner.join([*terms, term])
        too_long = 0 < entry.most_chars < len(longer)
        if terms and (len(terms) >= entry.most_terms or too_long):
            yield Query(entry.key, entry.joiner.join(terms), tuple(keys))
            terms, keys = [], []
        terms.append(term)
        keys.append(provider.key)
    if terms:
        yield Query(entry.key, entry.joiner.join(terms), tuple(keys))


def _term(entry: SourceEntry, provider: ProviderEntry) -> str:
    return f'"{provider.search}"' if entry.quoted else provider.search


def _pages(
    entry: SourceEntry, providers: Sequence[ProviderEntry], addresses: Mapping[str, str]
) -> Iterator[Query]:
    """One status page a provider."""
    for provider in providers:
        own = provider.status.url if provider.status else ""
        page = addresses.get(f"{entry.key}:{provider.key}", own)
        if page:
            yield Query(entry.key, provider.key, (provider.key,), page)
