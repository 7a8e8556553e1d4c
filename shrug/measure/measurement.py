"""From the store to the report's data object: fetch, measure, judge, answer."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from analysis.attention import verdicts
from analysis.attention.verdicts import Measured, Reason
from analysis.attention.windows import Parameters
from analysis.report import claims
from analysis.report.data import OutageReport, OwnPast, Report
from analysis.report.groups import attention_trend, together
from analysis.sentiment.scorers import Scorer
from analysis.statistics import comparison
from analysis.statistics.interval import Interval
from db.core import metadata
from db.core.engine import Store
from db.core.errors import BadInput
from db.crawl import coverage, outages
from db.crawl.outages import KnownOutage
from shrug.label.executors import map_unordered, or_threads
from shrug.measure import weeks
from shrug.measure.boards import ARTICLE
from shrug.measure.coverage import cover, step
from shrug.measure.outage import Desk
from shrug.version import __version__

Known = TypeVar("Known", KnownOutage, OutageReport)
# How far back outages are compared: a year shows every season once.
PAST = timedelta(weeks=52)
# How long after its end a post may still belong to an outage.
WINDOW = Parameters().lag
UNREAD = {Reason.NOT_COVERED, Reason.NO_HISTORY, Reason.SILENT_SOURCE}


def first_outage(store: Store, until: datetime) -> datetime:
    """When the first outage of the ledger before `until` began; BadInput where there is none."""
    with store.reading() as connection:
        known = outages.read(connection, end=until)
    if not known:
        raise BadInput("no outage is known yet: shrug outages sync puts in the bundled ledger")
    return known[0].start


def of_week(report: Report, zone: ZoneInfo) -> Report:
    """With the ISO week that its span is by the clock of `zone`, if it is one."""
    return replace(report, week=weeks.iso_week(report.start, report.end, zone))


def measure(
    store: Store,
    start: datetime,
    end: datetime,
    *,
    provider: str | None = None,
    past: timedelta = PAST,
    parameters: Parameters | None = None,
    scorers: Mapping[str, Scorer] | None = None,
    told: Callable[[int, int], None] = lambda _done, _total: None,
    executor: Executor | None = None,
) -> Report:
    """Measure every outage that touches [start, end) and answer the claims.

    Outages of the `past` before `start` are measured as well: the reference class, the trend and
    the claims are about all of them, so that a week's verdicts don't hang on that week alone. With
    `provider` only its outages are given; verdicts are the same as without.

    `scorers`: whose scores say how people felt, by language; without them nothing is said of it.
    `told` hears how many outages of how many are done. executor: of threads of this
    process (the default), or of machines that all reach the store by the same address. A store that
    holds a simulation gives a report that says so, with the true ratios.
    """
    parameters = parameters or Parameters()
    since = start - past
    with store.reading() as connection:
        known = outages.read(connection, start=since, end=end)
        truth = metadata.simulated(connection)
        first = coverage.first(connection)
    desk = Desk(store, parameters, end, truth or {}, scorers or {})
    measured: dict[int, OutageReport] = {}
    with or_threads(executor) as pool:
        for outage, report in map_unordered(pool, Desk.measured, desk, known):
            measured[outage.id] = report
            told(len(measured), len(known))
        reports, worth, worth_events = _judged([measured[outage.id] for outage in known])
        compared = desk.board_reader.comparisons(since, end)
        finished = {r.id: f for r, f in map_unordered(pool, Desk.finished, desk, reports)}
    done = _with_own_past(finished[r.id] for r in reports)
    article = next((o.id for o in known if o.external_id == ARTICLE), None)
    inside = [r for r in done if r.ongoing or r.end >= start]
    before = [r for r in done if not r.ongoing and r.end < start]
    return Report(
        version=__version__,
        start=start,
        end=end,
        parameters=parameters,
        worth=worth,
        worth_events=worth_events,
        outages=tuple(r for r in inside if provider is None or r.provider == provider),
        boards=compared,
        claims=claims.answer(compared, done, article, simulated=truth is not None),
        sources=cover(store, start, end),
        together=together(done),
        cards=tuple(scorer.card for scorer in (scorers or {}).values()),
        simulated=truth is not None,
        since=since,
        earlier=tuple(before),
        trend=attention_trend(done),
        first=first,
        step=step(start, end),
    )


def _with_own_past(reports: Iterable[OutageReport]) -> list[OutageReport]:
    """Each outage beside its provider's earlier ones; oldest first."""
    seen: dict[str, list[float]] = defaultdict(list)
    done = []
    for report in reports:
        ratio = report.combined.ratio if report.confirmed and report.combined else None
        if ratio:
            found = comparison.own_past(ratio.estimate, seen[report.provider])
            report = replace(report, own_past=OwnPast(*found) if found else None)
            seen[report.provider].append(ratio.estimate)
        done.append(report)
    return done


def _judged(reports: Sequence[OutageReport]) -> tuple[list[OutageReport], float, int]:
    """Verdicts over all confirmed outages, against R of the reference class."""
    reference = [
        r
        for r in reports
        if r.confirmed and r.provider_kind != "ai" and r.combined and r.combined.ratio
    ]
    ratios = {r.id: r.combined.ratio for r in reference if r.combined and r.combined.ratio}
    worth = verdicts.worth_calling([ratio.estimate for ratio in ratios.values()])
    # Suggested outages are left out: their loudness would loosen the bound for the others.
    flat = [(r.id, c) for r in reports if r.confirmed for c in r.channels]
    judged: dict[int, list[Measured]] = defaultdict(list)
    for (id_, _), channel in zip(flat, verdicts.judge([c for _, c in flat], worth), strict=True):
        judged[id_].append(channel)
    done = [_verdict(r, judged[r.id], worth, ratios) if r.confirmed else r for r in reports]
    return _ranked(done), worth, len(ratios)


def _ranked(reports: Sequence[OutageReport]) -> list[OutageReport]:
    """With the place of each confirmed outage among all that were measured."""
    ratios = {r.id: c.ratio for r in reports if r.confirmed and (c := r.combined) and c.ratio}
    places = dict(zip(ratios, comparison.ranks(list(ratios.values())), strict=True))
    return [replace(r, rank=places.get(r.id)) for r in reports]


def _verdict(
    report: OutageReport, judged: list[Measured], worth: float, reference: Mapping[int, Interval]
) -> OutageReport:
    verdict, reason = verdicts.overall(judged, report.combined, worth)
    combined = None if reason in UNREAD else report.combined
    ratio = combined.ratio if combined else None
    others = [other for id_, other in reference.items() if id_ != report.id]
    return replace(
        report,
        channels=tuple(judged),
        combined=combined,
        verdict=verdict,
        reason=reason,
        shrug_index=comparison.shrug_index(ratio, others) if ratio else None,
    )
