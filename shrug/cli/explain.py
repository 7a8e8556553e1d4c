"""`shrug explain`"""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

from analysis.messages import Messages
from shrug.cli import options
from shrug.cli.console import messages, print_json, print_line, print_note
from shrug.cli.measure import measure_store
from shrug.cli.options import argument, option

if TYPE_CHECKING:
    from collections.abc import Sequence

POSTS_SHOWN = 20
MAX_TEXT_LENGTH = 160


def explain(
    outage: Annotated[str, argument("help_explain_outage")],
    posts: Annotated[int, option("--posts", "help_explain_posts", min=0)] = POSTS_SHOWN,
    as_json: options.AsJson = False,
    zone: options.Zone = "UTC",
    database: options.Database = "",
) -> None:
    """Explain how an outage's figures came about, down to the posts."""
    from analysis.report.explanation import explain
    from analysis.report.serialization import to_plain
    from shrug.measure.evidence import find_outage, load_evidence

    options.read_zone(zone)
    with options.open_store(database) as store:
        report = measure_store(store)
        chosen = find_outage(report.outages, outage)
        evidence = load_evidence(store, chosen)
    steps = explain(report, chosen, evidence.days, Messages(messages.lang, zone))
    if as_json:
        earlier_days = {source: [asdict(d) for d in days] for source, days in evidence.days.items()}
        print_json(
            {
                "simulated": report.simulated,
                "outage": to_plain(chosen),
                "steps": [asdict(step) for step in steps],
                "earlier_days": earlier_days,
                "posts": list(evidence.posts),
            }
        )
        return
    if report.simulated:
        print_note("simulated_banner")
    for number, step in enumerate(steps, 1):
        print_line(f"{number}. {step.title}")
        for line in step.lines:
            print_line(f"   {line}")
    _print_posts(evidence.posts, posts or len(evidence.posts), Messages(messages.lang, zone))


def _print_posts(posts: "Sequence[dict[str, Any]]", number: int, messages: Messages) -> None:
    print_line(messages("explain_posts", n=len(posts)))
    for post in posts[:number]:
        text = " ".join(str(post["text"]).split())[:MAX_TEXT_LENGTH]
        at = messages.time(post["created_at"])
        print_line(f"   {at} {post['source']} {post['id']} {post['url'] or ''}")
        print_line(f"      {text}")
    if number < len(posts):
        print_line(messages("explain_more", n=len(posts) - number))
