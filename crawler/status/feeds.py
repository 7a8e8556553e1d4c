"""Feeds of outages, one item an update or an incident: Volcengine, Azure, xAI, and the feeds of
Better Stack, Instatus and incident.io."""

import calendar
import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crawler.parsing import Read, as_text, each, parse_time
from crawler.status.incident import DEGRADED, MAINTENANCE, OUTAGE, Incident
from crawler.syndication import parse_feed

PATHS = ("/history.rss",)
_OVER = re.compile(
    r"recover|resolved|fixed|restored|mitigated|operational|back to normal|completed"
    "|已恢复|已解决",
    re.IGNORECASE,
)
_DOWN = re.compile(r"\bdown\b|outage|unavailable|不可用|中断|宕机", re.IGNORECASE)
_PLANNED = re.compile(r"maintenance|维护", re.IGNORECASE)


def read(body: bytes) -> Read[Incident]:
    """Read the incidents of a feed; items with the same address or id are one incident."""
    updates, refused = each(parse_feed(body, "status feed").entries, _update)
    grouped: dict[str, list[_Update]] = defaultdict(list)
    for update in updates:
        grouped[_key(update.entry)].append(update)
    return Read(tuple(_incident(key, items) for key, items in grouped.items()), refused)


@dataclass(frozen=True, slots=True)
class _Update:
    """An item, and the times of its publication and its last change."""

    entry: Any
    first: datetime
    last: datetime


def _update(entry: Any) -> _Update:
    return _Update(
        entry,
        _at(entry, "published_parsed", "updated_parsed"),
        _at(entry, "updated_parsed", "published_parsed"),
    )


def _key(entry: Any) -> str:
    """The address that the items of an incident share, or else its id or title."""
    for address in (str(entry.get("link") or ""), str(entry.get("id") or "")):
        if re.match(r"https?://[^/]+/[^/#]", address):
            # The fragment of the address names the update.
            return address.partition("#")[0]
    return str(entry.get("id") or entry.get("title"))


def _at(entry: Any, *names: str) -> datetime:
    # By its keys: feedparser itself falls back from one time to the other.
    times = [entry[name] for name in names if name in entry.keys() and entry[name]]  # noqa: SIM118
    if not times:
        raise ValueError("an entry without a date")
    return parse_time(calendar.timegm(times[0]))


def _incident(key: str, updates: list[_Update]) -> Incident:
    updates = sorted(updates, key=lambda update: update.first)
    first, last, start = updates[0].entry, updates[-1].entry, updates[0].first
    newest = f"{last.get('title', '')} {last.get('summary', '')}"
    words = " ".join(str(e.get("title", "")) for e in (u.entry for u in updates))
    over = _OVER.search(newest)
    kind = MAINTENANCE if _PLANNED.search(words) else OUTAGE if _DOWN.search(words) else DEGRADED
    return Incident(
        id=key,
        title=str(first.get("title", "")),
        start=start,
        end=max(start, updates[-1].last) if over else None,
        kind=kind,
        url=as_text(first.get("link")),
    )
