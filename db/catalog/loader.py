"""Facts that people edit: providers and their names, sources, well-known outages."""

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


@dataclass(frozen=True, slots=True)
class StatusEntry:
    """A provider's status page.

    platform: what it runs on, as far as is known (see crawler/status). page: the platform's own
    name of it; path: where on it to look, where that is no place of the platform's. components:
    ids of what counts as this provider's product; all, where none is named. former: where it was.
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
    """A source of the catalogue: where it is, how it is asked, and what normal looks like.

    tier: A on by default; B on, but fragile; C off until the user gives what it `needs` (names of
    settings). asks: what is asked, where `queries` is list; each is a source of its own. control:
    a common word that always finds something. joiner, quoted, most_terms, most_chars: how several
    names are asked for at once, if they can be. delay: least seconds between two requests. every:
    minutes between two visits in quiet times. quota: requests an hour that it allows (0: it does
    not say). filled: fields of a post that may not be empty in most of a page. checked: when
    its form was last looked up. first_hours: how far back the first visit goes.
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

    def lacking(self, secrets: Mapping[str, str]) -> tuple[str, ...]:
        """The environment's names of what it needs and `secrets` do not hold."""
        return tuple(f"SHRUG_{name.upper()}" for name in self.needs if not secrets.get(name))


def _load(name: str) -> Any:
    return resources.load(FOLDER / name)


@cache
def providers() -> dict[str, ProviderEntry]:
    """Every provider by key."""
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
        status=_status(value.get("status")),
        articles=tuple(value.get("articles", [])),
    )


def _status(value: dict[str, Any] | None) -> StatusEntry | None:
    if value is None:
        return None
    given: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in value.items()}
    return StatusEntry(**given)


SOURCES = "shrug.sources"


@cache
def sources() -> dict[str, SourceEntry]:
    """Every source by key: the catalogue's, and those that other packages add by entry point.

    Raises BadInput naming the package whose entry can't be taken in.
    """
    added = {point.name: _added(point) for point in entry_points(group=SOURCES)}
    own = {key: _source(key, value) for key, value in _load("sources.yaml").items()}
    return {**added, **own}


def _added(point: EntryPoint) -> SourceEntry:
    """A source of another package; its spider is MODULE:CLASS."""
    try:
        entry = _source(point.name, point.load())
        ZoneInfo(entry.zone)
    except Exception as error:
        why = f"{type(error).__name__}: {error}"
        raise BadInput(f"the source {point.name} ({point.value}) can't be added: {why}") from None
    return entry


def _source(key: str, value: dict[str, Any]) -> SourceEntry:
    given: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in value.items()}
    return SourceEntry(key=key, **given)


def source_of(name: str) -> SourceEntry | None:
    """The entry of what posts are kept under: a source's key, or `key:ask` for one of its list."""
    return sources().get(name.partition(":")[0])


@cache
def zone(source: str) -> ZoneInfo:
    """The zone whose clock a source's people live by; UTC where it is not known."""
    entry = source_of(source)
    return ZoneInfo(entry.zone if entry else "UTC")


@cache
def context_words() -> tuple[str, ...]:
    """Words that show that a weak name means the service."""
    return tuple(_load("words.yaml")["context"])


@cache
def failure_words() -> dict[str, tuple[str, ...]]:
    """Words that say that a service failed, and words that may stand before them."""
    words = _load("words.yaml")
    return {key: tuple(words[key]) for key in ("failure", "between", "around")}


@cache
def ledger() -> tuple[NewOutage, ...]:
    """The bundled list of well-known outages, each with where its times were read."""
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
    names: dict[str, str] = {}
    for entry in providers().values():
        for name in (entry.key, entry.name_en, entry.name_zh, *(text for text, _ in entry.aliases)):
            names.setdefault(name.casefold(), entry.key)
    return names


def provider_key(name: str) -> str:
    """The key of the provider that goes by `name` (its key or any of its names).

    Raises BadInput where the catalogue has none.
    """
    key = _keys_by_name().get(name.strip().casefold())
    if key is None:
        raise BadInput(f"no provider goes by {name!r}; the catalogue is db/catalog/providers.yaml")
    return key
