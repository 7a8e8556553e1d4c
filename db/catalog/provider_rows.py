"""Queries on providers and their names."""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, delete, select

from db.catalog import ProviderEntry
from db.core.models import Alias, Provider
from db.core.upsert import upsert


def sync(connection: Connection, entries: Iterable[ProviderEntry]) -> None:
    """Store the catalogue's providers; none is ever deleted. Aliases are stored only if there are
    none: the stored ones are those that posts were matched with."""
    entries = list(entries)
    rows = [
        {"key": e.key, "kind": e.kind, "name_en": e.name_en, "name_zh": e.name_zh} for e in entries
    ]
    upsert(connection, Provider, rows, ["key"], update=["kind", "name_en", "name_zh"])
    if not read_aliases(connection):
        replace_aliases(connection, entries)


def replace_aliases(connection: Connection, entries: Iterable[ProviderEntry]) -> None:
    """Replace the stored aliases, with which posts are matched, by the catalogue's."""
    provider_ids = ids(connection)
    connection.execute(delete(Alias))
    aliases = [
        {"provider_id": provider_ids[e.key], "text": text, "weak": weak}
        for e in entries
        for text, weak in e.aliases
    ]
    upsert(connection, Alias, aliases, ["provider_id", "text"])


def read_aliases(connection: Connection) -> list[tuple[str, str, bool]]:
    """Return (provider key, alias, is weak) of the aliases that posts were matched with."""
    query = select(Provider.key, Alias.text, Alias.weak)
    rows = connection.execute(query.join(Alias, Alias.provider_id == Provider.id))
    return [(key, text, weak) for key, text, weak in rows]


def ids(connection: Connection) -> Mapping[str, int]:
    """Return the ids of providers by key."""
    return {key: id_ for id_, key in connection.execute(select(Provider.id, Provider.key))}
