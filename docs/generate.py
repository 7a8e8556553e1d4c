"""Writes the parts of docs/ that say what the code and the catalogue say: `make docs`."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from analysis.report.json_schema import report_schema
from analysis.validation import results
from db import catalog
from docs.measured import behaviour_rows, scorer_rows, validation_rows
from shrug.web import openapi

FOLDER = Path(__file__).parent
NOTE = "<!-- Made by docs/generate.py; make docs writes it anew. -->\n"


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table."""
    cells = [head, ["---"] * len(head), *rows]
    shown = (
        " | ".join(str(c).replace("|", "\\|").replace("\n", " ") for c in row) for row in cells
    )
    return "".join(f"| {row} |\n" for row in shown)


def commands() -> str:
    """Every command's help, in English."""
    done = subprocess.run(
        [sys.executable, "-m", "typer", "shrug.cli.app", "utils", "docs", "--name", "shrug"],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "SHRUG_LANG": "en"},
    )
    # Which shells there are to complete for, typer finds out on each machine.
    lines = [line for line in done.stdout.splitlines(keepends=True) if "-completion" not in line]
    return NOTE + "".join(lines)


def sources() -> str:
    """The sources, with what normal looks like."""
    rows = [
        (
            s.key,
            s.tier,
            ", ".join(s.missing_settings({})),
            s.gives,
            s.queries,
            s.url
            or ("each provider's own page" if s.queries == "page" else "a server of your own"),
            f"{s.quota} requests an hour" if s.quota else "",
            f"{s.delay:g} s",
            f"{s.every} min",
            f"{s.first_hours} h",
            ", ".join(s.filled),
            s.form,
            s.checked,
        )
        for s in catalog.sources().values()
    ]
    head = (
        "source",
        "tier",
        "log-in",
        "gives",
        "asked for",
        "address",
        "limit",
        "between requests",
        "asked every",
        "at first",
        "never empty",
        "form seen in",
        "checked",
    )
    note = (
        "Tier A is on by default, B is on but fragile, C is off until the keys that it needs are "
        "set. `shrug doctor` says how each one is. What is asked every so often is asked four times"
        " as often while an outage goes on, and a quarter as often where nothing comes (`shrug "
        "crawl --due`), always within half of its limit. Never empty: fields that most posts of an "
        "answer must have; where they have not, the source has changed its form, which is told, and"
        " nothing is taken to be covered. A server of your own is named with `--address "
        "SOURCE=URL` or in `SHRUG_ADDRESSES`, as JSON.\n\n"
        "X is not covered: it can't be read without paid "
        "credits. Of signed or walled places (Zhihu's search, "
        "Xiaohongshu, Bilibili's search) exports of other tools can be imported: "
        "[imports.md](imports.md).\n\n"
    )
    return f"{NOTE}# Sources\n\n{note}{table(head, rows)}"


def providers() -> str:
    """The providers and every name they go by."""
    rows = []
    for p in catalog.providers().values():
        strong = ", ".join(text for text, weak in p.aliases if not weak)
        weak = ", ".join(text for text, weak in p.aliases if weak)
        others = ", ".join(p.alternatives)
        rows.append((p.key, p.kind, p.name_en, p.name_zh, strong, weak, others))
    head = ("key", "kind", "English", "Chinese", "names", "only with context", "alternatives")
    return f"{NOTE}# Providers\n\n{table(head, rows)}"


def ledger() -> str:
    """The bundled outages, each with where its times were read."""
    rows = [
        (
            o.provider,
            o.start.strftime("%Y-%m-%d %H:%M"),
            o.end.strftime("%Y-%m-%d %H:%M") if o.end else "",
            o.start.tzname(),
            o.kind,
            f"to {o.rounded_minutes} min" if o.rounded_minutes else "",
            o.title,
            o.url or "",
            o.read_at,
        )
        for o in catalog.ledger()
    ]
    head = ("provider", "start", "end", "zone", "kind", "rounded", "title", "link", "times read at")
    return f"{NOTE}# The bundled ledger of outages\n\n{table(head, rows)}"


