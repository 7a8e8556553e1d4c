"""The catalogue that people edit: providers and their names, sources, well-known outages."""

from db.catalog.loader import (
    SOURCE_ENTRY_POINTS,
    ProviderEntry,
    SourceEntry,
    StatusEntry,
    context_words,
    failure_words,
    ledger,
    provider_key,
    providers,
    source_of,
    source_zone,
    sources,
)

__all__ = [
    "SOURCE_ENTRY_POINTS",
    "ProviderEntry",
    "SourceEntry",
    "StatusEntry",
    "context_words",
    "failure_words",
    "ledger",
    "provider_key",
    "providers",
    "source_of",
    "source_zone",
    "sources",
]
