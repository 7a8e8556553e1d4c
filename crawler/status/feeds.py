"""Outages told in a feed, one item an update or one an incident: Volcengine, Azure, xAI, and the
feeds of Better Stack, Instatus and incident.io."""

import calendar
import re
from collections import defaultdict
from datetime import datetime
from typing import Any

from crawler.reading import Read, instant, text_or_none
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
    parsed = document(body, "status feed")
    grouped: dict[str, list[Any]] = defaultdict(list)
    refused = []
    for number, entry in enumerate(parsed.entries):
        if not {"published_parsed", "updated_parsed"} & set(entry.keys()):
            refused.append(f"entry {number}: an entry without a date")
        else:
            grouped[_key(entry)].append(entry)
    return Read(tuple(_incident(key, items) for key, items in grouped.items()), tuple(refused))


def _key(entry: Any) -> str:
    """What items of one incident share: an address of its own, or else an id without its tail."""
    for told in (str(entry.get("link") or ""), str(entry.get("id") or "")):
        if re.match(r"https?://[^/]+/[^/#]", told):
            # Behind the address of one incident stands which update of it this is.
            return told.partition("#")[0]
    return str(entry.get("id") or entry.get("title"))


def _at(entry: Any, *names: str) -> datetime:
    # Its keys are asked for: a fallback of feedparser's takes one time for the other.
    found = [entry[name] for name in names if name in entry.keys()]  # noqa: SIM118
    return instant(calendar.timegm(next(time for time in found if time)))


def _incident(key: str, items: list[Any]) -> Incident:
    items = sorted(items, key=lambda e: _at(e, "published_parsed", "updated_parsed"))
    first, last = items[0], items[-1]
    start = _at(first, "published_parsed", "updated_parsed")
    told = f"{last.get('title', '')} {last.get('summary', '')}"
    words = " ".join(str(e.get("title", "")) for e in items)
    over = _OVER.search(told)
    kind = MAINTENANCE if _PLANNED.search(words) else OUTAGE if _DOWN.search(words) else DEGRADED
    return Incident(
        id=key,
        title=str(first.get("title", "")),
        start=start,
        end=max(start, _at(last, "updated_parsed", "published_parsed")) if over else None,
        kind=kind,
        url=text_or_none(first.get("link")),
    )
