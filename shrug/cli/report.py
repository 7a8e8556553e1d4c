"""`shrug report`"""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from analysis.messages import LANGUAGES
from db.errors import BadInput
from shrug.cli import options
from shrug.cli.measure import measured
from shrug.cli.speech import say, tell

if TYPE_CHECKING:
    from analysis.report.data import Report


def report(
    week: Annotated[str, typer.Option("--week", help=say("help_week"))] = "",
    start: options.From = "",
    end: options.To = "",
    lang: Annotated[str, typer.Option("--lang", help=say("help_lang"))] = "",
    folder: Annotated[Path, typer.Option("--out", help=say("help_out"))] = Path("out"),
    zone: options.Zone = "UTC",
    database: options.Database = "",
) -> None:
    """Write the report of a week or of any span."""
    tz = options.zone_of(zone)
    if lang and lang not in LANGUAGES:
        raise BadInput(f"--lang: {' or '.join(LANGUAGES)}, not {lang[:20]!r}")
    if week and (start or end):
        raise BadInput("--week and --from/--to exclude each other")
    if bool(start) != bool(end):
        raise BadInput("--from and --to go together")
    if start:
        edges = options.instant(start, tz, "--from"), options.instant(end, tz, "--to")
        since, until = options.span(*edges)
    else:
        since, until = (
            options.week_of(week, tz) if week else options.last_week(datetime.now(UTC), tz)
        )
    with options.store(database) as store:
        found = measured(store, since, until)
    for path in written(found, folder, [lang] if lang else list(LANGUAGES), zone):
        tell("cli_report", path=path)


def written(report: "Report", folder: Path, langs: list[str], zone: str) -> list[Path]:
    """Write the report's files into a folder; each stands there whole or not at all."""
    from analysis.messages import Messages
    from analysis.report import as_json, render

    texts = {"report.json": as_json.dump(report)}
    for lang in langs:
        messages = Messages(lang, zone)
        texts[f"report.{lang}.html"] = render.html(report, messages)
        texts[f"report.{lang}.md"] = render.markdown(report, messages)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            part = folder / f".{name}.part"
            part.write_text(text, encoding="utf-8")
            part.replace(folder / name)
    except OSError as error:
        raise BadInput(f"--out: {folder}: {error.strerror}") from None
    return [folder / name for name in sorted(texts)]
