"""How one outage's figures came about, step by step, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from analysis.attention.verdicts import LEAST_REFERENCE, Measured
from analysis.messages import Messages
from analysis.report.data import OutageReport, Report
from analysis.report.sentences import Sentences

DAYS_SHOWN = 14


@dataclass(frozen=True, slots=True)
class EarlierDay:
    """The same window on an earlier day: when it began, what it held, and how much was read."""

    at: datetime
    posts: int
    hours: float


@dataclass(frozen=True, slots=True)
class Step:
    title: str
    lines: tuple[str, ...]


def explained(
    report: Report, outage: OutageReport, days: Mapping[str, Sequence[EarlierDay]], say: Messages
) -> list[Step]:
    """Every step from what was asked to the verdict, with the figures of each.

    days: the earlier days that each source's window was compared with, newest first.
    """
    told = Sentences(report, say)
    steps = [_outage(outage, told), _window(report, outage, say), _asked(outage, told)]
    steps += [_source(c, days.get(c.source, ()), told) for c in outage.channels]
    if outage.combined:
        steps.append(_together(outage, outage.combined, say))
    steps.append(_verdict(report, outage, told))
    steps.append(Step(say("explain_beside"), tuple(_beside(outage, told))))
    return [s for s in steps if s.lines]


def _outage(o: OutageReport, told: Sentences) -> Step:
    say = told.messages
    lines = [
        f"{say.name(o)} · {told.span(o)} · {say(f'kind_{o.kind}')}",
        o.title,
        say("explain_origin", origin=say(f"origin_{o.origin}"), where=o.url or o.read_at or "–"),
    ]
    return Step(say("explain_outage"), tuple(line for line in lines if line))


def _window(report: Report, o: OutageReport, say: Messages) -> Step:
    p = report.parameters
    lead, lag = (round(t.total_seconds() / 60) for t in (p.lead, p.lag))
    line = say("explain_window_note", lead=lead, lag=lag, start=o.window[0], end=o.window[1])
    return Step(say("explain_window"), (line,))


def _asked(o: OutageReport, told: Sentences) -> Step:
    return Step(told.messages("explain_asked"), (told.query(o),) if o.channels else ())


def _source(c: Measured, days: Sequence[EarlierDay], told: Sentences) -> Step:
    say = told.messages
    lines = [
        say(
            "explain_counted",
            n=c.observed,
            voices=c.voices,
            coverage=say.percent(c.coverage),
        )
    ]
    if c.capped:
        lines.append(say("remark_capped"))
    if days and c.expected is not None:
        shown = say.listed(f"{say.day(d.at)}: {d.posts}" for d in days[:DAYS_SHOWN])
        lines.append(say("explain_days", n=len(days), shown=shown))
    if c.expected is not None and c.ratio and c.excess:
        lines += [
            say(
                "explain_expected",
                expected=c.expected,
                days=c.history_days,
                posts=c.history_posts,
                dispersion=c.dispersion,
            ),
            say(
                "explain_ratio",
                n=c.observed,
                expected=c.expected,
                ratio=say.interval(c.ratio),
                excess=say.interval(c.excess),
            ),
            say(
                "explain_chance",
                p=say.p_value(c.p_value or 0.0),
                placebo=say.p_value(c.placebo_p or 0.0),
                blocks=c.blocks,
                least=c.minimum_detectable_ratio,
            ),
        ]
    verdict, reason = told.verdict(c.verdict), say(f"reason_{c.reason.value}")
    lines.append(say("explain_so", verdict=verdict, reason=reason))
    return Step(say("explain_source", source=c.source), tuple(lines))


def _together(o: OutageReport, c: Measured, say: Messages) -> Step:
    used = [x for x in o.channels if x.ratio and x.expected is not None]
    line = say(
        "explain_together_note",
        observed=" + ".join(say.show(x.observed) for x in used),
        expected=" + ".join(say.number(x.expected or 0.0) for x in used),
        ratio=say.interval(c.ratio),
    )
    return Step(say("explain_together"), (line,))


def _verdict(report: Report, o: OutageReport, told: Sentences) -> Step:
    say = told.messages
    enough = report.worth_events >= LEAST_REFERENCE
    basis = say("worth_reference", n=report.worth_events) if enough else say("worth_default")
    lines = [
        say("method_3", worth=report.worth, basis=basis),
        say("explain_so", verdict=told.verdict(o.verdict), reason=told.reason(o)),
    ]
    if o.shrug_index:
        lines.append(say("explain_index", index=say.interval(o.shrug_index)))
    lines += [line for line in (told.rank(o), told.own_past(o)) if line]
    return Step(say("column_verdict"), tuple(lines))


def _beside(o: OutageReport, told: Sentences) -> list[str]:
    lines = [told.presence(p) for p in o.boards] + told.volumes(o)
    if o.behaviour:
        turned = told.turned_to(o.behaviour)
        lines += [turned] if turned else []
        lines += told.felt(o.behaviour) + told.dynamics(o.behaviour) + [told.crowd(o.behaviour)]
    return lines
