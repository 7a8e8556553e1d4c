"""The catalogue that people edit: providers and their names, sources, well-known outages."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from db.core import resources
from db.core.errors import BadInput
from db.core.records import NewOutage
from db.core.times import read_time

FOLDER = Path(__file__).parent
SOURCE_ENTRY_POINTS = "shrug.sources"


@dataclass(frozen=True, slots=True)
class StatusEntry:
    """A provider's status page.

    platform: the software that serves it (see crawler/status). page: the platform's name of it.
    path: where to look on it, if not at the platform's usual place. components: ids of the
    components that are this provider's product (empty: all). former: former addresses.
    """

    url: str
    platform: str = "statuspage"
    page: str = ""
    path: str = ""
    components: tuple[str, ...] = ()
    former: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProviderEntry:
    """A provider of the catalogue; `aliases` are (text, weak) pairs, `articles` its
    Wikipedia articles as edition/title."""

    key: str
    kind: str
    name_en: str
    name_zh: str
    aliases: tuple[tuple[str, bool], ...]
    context: tuple[str, ...]
    alternatives: tuple[str, ...]
    search: str
    tag: str
    status: StatusEntry | None
    articles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceEntry:
    """A source of the catalogue: its address, its queries, and what normal looks like.

    tier: A on by default; B on, but fragile; C off until the user gives the settings in `needs`.
    asks: the queries, if `queries` is list; each is a source of its own. control: a common word
    that always has results. joiner, quoted, most_terms, most_chars: how several names are joined
    in one query, if they can be. delay: minimum seconds between requests. every: minutes between
    visits in quiet times. quota: allowed requests per hour (0: unknown). filled: fields of a post
    that may not be empty in most of a page. checked: when its format was last looked up.
    first_hours: how far back the first visit goes.
    """

    key: str
    spider: str
    url: str
    queries: str
    gives: str
    posts_a_day: tuple[int, int]
    form: str
    tier: str = "A"
    zone: str = "UTC"
    needs: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    control: str = ""
    joiner: str = ""
    quoted: bool = False
    most_terms: int = 1
    most_chars: int = 0
    delay: float = 1.0
    every: int = 60
    quota: int = 0
    filled: tuple[str, ...] = ()
    checked: str = ""
    first_hours: int = 168

    def missing_settings(self, secrets: Mapping[str, str]) -> tuple[str, ...]:
        """Return the environment variables of settings that it needs and `secrets` lack."""
        return tuple(f"SHRUG_{name.upper()}" for name in self.needs if not secrets.get(name))


def _load(name: str) -> Any:
    return resources.load_yaml(FOLDER / name)


@cache
def providers() -> dict[str, ProviderEntry]:
    """Return every provider by key."""
    return {key: _provider(key, value) for key, value in _load("providers.yaml").items()}


def _provider(key: str, value: dict[str, Any]) -> ProviderEntry:
    strong = [(str(text), False) for text in value.get("aliases", [])]
    weak = [(str(text), True) for text in value.get("weak", [])]
    search = str(value.get("search") or value["name"]["en"])
    return ProviderEntry(
        key=key,
        kind=value["kind"],
        name_en=value["name"]["en"],
        name_zh=value["name"]["zh"],
        aliases=tuple(strong + weak),
        context=tuple(value.get("context", [])),
        alternatives=tuple(value.get("alternatives", [])),
        search=search,
        tag=str(value.get("tag") or "".join(filter(str.isalnum, search)).lower()),
        status=StatusEntry(**_with_tuples(value["status"])) if value.get("status") else None,
        articles=tuple(value.get("articles", [])),
    )


def _with_tuples(value: dict[str, Any]) -> dict[str, Any]:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in value.items()}


@cache
def sources() -> dict[str, SourceEntry]:
    """Return every source by key: the catalogue's, and those that entry points add.

    Raises BadInput naming the entry point that can't be added.
    """
    plugins = {p.name: _plugin_source(p) for p in entry_points(group=SOURCE_ENTRY_POINTS)}
    bundled = {
        key: SourceEntry(key=key, **_with_tuples(value))
        for key, value in _load("sources.yaml").items()
    }
    return {**plugins, **bundled}


def _plugin_source(point: EntryPoint) -> SourceEntry:
    """Load a source of another package; its spider is MODULE:CLASS."""
    try:
        entry = SourceEntry(key=point.name, **_with_tuples(point.load()))
        ZoneInfo(entry.zone)
    except Exception as error:
        why = f"{type(error).__name__}: {error}"
        raise BadInput(f"the source {point.name} ({point.value}) can't be added: {why}") from None
    return entry


def source_of(name: str) -> SourceEntry | None:
    """Return a source's entry by its key, or by `key:ask` for one query of its list."""
    return sources().get(name.partition(":")[0])


@cache
def source_zone(source: str) -> ZoneInfo:
    """Return the time zone of a source's users; UTC if the source is unknown."""
    entry = source_of(source)
    return ZoneInfo(entry.zone if entry else "UTC")


@cache
def context_words() -> tuple[str, ...]:
    """Return words that show that a weak name means the service."""
    return tuple(_load("words.yaml")["context"])


@cache
def failure_words() -> dict[str, tuple[str, ...]]:
    """Return words that say that a service failed, and words that may stand beside them."""
    words = _load("words.yaml")
    return {key: tuple(words[key]) for key in ("failure", "between", "around")}


@cache
def ledger() -> tuple[NewOutage, ...]:
    """Return the bundled list of well-known outages."""
    return tuple(_ledger_entry(entry) for entry in _load("outages.yaml"))


def _ledger_entry(entry: dict[str, Any]) -> NewOutage:
    zone = ZoneInfo(entry["zone"])
    return NewOutage(
        provider=entry["provider"],
        start=read_time(entry["start"], zone),
        end=read_time(entry["end"], zone),
        kind=entry["kind"],
        title=entry["title"],
        origin="ledger",
        external_id=entry["id"],
        url=entry.get("url"),
        rounded_minutes=entry.get("rounded_minutes", 0),
        read_at=entry["read_at"],
    )


@cache
def _keys_by_name() -> dict[str, str]:
    keys: dict[str, str] = {}
    for entry in providers().values():
        for name in (entry.key, entry.name_en, entry.name_zh, *(text for text, _ in entry.aliases)):
            keys.setdefault(name.casefold(), entry.key)
    return keys


def provider_key(name: str) -> str:
    """Return the key of the provider with this key or name. Raises BadInput if there is none."""
    key = _keys_by_name().get(name.strip().casefold())
    if key is None:
        raise BadInput(f"no provider goes by {name!r}; the catalogue is db/catalog/providers.yaml")
    return key
