"""The attention that each provider gets right now, outage or not."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field

from analysis.attention import verdicts
from analysis.attention.verdicts import Measurement
from analysis.attention.windows import Parameters
from analysis.field_types import Internal
from analysis.report.data import Hour
from db import catalog
from db.core.engine import Store
from shrug.measure.channels import ChannelReader

LAST_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class LiveAttention:
    """Posts on a provider in the last hour against the usual hour; `hours` lead up to it."""

    provider: str
    name_en: Internal[str]
    name_zh: Internal[str]
    measured: Annotated[
        Measurement | None,
        Field(
            serialization_alias="last_hour",
            description="Null if too little was read to say what is usual.",
        ),
    ]
    hours: tuple[Hour, ...]


def live_attention(store: Store, now: datetime) -> tuple[LiveAttention, ...]:
    """Measure every AI provider that has posts or coverage in the last twelve hours.

    The one with most posts comes first. There are no verdicts: an hour is no outage, and the
    loudest of many hours is always loud.
    """
    reader = ChannelReader(store, Parameters())
    window = now - LAST_HOUR, now
    providers = []
    for entry in catalog.providers().values():
        if entry.kind != "ai":
            continue
        channels = reader.measure(entry.key, None, window)
        hours = tuple(h for h in reader.chart_hours(entry.key, window, channels) if h.at < now)
        if hours or any(c.observed for c in channels):
            combined = verdicts.combine(channels)
            measured = combined if combined and combined.ratio else None
            providers.append(
                LiveAttention(entry.key, entry.name_en, entry.name_zh, measured, hours)
            )
    return tuple(sorted(providers, key=lambda each: (-_posts(each), each.provider)))


def _posts(each: LiveAttention) -> int:
    return each.measured.observed if each.measured else 0
