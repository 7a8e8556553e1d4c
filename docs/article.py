"""The article, answered: `make article BOARD=FOLDER` writes docs/did-anybody-care.md from an
archive of Weibo's board (its form: docs/imports.md)."""

import statistics
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from analysis.messages import Messages
from analysis.report.data import OutageReport, Report
from analysis.report.sentences import Sentences
from db.core.engine import Store
from db.crawl import boards, outages
from shrug.imports.boards import import_board
from shrug.label import board_titles
from shrug.measure import measurement
from shrug.measure.boards import ARTICLE_OUTAGE
from shrug.store.bootstrap import open_ready_store, sync_ledger

FOLDER = Path(__file__).parent
PAGE = FOLDER / "did-anybody-care.md"
BOARD, ZONE = "weibo", "Asia/Shanghai"
# The archive's snapshots; its list of first sightings reaches further back.
START = datetime(2024, 5, 20, tzinfo=ZoneInfo(ZONE))
END = datetime(2026, 3, 16, tzinfo=ZoneInfo(ZONE))


def page(files: Sequence[Path]) -> str:
    """The page, from the files of an archive of the board."""
    with (
        tempfile.TemporaryDirectory() as folder,
        open_ready_store(f"sqlite:///{folder}/case.db") as store,
    ):
        sync_ledger(store)
        import_board(store, list(files), lambda _: None)
        board_titles.suggest_outages(store)
        return rendered(store)


def rendered(store: Store) -> str:
    """The page, from a store that holds the ledger and the board."""
    start, end = START.astimezone(UTC), END.astimezone(UTC)
    report = measurement.measure(store, start, end, past=timedelta())
    with store.reading() as connection:
        known = outages.read(connection, provider="deepseek", origins=["ledger"])
        looks = [at for at, _ in boards.floor_heats(connection, BOARD, start, end)]
        titles = board_titles.failure_titles(store, BOARD)
        firsts = boards.first_sightings(connection, BOARD, titles)
    id_ = next(o.id for o in known if o.external_id == ARTICLE_OUTAGE)
    outage = next(o for o in report.outages if o.id == id_)
    values = _values(report, outage, looks)
    titles_shown = {t.title for t in values["presence"].titles}
    near = [f for f in firsts if abs(f.seen_at - outage.start) < timedelta(hours=2)]
    first = min((f.seen_at for f in near if f.title in titles_shown), default=None)
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - Markdown of our own figures
    )
    return environment.get_template("did-anybody-care.md.j2").render(
        **values,
        first=f"{first.astimezone(ZoneInfo(ZONE)):%H:%M}" if first else None,
    )


def _values(report: Report, outage: OutageReport, looks: Sequence[datetime]) -> dict[str, Any]:
    board = next(b for b in report.boards if b.board == BOARD)
    presence = next(p for p in outage.boards if p.board == BOARD)
    ai = [o for o in report.judged if o.provider_kind == "ai"]
    minutes = [(b - a) / timedelta(minutes=1) for a, b in pairwise(looks)]
    seen, gone = presence.first_seen, presence.absent_from
    return {
        "report": report,
        "outage": outage,
        "board": board,
        "presence": presence,
        "claim1": report.claims[0],
        "ai": board.number("ai"),
        "listed": len(ai),
        "reached": sum(1 for o in ai if any(p.snapshots for p in o.boards)),
        "seconds": round((seen - outage.start).total_seconds()) if seen else None,
        "gap": round(statistics.median(minutes)),
        "early": round((outage.end - gone) / timedelta(minutes=1)) if gone else None,
        "en": _for_language(report, outage, "en"),
        "zh": _for_language(report, outage, "zh"),
    }


def _for_language(report: Report, outage: OutageReport, lang: str) -> SimpleNamespace:
    messages = Messages(lang, ZONE)
    sentences = Sentences(report, messages)
    return SimpleNamespace(
        m=messages, s=sentences, provider=messages.name(outage), span=sentences.span(outage)
    )


def main() -> None:
    """Write the page from the archive in the folder that is named."""
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        sys.exit("usage: python -m docs.article FOLDER (an archive of Weibo's board)")
    PAGE.write_text(page(sorted(Path(sys.argv[1]).glob("*.jsonl*"))), encoding="utf-8")


if __name__ == "__main__":
    main()
