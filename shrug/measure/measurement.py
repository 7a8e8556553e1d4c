"""Measuring all outages of a span: read the store, measure, judge, and answer the claims."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from analysis.attention import verdicts
from analysis.attention.verdicts import Measurement, Reason
from analysis.attention.windows import Parameters
from analysis.report import claims
from analysis.report.data import OutageReport, OwnPast, Report
from analysis.report.groups import attention_trend, pool_groups
from analysis.sentiment.scorers import Scorer
from analysis.statistics import comparison
from analysis.statistics.interval import Interval
from db.core import metadata
from db.core.engine import Store
from db.core.errors import BadInput
from db.crawl import coverage, outages
from shrug.label.executors import executor_or_threads, map_unordered
from shrug.measure import weeks
from shrug.measure.boards import ARTICLE_OUTAGE
from shrug.measure.coverage import cell_length, source_coverage
from shrug.measure.outage import OutageMeasurer
from shrug.version import __version__

# Outages are compared over this long before the span: a year shows every season once.
COMPARISON_PERIOD = timedelta(weeks=52)
# A post may belong to an outage for this long after the outage's end.
LAG = Parameters().lag
UNREADABLE_REASONS = {Reason.NOT_COVERED, Reason.NO_HISTORY, Reason.SILENT_SOURCE}


def first_outage(store: Store, until: datetime) -> datetime:
    """Return the start of the first known outage before `until`. Raises BadInput without one."""
    with store.reading() as connection:
        known = outages.read(connection, end=until)
    if not known:
        raise BadInput("no outage is known yet: shrug outages sync puts in the bundled ledger")
    return known[0].start


def with_iso_week(report: Report, zone: ZoneInfo) -> Report:
    """Return the report with the name of its ISO week in `zone`, if its span is one."""
    return replace(report, week=weeks.iso_week_of_span(report.start, report.end, zone))


def measure(
    store: Store,
    start: datetime,
    end: datetime,
    *,
    provider: str | None = None,
    past: timedelta = COMPARISON_PERIOD,
    parameters: Parameters | None = None,
    scorers: Mapping[str, Scorer] | None = None,
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
    executor: Executor | None = None,
) -> Report:
    """Measure every outage that touches [start, end) and answer the claims.

    Outages in the `past` before `start` are measured as well: the reference class, the trend and
    the claims are about all of them, so that a week's verdicts don't depend on that week alone.

    provider: only its outages are in the report; their verdicts are the same as without. scorers:
    the scorers, by language, whose scores say how people felt. on_progress: called with the number
    of outages that are done, and of all. executor: threads of this process (the default), or
    machines that reach the store by the same address. If the store contains a simulation, the
    report says so and has the true ratios.
    """
    parameters, since = parameters or Parameters(), start - past
    step = cell_length(start, end)
    with store.reading() as connection:
        truth = metadata.simulated_ratios(connection)
        first = coverage.earliest_start(connection)
    measurer = OutageMeasurer(store, parameters, end, truth or {}, scorers or {})
    boards = measurer.board_reader.compare_events(since, end)
    with store.reading() as connection:
        known = outages.read(connection, start=since, end=end)
    sources = source_coverage(store, start, end)
    measured: dict[int, OutageReport] = {}
    with executor_or_threads(executor) as pool:
        for outage, report in map_unordered(pool, OutageMeasurer.measure, measurer, known):
            measured[outage.id] = report
            on_progress(len(measured), len(known))
        judged, worth, worth_events = _judge([measured[outage.id] for outage in known])
        details = map_unordered(pool, OutageMeasurer.with_details, measurer, judged)
        detailed = {report.id: with_details for report, with_details in details}
    reports = _with_own_past(detailed[report.id] for report in judged)
    article = next((o.id for o in known if o.external_id == ARTICLE_OUTAGE), None)
    inside = [r for r in reports if r.ongoing or r.end >= start]
    earlier = [r for r in reports if not r.ongoing and r.end < start]
    return Report(
        version=__version__,
        start=start,
        end=end,
        parameters=parameters,
        worth=worth,
        worth_events=worth_events,
        outages=tuple(r for r in inside if provider is None or r.provider == provider),
        boards=boards,
        claims=claims.answer_claims(boards, reports, article, simulated=truth is not None),
        sources=sources,
        together=pool_groups(reports),
        cards=tuple(scorer.card for scorer in (scorers or {}).values()),
        simulated=truth is not None,
        since=since,
        earlier=tuple(earlier),
        trend=attention_trend(reports),
        first=first,
        step=step,
    )


def _with_own_past(reports: Iterable[OutageReport]) -> list[OutageReport]:
    """Compare each outage, oldest first, with its provider's earlier ones."""
    seen: dict[str, list[float]] = defaultdict(list)
    compared = []
    for report in reports:
        ratio = report.ratio if report.confirmed else None
        if ratio:
            past = comparison.compare_with_past(ratio.estimate, seen[report.provider])
            report = replace(report, own_past=OwnPast(*past) if past else None)
            seen[report.provider].append(ratio.estimate)
        compared.append(report)
    return compared


def _judge(reports: Sequence[OutageReport]) -> tuple[list[OutageReport], float, int]:
    """Give each confirmed outage its verdict and its rank.

    Returns the reports, the ratio worth noticing, and the number of outages of the reference class
    that it comes from.
    """
    ratios = {r.id: r.ratio for r in reports if r.confirmed and r.ratio}
    reference = {r.id: ratios[r.id] for r in reports if r.provider_kind != "ai" and r.id in ratios}
    worth = verdicts.attention_threshold([ratio.estimate for ratio in reference.values()])
    # Suggested outages are left out: their loudness would loosen the bound for the others.
    flat = [(r.id, c) for r in reports if r.confirmed for c in r.channels]
    judged: dict[int, list[Measurement]] = defaultdict(list)
    for (id_, _), channel in zip(flat, verdicts.judge([c for _, c in flat], worth), strict=True):
        judged[id_].append(channel)
    with_verdicts = [
        _with_verdict(r, judged[r.id], worth, reference) if r.confirmed else r for r in reports
    ]
    ratios = {r.id: r.ratio for r in with_verdicts if r.confirmed and r.ratio}
    ranks = dict(zip(ratios, comparison.ranks(list(ratios.values())), strict=True))
    return [replace(r, rank=ranks.get(r.id)) for r in with_verdicts], worth, len(reference)


def _with_verdict(
    report: OutageReport, judged: list[Measurement], worth: float, reference: Mapping[int, Interval]
) -> OutageReport:
    verdict, reason = verdicts.overall_verdict(judged, report.combined, worth)
    combined = None if reason in UNREADABLE_REASONS else report.combined
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
