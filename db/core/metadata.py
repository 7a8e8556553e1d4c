"""Queries on what is true of a store as a whole."""

import json
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, case, func, select

from db.core.errors import BadInput
from db.core.models import BoardSnapshot, CoverageSpan, Fact, Outage, Post, Receipt
from db.core.upsert import upsert

SIMULATION = "simulation"
SCORER = "scorer."
# When somebody was forgotten: what was measured before must be measured anew.
FORGOTTEN = "forgotten"


def mark_simulated(connection: Connection, truth: Mapping[str, float]) -> None:
    """Say for good that all in this store is simulated; `truth` is each outage's true ratio."""
    write(connection, SIMULATION, json.dumps(truth, ensure_ascii=False))


def refuse_simulation(connection: Connection) -> None:
    """Raises BadInput where the store holds a simulation: nothing real goes in."""
    if simulated(connection) is not None:
        raise BadInput(
            "this store holds a simulation: nothing real goes in; name another with --database"
        )


def simulated(connection: Connection) -> Mapping[str, float] | None:
    """True ratios by outage title where the store holds a simulation, else None."""
    value = read(connection, SIMULATION)
    return None if value is None else {str(k): float(v) for k, v in json.loads(value).items()}


def stamp(connection: Connection) -> str:
    """What changes whenever figures may: the newest of each thing that they are made of."""
    newest = (Post.id, Receipt.id, BoardSnapshot.id, CoverageSpan.id)
    found: list[object] = [
        connection.execute(select(func.max(column))).scalar() for column in newest
    ]
    going = func.sum(case((Outage.end.is_(None), 1), else_=0))
    confirmed = func.sum(case((Outage.confirmed, 1), else_=0))
    found.append(read(connection, FORGOTTEN))
    known = select(func.count(Outage.id), going, confirmed, func.max(Outage.end))
    return "/".join(str(value) for value in (*found, *connection.execute(known).one()))


def chosen_scorers(connection: Connection) -> Mapping[str, str]:
    """The scorers chosen for this store: language to name."""
    rows = connection.execute(select(Fact.name, Fact.value).where(Fact.name.startswith(SCORER)))
    return {name.removeprefix(SCORER): value for name, value in rows}


def choose_scorer(connection: Connection, language: str, name: str) -> None:
    """Use a scorer for a language from now on."""
    write(connection, SCORER + language, name)


def read(connection: Connection, name: str) -> str | None:
    """What is kept by this name; None where nothing is."""
    return connection.execute(select(Fact.value).where(Fact.name == name)).scalar()


def write(connection: Connection, name: str, value: str) -> None:
    """Keep a value by this name."""
    upsert(connection, Fact, [{"name": name, "value": value}], ["name"], update=["value"])


def listed(connection: Connection, name: str) -> set[str]:
    """The list that is kept by this name; empty where there is none."""
    value = read(connection, name)
    return set(json.loads(value)) if value else set()


def list_(connection: Connection, name: str, items: Sequence[str]) -> None:
    """Keep a list by this name."""
    write(connection, name, json.dumps(list(items), ensure_ascii=False))
