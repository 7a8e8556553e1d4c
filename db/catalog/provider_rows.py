"""Queries on providers and their names."""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, delete, select

from db.catalog import ProviderEntry
from db.core.models import Alias, Provider
from db.core.upsert import upsert


def sync(connection: Connection, entries: Iterable[ProviderEntry]) -> None:
    """Make the store's providers those of the catalogue; none is ever dropped. Names are those that
    posts were matched with: only a store that has none takes them over here."""
    entries = list(entries)
    rows = [
        {"key": e.key, "kind": e.kind, "name_en": e.name_en, "name_zh": e.name_zh} for e in entries
    ]
    upsert(connection, Provider, rows, ["key"], update=["kind", "name_en", "name_zh"])
    if not names(connection):
        take_names(connection, entries)


def take_names(connection: Connection, entries: Iterable[ProviderEntry]) -> None:
    """Take the catalogue's names for those that posts are matched with."""
    known = ids(connection)
    connection.execute(delete(Alias))
    aliases = [
        {"provider_id": known[e.key], "text": text, "weak": weak}
        for e in entries
        for text, weak in e.aliases
    ]
    upsert(connection, Alias, aliases, ["provider_id", "text"])


def names(connection: Connection) -> list[tuple[str, str, bool]]:
    """(provider key, name, whether it is weak) that posts were matched with."""
    query = select(Provider.key, Alias.text, Alias.weak)
    rows = connection.execute(query.join(Alias, Alias.provider_id == Provider.id))
    return [(key, text, weak) for key, text, weak in rows]


def ids(connection: Connection) -> Mapping[str, int]:
    """Provider key to its row's id."""
    return {key: id_ for id_, key in connection.execute(select(Provider.id, Provider.key))}
