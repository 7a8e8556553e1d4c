"""The queries of each source, from where the last crawl stopped."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial

from crawler.items import CrawlQuery
from db import catalog
from db.catalog import ProviderEntry, SourceEntry
from db.core.engine import Store
from db.core.errors import BadInput
from db.crawl import cursors

# A control query finds something in a span as long as this.
CONTROL_REACH = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class CrawlScope:
    """The time span, the providers and the extra queries of a crawl.

    providers: keys; all if empty. addresses: other ones by source, or `statuspage:PROVIDER`.
    asks: extra queries of sources that take a list, as (source, text).
    """

    since: datetime | None
    until: datetime | None
    providers: Sequence[str]
    addresses: Mapping[str, str]
    asks: Sequence[tuple[str, str]] = ()

    def span(self, reach: timedelta) -> tuple[datetime, datetime]:
        """Return (since, until), from `reach` before the end if no start is set."""
        until = self.until or datetime.now(UTC).replace(microsecond=0)
        since = self.since or until - reach
        if since >= until:
            raise BadInput(f"--since {since.isoformat()} is not before {until.isoformat()}")
        return since, until


def resumed_queries(store: Store, entry: SourceEntry, scope: CrawlScope) -> tuple[CrawlQuery, ...]:
    """Return every query of a source, each with its cursor."""
    queries = tuple(source_queries(entry, scope))
    if scope.since:
        # An explicit --since reads again from there.
        return queries
    with store.reading() as connection:
        return tuple(
            replace(query, cursor=cursors.read(connection, query.source, query.text))
            for query in queries
        )


def control_query(entry: SourceEntry, scope: CrawlScope) -> CrawlQuery | None:
    """Return the query of a common word, which must find something first; None if there is none."""
    _, until = scope.span(CONTROL_REACH)
    if not entry.control:
        return None
    return CrawlQuery(entry.key, entry.control, (), until - CONTROL_REACH, until)


def source_queries(entry: SourceEntry, scope: CrawlScope) -> Iterator[CrawlQuery]:
    """Yield the queries of a source, without cursors."""
    since, until = scope.span(timedelta(hours=entry.first_hours))
    query = partial(CrawlQuery, since=since, until=until)
    only = scope.providers
    providers = [p for p in catalog.providers().values() if not only or p.key in only]
    listed = dict.fromkeys(
        [*entry.asks, *(text for source, text in scope.asks if source == entry.key)]
    )
    if entry.queries == "all":
        yield query(entry.key, "", ())
        # Such a source also takes other addresses of the same form.
        yield from (query(f"{entry.key}:{url}", url, (), url=url) for url in listed)
    elif entry.queries == "list":
        yield from (query(f"{entry.key}:{text}", text, ()) for text in listed)
    elif entry.queries == "search":
        yield from (query(entry.key, *group) for group in _grouped_terms(entry, providers))
    elif entry.queries == "name":
        # A count is of one provider, so names are never combined.
        yield from (query(entry.key, _term(entry, p), (p.key,)) for p in providers)
    elif entry.queries == "article":
        yield from (query(entry.key, a, (p.key,)) for p in providers for a in p.articles)
    elif entry.queries == "tag":
        yield from (query(entry.key, p.tag, (p.key,)) for p in providers)
    else:
        for provider in providers:
            known = provider.status.url if provider.status else ""
            page = scope.addresses.get(f"{entry.key}:{provider.key}", known)
            if page:
                yield query(entry.key, provider.key, (provider.key,), url=page)


def _grouped_terms(
    entry: SourceEntry, providers: Sequence[ProviderEntry]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """(text, providers) of queries with as many names each as the source takes."""
    terms: list[str] = []
    keys: list[str] = []
    for provider in providers:
        term = _term(entry, provider)
        longer = entry.joiner.join([*terms, term])
        is_too_long = 0 < entry.most_chars < len(longer)
        if terms and (len(terms) >= entry.most_terms or is_too_long):
            yield entry.joiner.join(terms), tuple(keys)
            terms, keys = [], []
        terms.append(term)
        keys.append(provider.key)
    if terms:
        yield entry.joiner.join(terms), tuple(keys)


def _term(entry: SourceEntry, provider: ProviderEntry) -> str:
    return f'"{provider.search}"' if entry.quoted else provider.search
