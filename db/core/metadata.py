"""Queries on named values that describe a store as a whole."""

import json
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, case, func, select

from db.core.errors import BadInput
from db.core.models import BoardSnapshot, CoverageSpan, CrawlRun, MetadataEntry, Outage, Post
from db.core.upsert import upsert

SIMULATION = "simulation"
SCORER = "scorer."
# When an author's posts were last erased: what was measured before must be measured again.
ERASED_AT_KEY = "forgotten"


def mark_simulated(connection: Connection, truth: Mapping[str, float]) -> None:
    """Mark the whole store as simulated, for good; `truth` is each outage's true ratio."""
    write(connection, SIMULATION, json.dumps(truth, ensure_ascii=False))


def refuse_simulation(connection: Connection) -> None:
    """Raise BadInput if the store holds a simulation, which takes no real data."""
    if simulated_ratios(connection) is not None:
        raise BadInput(
            "this store holds a simulation: nothing real goes in; name another with --database"
        )


def simulated_ratios(connection: Connection) -> Mapping[str, float] | None:
    """Return true ratios by outage title if the store holds a simulation, else None."""
    value = read(connection, SIMULATION)
    return None if value is None else {str(k): float(v) for k, v in json.loads(value).items()}


def data_version(connection: Connection) -> str:
    """Return a text that changes whenever figures may: the newest id of each of their inputs."""
    newest = (Post.id, CrawlRun.id, BoardSnapshot.id, CoverageSpan.id)
    parts: list[object] = [
        connection.execute(select(func.max(column))).scalar() for column in newest
    ]
    going = func.sum(case((Outage.end.is_(None), 1), else_=0))
    confirmed = func.sum(case((Outage.confirmed, 1), else_=0))
    parts.append(read(connection, ERASED_AT_KEY))
    outages = select(func.count(Outage.id), going, confirmed, func.max(Outage.end))
    return "/".join(str(value) for value in (*parts, *connection.execute(outages).one()))


def chosen_scorers(connection: Connection) -> Mapping[str, str]:
    """Return the scorers chosen for this store: language to name."""
    rows = connection.execute(
        select(MetadataEntry.name, MetadataEntry.value).where(MetadataEntry.name.startswith(SCORER))
    )
    return {name.removeprefix(SCORER): value for name, value in rows}


def choose_scorer(connection: Connection, language: str, name: str) -> None:
    """Use a scorer for a language from now on."""
    write(connection, SCORER + language, name)


def read(connection: Connection, name: str) -> str | None:
    """Return the value of a name; None if there is none."""
    return connection.execute(
        select(MetadataEntry.value).where(MetadataEntry.name == name)
    ).scalar()


def write(connection: Connection, name: str, value: str) -> None:
    """Store a value under a name."""
    upsert(connection, MetadataEntry, [{"name": name, "value": value}], ["name"], update=["value"])


def read_list(connection: Connection, name: str) -> set[str]:
    """Return the set stored under a name by `write_list`; empty if there is none."""
    value = read(connection, name)
    return set(json.loads(value)) if value else set()


def write_list(connection: Connection, name: str, items: Sequence[str]) -> None:
    """Store a list under a name."""
    write(connection, name, json.dumps(list(items), ensure_ascii=False))
