"""Outages told in a feed, one item an update or one an incident: Volcengine, Azure, xAI, and the
feeds of Better Stack, Instatus and incident.io."""

import calendar
import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crawler.parsing import Read, each, instant, text_or_none
from crawler.status.incident import DEGRADED, MAINTENANCE, OUTAGE, Incident
from crawler.syndication import document

PATHS = ("/history.rss",)
_OVER = re.compile(
    r"recover|resolved|fixed|restored|mitigated|operational|back to normal|completed"
    "|已恢复|已解决",
    re.IGNORECASE,
)
_DOWN = re.compile(r"\bdown\b|outage|unavailable|不可用|中断|宕机", re.IGNORECASE)
_PLANNED = re.compile(r"maintenance|维护", re.IGNORECASE)


def read(body: bytes) -> Read[Incident]:
    """Incidents of a feed: items that share an address, or a title but for its ending, are one."""
    updates, refused = each(document(body, "status feed").entries, _update)
    grouped: dict[str, list[_Update]] = defaultdict(list)
    for update in updates:
        grouped[_key(update.entry)].append(update)
    return Read(tuple(_incident(key, items) for key, items in grouped.items()), refused)


@dataclass(frozen=True, slots=True)
class _Update:
    """An item, when it was first published, and when it was last changed."""

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
    """What items of one incident share: an address of its own, or else an id without its tail."""
    for told in (str(entry.get("link") or ""), str(entry.get("id") or "")):
        if re.match(r"https?://[^/]+/[^/#]", told):
            # Behind the address of one incident stands which update of it this is.
            return told.partition("#")[0]
    return str(entry.get("id") or entry.get("title"))


def _at(entry: Any, *names: str) -> datetime:
    # Its keys are asked for: a fallback of feedparser's takes one time for the other.
    found = [entry[name] for name in names if name in entry.keys() and entry[name]]  # noqa: SIM118
    if not found:
        raise ValueError("an entry without a date")
    return instant(calendar.timegm(found[0]))


def _incident(key: str, updates: list[_Update]) -> Incident:
    updates = sorted(updates, key=lambda update: update.first)
    first, last, start = updates[0].entry, updates[-1].entry, updates[0].first
    told = f"{last.get('title', '')} {last.get('summary', '')}"
    words = " ".join(str(e.get("title", "")) for e in (u.entry for u in updates))
    over = _OVER.search(told)
    kind = MAINTENANCE if _PLANNED.search(words) else OUTAGE if _DOWN.search(words) else DEGRADED
    return Incident(
        id=key,
        title=str(first.get("title", "")),
        start=start,
        end=max(start, updates[-1].last) if over else None,
        kind=kind,
        url=text_or_none(first.get("link")),
    )
