"""From the store to the report's data object: fetch, measure, compare, answer."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from analysis import claims, comparison, verdicts
from analysis.attention.interval import Interval
from analysis.attention.layout import Parameters
from analysis.boards import Presence, Seen, presence
from analysis.report.board import compare
from analysis.report.data import (
    BoardComparison,
    BoardEvent,
    OutageReport,
    Quote,
    Report,
)
from analysis.verdicts import Measured, Reason, Verdict
from db import boards, catalogue, outages, posts
from db.engine import Store
from db.outages import KnownOutage
from shrug import __version__, events
from shrug.channels import ChannelReader
from shrug.covering import cover

ARTICLE = "deepseek-2025-08-11"
QUOTES = 5
MARGIN = timedelta(hours=2)


def measure(
    store: Store,
    start: datetime,
    end: datetime,
    *,
    provider: str | None = None,
    parameters: Parameters | None = None,
    truth: dict[str, float] | None = None,
    told: Callable[[int, int], None] = lambda _done, _total: None,
) -> Report:
    """Measure every outage that touches [start, end) and answer the claims.

    `truth` (a simulation's, ratio by outage title) marks the report as simulated. `told` hears
    how many outages of how many are done.
    """
    parameters = parameters or Parameters()
    with store.reading() as connection:
        known = outages.read(connection, provider=provider, start=start, end=end)
    sightings = _sightings(store)
    reader = ChannelReader(store, parameters)
    reports = []
    for number, outage in enumerate(known):
        reports.append(_outage(store, reader, sightings, outage, end))
        told(number + 1, len(known))
    reports, worth, worth_events = _judged(reports)
    reports = [_with_truth(store, r, truth) for r in reports]
    compared = tuple(_compare(store, sightings, board, start, end, provider) for board in sightings)
    return Report(
        version=__version__,
        start=start,
        end=end,
        parameters=parameters,
        worth=worth,
        worth_events=worth_events,
        outages=tuple(reports),
        boards=tuple(b for b in compared if b),
        claims=claims.answer(tuple(b for b in compared if b), simulated=truth is not None),
        sources=cover(store, start, end),
        simulated=truth is not None,
    )


def read_truth(path: Path) -> dict[str, float]:
    """A simulation's true ratios, by outage title."""
    return {str(k): float(v) for k, v in json.loads(path.read_text(encoding="utf-8")).items()}


Sightings = dict[str, dict[str, list[Seen]]]


def _sightings(store: Store) -> Sightings:
    """Board to provider to the sightings of titles that say that it failed."""
    found: Sightings = {}
    with store.reading() as connection:
        names = boards.names(connection)
    for board in names:
        titles = events.failure_titles(store, board)
        with store.reading() as connection:
            seen = boards.sightings(connection, board, titles)
        own: dict[str, list[Seen]] = defaultdict(list)
        for s in seen:
            own[titles[s.title]].append(Seen(s.seen_at, s.title, s.rank, s.heat))
        found[board] = own
    return found


def _outage(
    store: Store, reader: ChannelReader, sightings: Sightings, outage: KnownOutage, until: datetime
) -> OutageReport:
    entry = catalogue.providers()[outage.provider]
    end = outage.end or max(outage.start, min(until, datetime.now(UTC)))
    window = reader.parameters.window(outage.start, end)
    on_board = outage.origin == events.ORIGIN
    channels = [] if on_board else reader.channels(outage, window)
    return OutageReport(
        id=outage.id,
        provider=outage.provider,
        provider_kind=outage.provider_kind,
        name_en=entry.name_en,
        name_zh=entry.name_zh,
        start=outage.start,
        end=end,
        ongoing=outage.end is None,
        kind=outage.kind,
        title=outage.title,
        url=outage.url,
        origin=outage.origin,
        confirmed=outage.confirmed,
        rounded_minutes=outage.rounded_minutes,
        read_at=outage.read_at,
        window=window,
        channels=tuple(channels),
        combined=verdicts.combine(channels),
        boards=tuple(_presences(store, sightings, outage.provider, window)),
        verdict=Verdict.CANT_TELL,
        reason=Reason.FOUND_ON_BOARD if on_board else Reason.NO_SOURCE,
        hours=reader.hours(outage, window, channels),
    )


def _presences(
    store: Store, sightings: Sightings, provider: str, window: tuple[datetime, datetime]
) -> Iterable[Presence]:
    for board, by_provider in sightings.items():
        with store.reading() as connection:
            looks = boards.floors(connection, board, *window)
        if looks:
            seen = [s for s in by_provider.get(provider, []) if window[0] <= s.seen_at < window[1]]
            yield presence(board, seen, looks)


def _judged(reports: Sequence[OutageReport]) -> tuple[list[OutageReport], float, int]:
    """Verdicts over all outages looked at, against R of the reference class."""
    reference = [r for r in reports if r.confirmed and r.provider_kind != "ai" and r.combined]
    ratios = [r.combined.ratio for r in reference if r.combined and r.combined.ratio]
    worth = verdicts.worth_calling([r.estimate for r in ratios])
    flat = [(i, c) for i, r in enumerate(reports) for c in r.channels]
    judged: dict[int, list[Measured]] = defaultdict(list)
    for (index, _), channel in zip(flat, verdicts.judge([c for _, c in flat], worth), strict=True):
        judged[index].append(channel)
    done = []
    for index, report in enumerate(reports):
        if report.origin == events.ORIGIN:
            done.append(report)
            continue
        verdict, reason = verdicts.overall(judged[index], report.combined, worth)
        done.append(
            replace(
                report,
                channels=tuple(judged[index]),
                verdict=verdict,
                reason=reason,
                shrug_index=_index(report, reference),
            )
        )
    return done, worth, len(ratios)


def _index(report: OutageReport, reference: Sequence[OutageReport]) -> Interval | None:
    if report.combined is None or report.combined.ratio is None:
        return None
    others = [r.combined.ratio for r in reference if r.id != report.id and r.combined]
    return comparison.shrug_index(report.combined.ratio, [r for r in others if r])


def _with_truth(store: Store, report: OutageReport, truth: dict[str, float] | None) -> OutageReport:
    if report.origin == events.ORIGIN or not report.channels:
        return report
    with store.reading() as connection:
        found = posts.sample(connection, report.provider, *report.window, QUOTES)
    quotes = tuple(Quote(p.source, p.created_at, p.text, p.url, p.score) for p in found)
    return replace(report, quotes=quotes, truth=(truth or {}).get(report.title))


def _compare(
    store: Store,
    sightings: Sightings,
    board: str,
    start: datetime,
    end: datetime,
    provider: str | None,
) -> BoardComparison | None:
    with store.reading() as connection:
        looks = boards.floors(connection, board, start, end)
        known = outages.read(connection, start=start, end=end, origins=[events.ORIGIN])
        ledger = outages.read(connection, start=start, end=end, origins=["ledger"])
    if not looks:
        return None
    article = next((o for o in ledger if o.external_id == ARTICLE), None)
    found = [
        _event(sightings[board].get(o.provider, []), o, article, board, looks)
        for o in known
        if o.external_id.startswith(f"{board}/") and (provider is None or o.provider == provider)
    ]
    return compare(board, (looks[0][0], looks[-1][0]), len(looks), found)


def _event(
    seen: Sequence[Seen],
    outage: KnownOutage,
    article: KnownOutage | None,
    board: str,
    looks: Sequence[tuple[datetime, int | None]],
) -> BoardEvent:
    entry = catalogue.providers()[outage.provider]
    last = outage.end or outage.start
    own = [s for s in seen if outage.start <= s.seen_at <= last]
    near = [look for look in looks if outage.start - MARGIN <= look[0] <= last + MARGIN]
    is_article = (
        article is not None
        and article.provider == outage.provider
        and outage.start <= (article.end or article.start) + MARGIN
        and last >= article.start - MARGIN
    )
    return BoardEvent(
        outage_id=outage.id,
        provider=outage.provider,
        provider_kind=outage.provider_kind,
        name_en=entry.name_en,
        name_zh=entry.name_zh,
        at=outage.start,
        presence=presence(board, own, near),
        article=is_article,
    )
