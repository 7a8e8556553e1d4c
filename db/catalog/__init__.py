"""Facts that people edit: providers and their names, sources, well-known outages."""

from db.catalog.loader import (
    SOURCES,
    ProviderEntry,
    SourceEntry,
    StatusEntry,
    context_words,
    failure_words,
    ledger,
    provider_key,
    providers,
    source_of,
    sources,
    zone,
)

__all__ = [
    "SOURCES",
    "ProviderEntry",
    "SourceEntry",
    "StatusEntry",
    "context_words",
    "failure_words",
    "ledger",
    "provider_key",
    "providers",
    "source_of",
    "sources",
    "zone",
]
