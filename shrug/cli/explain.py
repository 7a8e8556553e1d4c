"""`shrug explain`"""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from analysis.messages import Messages
from shrug.cli import options
from shrug.cli.console import out, printable, remark, say, tell_json
from shrug.cli.measure import measured

if TYPE_CHECKING:
    from collections.abc import Sequence

SHOWN = 20
LONGEST = 160


def explain(
    outage: Annotated[str, typer.Argument(help=say("help_explain_outage"))],
    posts: Annotated[int, typer.Option("--posts", min=0, help=say("help_explain_posts"))] = SHOWN,
    as_json: options.AsJson = False,
    zone: options.Zone = "UTC",
    database: options.Database = "",
) -> None:
    """How an outage's figures came about, down to the posts."""
    from analysis.report.explanation import explained
    from analysis.report.serialization import to_plain
    from shrug.measure.evidence import ground, one
    from shrug.measure.measurement import first_outage

    options.zone_of(zone)
    with options.store(database) as store:
        now = datetime.now(UTC)
        report = measured(store, first_outage(store, now), now)
        found = one(report.outages, outage)
        rests = ground(store, found)
    steps = explained(report, found, rests.days, Messages(say.lang, zone))
    if as_json:
        days = {source: [asdict(d) for d in own] for source, own in rests.days.items()}
        tell_json(
            {
                "simulated": report.simulated,
                "outage": to_plain(found),
                "steps": [asdict(step) for step in steps],
                "earlier_days": days,
                "posts": list(rests.posts),
            }
        )
        return
    if report.simulated:
        remark("simulated_banner")
    for number, step in enumerate(steps, 1):
        out.print(printable(f"{number}. {step.title}"))
        for line in step.lines:
            out.print(printable(f"   {line}"))
    _show(rests.posts, posts or len(rests.posts), Messages(say.lang, zone))


def _show(posts: "Sequence[dict[str, Any]]", number: int, messages: Messages) -> None:
    out.print(messages("explain_posts", n=len(posts)))
    for post in posts[:number]:
        text = " ".join(str(post["text"]).split())[:LONGEST]
        at = messages.time(post["created_at"])
        out.print(printable(f"   {at} {post['source']} {post['id']} {post['url'] or ''}"))
        out.print(printable(f"      {text}"))
    if number < len(posts):
        out.print(messages("explain_more", n=len(posts) - number))
