"""The text of a message: the headline, then every verdict with its figures."""

from dataclasses import replace

from analysis.messages import Messages
from analysis.report.data import OutageReport, Report
from analysis.report.render import order
from analysis.report.sentences import Sentences
from shrug.delivery.subscribers import Subscriber

MOST = 20


def filtered(report: Report, subscriber: Subscriber) -> Report:
    """A report with only the outages that a subscriber asked for; figures stay as they are."""

    def wanted(o: OutageReport) -> bool:
        return (
            (not subscriber.providers or o.provider in subscriber.providers)
            and (not subscriber.classes or o.provider_kind in subscriber.classes)
            and (not subscriber.verdicts or o.verdict.name.lower() in subscriber.verdicts)
        )

    return replace(report, outages=tuple(o for o in report.outages if wanted(o)))


def title(report: Report, messages: Messages) -> str:
    """What the message is called."""
    told = Sentences(report, messages)
    name = told.title() if report.week else messages("span_title", **_span(report, messages))
    return f"shrug · {name}"


def text(report: Report, messages: Messages, link: str | None) -> str:
    """Plain text: what is judged, and on what figures."""
    told, say = Sentences(report, messages), messages
    lines = [say("simulated_banner")] if report.simulated else []
    lines += [*told.headline(), ""]
    judged = sorted(report.judged, key=order)
    lines += [_line(o, told) for o in judged[:MOST]]
    if len(judged) > MOST:
        lines.append(say("delivery_more", n=len(judged) - MOST))
    lines += ["", *told.notes(), say("delivery_linked", link=link) if link else ""]
    return "\n".join(lines).strip() + "\n"


def _line(o: OutageReport, told: Sentences) -> str:
    say = told.messages
    return say(
        "delivery_line",
        name=say.name(o),
        span=told.span(o),
        verdict=told.verdict(o.verdict),
        ratio=say.interval(o.ratio),
        posts=told.posts(o.combined),
        board=told.board_cell(o),
    )


def _span(report: Report, messages: Messages) -> dict[str, str]:
    return {"start": messages.day(report.start), "end": messages.day(report.end)}
