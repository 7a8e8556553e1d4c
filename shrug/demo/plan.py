"""The plan of the simulated month, from world.yaml and texts.yaml."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from db.core import resources
from db.core.records import Span
from db.core.times import read_time

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class PlannedProvider:
    """A simulated provider. rates: posts an hour, by source and language."""

    key: str
    names: dict[str, list[str]]
    rates: dict[str, dict[str, float]]


@dataclass(frozen=True, slots=True)
class PlannedOutage:
    """An outage whose true attention ratio over its window is `ratio`.

    board: its peak heat on the board, or None if it never gets there.
    """

    provider: str
    span: Span
    ratio: float
    title: str
    impact: str
    planned: bool
    board: int | None


@dataclass(frozen=True, slots=True)
class Plan:
    """The month. gap: never crawled; board_gap: without snapshots of the board."""

    span: Span
    gap: Span
    board_gap: Span
    providers: tuple[PlannedProvider, ...]
    outages: tuple[PlannedOutage, ...]

    @property
    def true_ratios(self) -> dict[str, float]:
        """The true attention ratio by the title of the outage."""
        return {o.title: o.ratio for o in self.outages}


@cache
def texts() -> Any:
    """Load the templates of simulated posts."""
    return resources.load_yaml(FOLDER / "texts.yaml")


def read_plan() -> Plan:
    """Read the bundled plan."""
    world = resources.load_yaml(FOLDER / "world.yaml")
    start = read_time(world["start"])
    return Plan(
        span=Span(start, start + timedelta(days=world["days"])),
        gap=_span(world["gap"]),
        board_gap=_span(world["board_gap"]),
        providers=tuple(_provider(k, v) for k, v in world["providers"].items()),
        outages=tuple(_outage(row) for row in world["outages"]),
    )


def _span(pair: list[str]) -> Span:
    return Span(read_time(pair[0]), read_time(pair[1]))


def _provider(key: str, row: dict[str, Any]) -> PlannedProvider:
    rates = {source: row[source] for source in ("hackernews", "mastodon")}
    return PlannedProvider(key, row["names"], {**rates, "feed": {"news": row["feed"]}})


def _outage(row: dict[str, Any]) -> PlannedOutage:
    return PlannedOutage(
        provider=row["provider"],
        span=_span([row["start"], row["end"]]),
        ratio=float(row["ratio"]),
        title=row["title"],
        impact=row.get("impact", "none"),
        planned=row.get("planned", False),
        board=row.get("board"),
    )
