"""The text of a message: the headline, then every verdict with its figures."""

from dataclasses import replace

from analysis.messages import Messages
from analysis.report.data import OutageReport, Report
from analysis.report.render import attention_order
from analysis.report.sentences import Sentences
from shrug.delivery.subscribers import Subscriber

MOST_OUTAGES = 20


def filter_outages(report: Report, subscriber: Subscriber) -> Report:
    """Return the report with only the outages that a subscriber chose; figures stay the same."""

    def is_chosen(o: OutageReport) -> bool:
        return (
            (not subscriber.providers or o.provider in subscriber.providers)
            and (not subscriber.classes or o.provider_kind in subscriber.classes)
            and (not subscriber.verdicts or o.verdict.name.lower() in subscriber.verdicts)
        )

    return replace(report, outages=tuple(o for o in report.outages if is_chosen(o)))


def title(report: Report, messages: Messages) -> str:
    """Return the title of the message."""
    sentences = Sentences(report, messages)
    name = sentences.title() if report.week else messages("span_title", **_span(report, messages))
    return f"shrug · {name}"


def text(report: Report, messages: Messages, link: str | None) -> str:
    """Return the message as plain text: the verdicts and their figures."""
    sentences, say = Sentences(report, messages), messages
    lines = [say("simulated_banner")] if report.simulated else []
    lines += [*sentences.headline(), ""]
    judged = sorted(report.judged, key=attention_order)
    lines += [_line(o, sentences) for o in judged[:MOST_OUTAGES]]
    if len(judged) > MOST_OUTAGES:
        lines.append(say("delivery_more", n=len(judged) - MOST_OUTAGES))
    lines += ["", *sentences.notes(), say("delivery_linked", link=link) if link else ""]
    return "\n".join(lines).strip() + "\n"


def _line(o: OutageReport, sentences: Sentences) -> str:
    say = sentences.messages
    return say(
        "delivery_line",
        name=say.name(o),
        span=sentences.span(o),
        verdict=sentences.verdict(o.verdict),
        ratio=say.interval(o.ratio),
        posts=sentences.posts(o.combined),
        board=sentences.board_cell(o),
    )


def _span(report: Report, messages: Messages) -> dict[str, str]:
    return {"start": messages.day(report.start), "end": messages.day(report.end)}
