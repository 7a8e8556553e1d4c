"""The Atom feed of verdicts."""

from datetime import UTC, datetime
from uuid import NAMESPACE_URL, UUID, uuid5

from analysis.report.data import OutageReport, Report
from analysis.report.sentences import Sentences
from shrug.web.site import TEMPLATES

MAX_ENTRIES = 50


def feed(report: Report, sentences: Sentences, address: str, lang: str) -> str:
    """Return the feed (RFC 4287) of the newest MAX_ENTRIES outages that are over."""
    over = [o for o in report.judged if not o.ongoing]
    newest = sorted(over, key=lambda o: o.window[1], reverse=True)[:MAX_ENTRIES]
    updated = max((o.window[1] for o in newest), default=datetime(1970, 1, 1, tzinfo=UTC))
    return TEMPLATES.get_template("feed.xml.j2").render(
        m=sentences.messages,
        s=sentences,
        entries=[(o, outage_uuid(o)) for o in newest],
        updated=updated,
        address=address,
        lang=lang,
        simulated=report.simulated,
        feed_id=uuid5(NAMESPACE_URL, f"{address}/feed.atom?lang={lang}"),
    )


def outage_uuid(outage: OutageReport) -> UUID:
    """Return an id of an outage that stays when the store is made anew."""
    name = f"shrug/{outage.provider}/{outage.start.isoformat()}/{outage.kind}/{outage.origin}"
    return uuid5(NAMESPACE_URL, name)
