"""How much attention each provider has right now, outage or not."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field

from analysis.attention import verdicts
from analysis.attention.verdicts import Measured
from analysis.attention.windows import Parameters
from analysis.field_types import Internal
from analysis.report.data import Hour
from db import catalog
from db.core.engine import Store
from db.crawl.outages import KnownOutage
from shrug.measure.channels import ChannelReader

LAST = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Live:
    """Posts on a provider in the last hour against what such an hour holds; `hours` lead up to
    it."""

    provider: str
    name_en: Internal[str]
    name_zh: Internal[str]
    measured: Annotated[
        Measured | None,
        Field(
            serialization_alias="last_hour",
            description="Null if too little was read to say what is usual.",
        ),
    ]
    hours: tuple[Hour, ...]


def live(store: Store, now: datetime) -> tuple[Live, ...]:
    """Every AI provider of which anything was read in the last twelve hours, most posts first.

    Nothing is judged here: an hour is no outage, and the loudest of many hours is always loud.
    """
    reader = ChannelReader(store, Parameters())
    window = now - LAST, now
    found = []
    for entry in catalog.providers().values():
        if entry.kind != "ai":
            continue
        hour = _hour(entry.key, window)
        channels = reader.channels(hour, window)
        hours = tuple(h for h in reader.hours(hour, window, channels) if h.at < now)
        if hours or any(c.observed for c in channels):
            combined = verdicts.combine(channels)
            told = combined if combined and combined.ratio else None
            found.append(Live(entry.key, entry.name_en, entry.name_zh, told, hours))
    return tuple(sorted(found, key=lambda each: (-_posts(each), each.provider)))


def _posts(each: Live) -> int:
    return each.measured.observed if each.measured else 0


def _hour(provider: str, window: tuple[datetime, datetime]) -> KnownOutage:
    """The last hour, in the form in which outages are measured."""
    return KnownOutage(
        id=0,
        provider=provider,
        provider_kind="ai",
        start=window[0],
        end=window[1],
        kind="outage",
        title="",
        url=None,
        origin="",
        external_id="",
        confirmed=False,
        rounded_minutes=0,
        read_at=None,
    )
