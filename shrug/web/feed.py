"""The Atom feed of verdicts."""

from datetime import UTC, datetime
from uuid import NAMESPACE_URL, UUID, uuid5

from analysis.report.data import OutageReport, Report
from analysis.report.sentences import Sentences
from shrug.web.site import TEMPLATES

MOST = 50


def feed(report: Report, sentences: Sentences, address: str, lang: str) -> str:
    """The newest verdicts on outages that are over, newest first (RFC 4287)."""
    over = [o for o in report.judged if not o.ongoing]
    newest = sorted(over, key=lambda o: o.window[1], reverse=True)[:MOST]
    updated = max((o.window[1] for o in newest), default=datetime(1970, 1, 1, tzinfo=UTC))
    return TEMPLATES.get_template("feed.xml.j2").render(
        m=sentences.messages,
        s=sentences,
        entries=[(o, name(o)) for o in newest],
        updated=updated,
        address=address,
        lang=lang,
        simulated=report.simulated,
        own=uuid5(NAMESPACE_URL, f"{address}/feed.atom?lang={lang}"),
    )


def name(outage: OutageReport) -> UUID:
    """What an outage is called for good: ids of the store change where it is made anew."""
    told = f"shrug/{outage.provider}/{outage.start.isoformat()}/{outage.kind}/{outage.origin}"
    return uuid5(NAMESPACE_URL, told)
