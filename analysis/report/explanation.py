"""The explanation of one outage's figures, step by step, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from analysis.attention.verdicts import Measurement
from analysis.messages import Messages
from analysis.report.data import OutageReport, Report
from analysis.report.sentences import Sentences

DAYS_SHOWN = 14


@dataclass(frozen=True, slots=True)
class EarlierDay:
    """The same window on an earlier day: its start, its posts, and the hours that were read."""

    at: datetime
    posts: int
    hours: float


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the explanation."""

    title: str
    lines: tuple[str, ...]


def explain(
    report: Report, outage: OutageReport, days: Mapping[str, Sequence[EarlierDay]], say: Messages
) -> list[Step]:
    """Every step from the outage to the verdict, with its figures; steps without any are left out.

    days: the earlier days that each source's window was compared with, newest first.
    """
    sentences = Sentences(report, say)
    lines = {
        "explain_outage": _outage(outage, sentences),
        "explain_window": _window(outage, sentences),
        "explain_asked": [sentences.query(outage)] if outage.channels else [],
    }
    steps = [Step(say(title), tuple(parts)) for title, parts in lines.items()]
    for channel in outage.channels:
        parts = _source(channel, days.get(channel.source, ()), sentences)
        steps.append(Step(say("explain_source", source=channel.source), tuple(parts)))
    if outage.combined:
        steps.append(Step(say("explain_together"), (_together(outage, outage.combined, say),)))
    steps.append(Step(say("column_verdict"), tuple(_verdict(outage, sentences))))
    steps.append(Step(say("explain_beside"), tuple(_beside(outage, sentences))))
    return [step for step in steps if step.lines]


def _outage(o: OutageReport, sentences: Sentences) -> list[str]:
    say = sentences.messages
    lines = [
        f"{say.name(o)} · {sentences.span(o)} · {say(f'kind_{o.kind}')}",
        o.title,
        say("explain_origin", origin=say(f"origin_{o.origin}"), where=o.url or o.read_at or "–"),
    ]
    return [line for line in lines if line]


def _window(o: OutageReport, sentences: Sentences) -> list[str]:
    lead, lag = sentences.lead_and_lag()
    start, end = o.window
    return [sentences.messages("explain_window_note", lead=lead, lag=lag, start=start, end=end)]


def _source(c: Measurement, days: Sequence[EarlierDay], sentences: Sentences) -> list[str]:
    say = sentences.messages
    coverage = say.percent(c.coverage)
    lines = [say("explain_counted", n=c.observed, voices=c.voices, coverage=coverage)]
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
    verdict, reason = sentences.verdict(c.verdict), say(f"reason_{c.reason.value}")
    return [*lines, say("explain_so", verdict=verdict, reason=reason)]


def _together(o: OutageReport, c: Measurement, say: Messages) -> str:
    used = [x for x in o.channels if x.ratio and x.expected is not None]
    return say(
        "explain_together_note",
        observed=" + ".join(say.show(x.observed) for x in used),
        expected=" + ".join(say.number(x.expected or 0.0) for x in used),
        ratio=say.interval(c.ratio),
    )


def _verdict(o: OutageReport, sentences: Sentences) -> list[str]:
    say = sentences.messages
    verdict, reason = sentences.verdict(o.verdict), sentences.reason(o)
    lines = [sentences.worth(), say("explain_so", verdict=verdict, reason=reason)]
    if o.shrug_index:
        lines.append(say("explain_index", index=say.interval(o.shrug_index)))
    return lines + [line for line in (sentences.rank(o), sentences.own_past(o)) if line]


def _beside(o: OutageReport, sentences: Sentences) -> list[str]:
    lines = [sentences.presence(p) for p in o.boards] + sentences.volumes(o)
    if not o.behaviour:
        return lines
    named = sentences.turned_to(o.behaviour)
    return [
        *lines,
        *([named] if named else []),
        *sentences.felt(o.behaviour),
        *sentences.dynamics(o.behaviour),
        sentences.sample(o.behaviour),
    ]