def scorers() -> str:
    """The cards of the bundled scorers."""
    return f"""{NOTE}# The bundled scorers, as measured

{table(*scorer_rows())}
All posts were written for this project and labelled by hand (`analysis/labels/posts`), by the same
people who made the field's word lists: expect less on posts of strangers. What a score is worth on
yours, `shrug sentiment evaluate FILE` measures. How they are made: [sentiment.md](sentiment.md).
"""


def behaviour() -> str:
    """How well the rules on what posts do agree with labelled posts."""
    return f"""{NOTE}# What posts do

Whether a post complains, turns to another provider, finds the model dumber, is relieved, jokes,
reports, asks or shrugs it off, and which provider it says failed, is read by rules on words:
`analysis/labels/acts.yaml`, which says how to edit it. A post can do several of these.

{table(*behaviour_rows())}
Precision: of the posts that a rule finds, how many do it. Recall: of those that do it, how many the
rule finds. All posts were written for this project (`analysis/labels/posts`), in Chinese and
English, and labelled by hand. The rules were made and widened with the known ones at hand. The
fresh ones were written after that and have changed none of them (false alarms on the demo's quiet
posts have,
twice, since): they are what to expect, and they are few. Before the rules were widened they found
barely a third of what another hundred posts did; new ways to say a thing will always be missed, so
shares are lower bounds rather than counts. Irony is mostly missed.

How shares, lifts and intervals come from this: [measurement.md](measurement.md).
"""


def validation() -> str:
    """The validation as last measured."""
    return f"""{NOTE}# Does the method keep its promises?

{table(*validation_rows())}
`make validate` makes this table: {results.last().rows[0].outages:,} outages for each figure, in
worlds whose truth is known (`analysis/validation/worlds.py`): a daily and a weekly shape, a level
that wanders and is correlated from hour to hour, a trend of 20% in eight weeks, overdispersed
counts, a tenth of the hours missing, a window of four hours, eight weeks of history. The last nine
worlds each change one thing.

- Silence is a true ratio of 1; threefold attention one of 3. The interval's column spans ratios of
  1, 2 and 3. Shrugged off means that a ratio of 2 is ruled out.
- In brackets: what one would get who knows shape, level and dispersion.
- The rival is the published rule of the best-known outage site (Downdetector): alarm when the count
  lies significantly above the mean of that time of day. Its limit is set anew in each world so
  that it finds as much threefold attention as we do, which the rule itself can't do; its false
  alarms are then those of the last column.
- A holiday that nothing foretold can't be known: the interval misses the truth more often and
  attention looks smaller than it is, so that twofold attention is called shrugged off too often.
  No false alarm comes of it, which is all that is promised there.

`shrug validate` fails where a promise is broken by more than three standard errors: silence noticed
at most 5%, twofold attention shrugged off at most 2.5%, the interval holding at least 93% (at most
97% where 20 posts or more are expected), threefold attention found, and silence
shrugged off, at least 90% as often as at best, no more false alarms than the rival. The last three
are promised in the first five worlds.
"""


def as_indented(value: object) -> str:
    """JSON for people."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


PAGES: Mapping[str, Callable[[], str]] = {
    "validation.md": validation,
    "commands.md": commands,
    "sources.md": sources,
    "providers.md": providers,
    "ledger.md": ledger,
    "scorers.md": scorers,
    "behaviour.md": behaviour,
    "report.schema.json": lambda: as_indented(report_schema()),
    "openapi.json": lambda: as_indented(openapi.description("")),
}


def main() -> None:
    """Write every page."""
    for name, make in PAGES.items():
        (FOLDER / name).write_text(make(), encoding="utf-8")


if __name__ == "__main__":
    main()
