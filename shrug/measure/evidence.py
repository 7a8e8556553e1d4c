"""All that one outage's figures rest on: the earlier days of each source, and the posts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from analysis.attention.channel import Channel
from analysis.attention.windows import Parameters
from analysis.report.data import OutageReport
from analysis.report.explanation import EarlierDay
from db.core.engine import Store
from db.core.errors import BadInput
from db.crawl import outages
from db.posts import exports
from shrug.measure.channels import ChannelReader


@dataclass(frozen=True, slots=True)
class Ground:
    """What an outage's figures rest on: earlier days by source, newest first, and every post that
    was counted, by time."""

    days: Mapping[str, Sequence[EarlierDay]]
    posts: Sequence[dict[str, Any]]


def ground(store: Store, outage: OutageReport, parameters: Parameters | None = None) -> Ground:
    """Read what an outage's figures rest on."""
    reader = ChannelReader(store, parameters or Parameters())
    with store.reading() as connection:
        known = next((o for o in outages.read(connection) if o.id == outage.id), None)
        start, end = outage.window
        posts = list(exports.posts(connection, provider=outage.provider, start=start, end=end))
    if known is None:
        raise BadInput(f"no outage has the id {outage.id}; see shrug outages list")
    if not outage.channels:
        return Ground({}, ())
    # All posts of each source come first, its voices after them.
    pairs = reader.laid_out(known, outage.window)[::2]
    return Ground({source: _days(channel, start) for source, channel in pairs}, posts)


def _days(channel: Channel, start: datetime) -> list[EarlierDay]:
    """Days of which nothing was read are left out."""
    both = zip(channel.block_counts.tolist(), channel.block_exposure.tolist(), strict=True)
    return [
        EarlierDay(start - timedelta(days=(i + 1) * channel.period_days), round(count), hours)
        for i, (count, hours) in enumerate(both)
        if hours > 0
    ]


def one(store_outages: Sequence[OutageReport], told: str) -> OutageReport:
    """The outage that is meant by its id; BadInput where there is none."""
    found = next((o for o in store_outages if str(o.id) == told.strip()), None)
    if found is None:
        raise BadInput(f"no outage has the id {told[:20]!r}; see shrug outages list")
    return found
