"""The evidence behind one outage's figures: the earlier days of each source, and the posts."""

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
from db.posts import exports
from shrug.measure.channels import ChannelReader


@dataclass(frozen=True, slots=True)
class OutageEvidence:
    """Earlier days by source, newest first, and every post that was counted, by time."""

    days: Mapping[str, Sequence[EarlierDay]]
    posts: Sequence[dict[str, Any]]


def load_evidence(
    store: Store, outage: OutageReport, parameters: Parameters | None = None
) -> OutageEvidence:
    """Read the evidence behind an outage's figures."""
    start, end = outage.window
    if not outage.channels:
        return OutageEvidence({}, ())
    with store.reading() as connection:
        posts = list(exports.posts(connection, provider=outage.provider, start=start, end=end))
    reader = ChannelReader(store, parameters or Parameters())
    # All posts of each source come first, its voices after them.
    pairs = reader.load(outage.provider, outage.id, outage.window)[::2]
    return OutageEvidence({source: _days(channel, start) for source, channel in pairs}, posts)


def _days(channel: Channel, start: datetime) -> list[EarlierDay]:
    """The earlier days of which something was read."""
    both = zip(channel.block_counts.tolist(), channel.block_exposure.tolist(), strict=True)
    return [
        EarlierDay(start - timedelta(days=(i + 1) * channel.period_days), round(count), hours)
        for i, (count, hours) in enumerate(both)
        if hours > 0
    ]


def find_outage(reports: Sequence[OutageReport], id_: str) -> OutageReport:
    """Return the outage with an id as a user wrote it. Raises BadInput if there is none."""
    outage = next((o for o in reports if str(o.id) == id_.strip()), None)
    if outage is None:
        raise BadInput(f"no outage has the id {id_[:20]!r}; see shrug outages list")
    return outage
