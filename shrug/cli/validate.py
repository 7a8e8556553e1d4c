"""`shrug validate`"""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from shrug.cli import options
from shrug.cli.console import out, progress, remark, say, tell, tell_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.validation.bounds import Check
    from analysis.validation.row import Row


def validate(
    outages: Annotated[int, typer.Option("--outages", min=50, help=say("help_outages"))] = 2000,
    seed: Annotated[int, typer.Option("--seed", min=0, help=say("help_seed"))] = 0,
    keep: Annotated[bool, typer.Option("--keep", help=say("help_keep"))] = False,
    as_json: options.AsJson = False,
) -> None:
    """The estimator against worlds whose truth is known."""
    from analysis.validation import results
    from analysis.validation.bounds import checks
    from analysis.validation.trial import CELLS
    from shrug.measure import validation

    with progress() as shown:
        task = shown.add_task(say("cli_validating"), total=len(CELLS))
        rows = validation.validate(outages, seed, lambda: shown.advance(task))
    found = checks(rows)
    if keep:
        results.write(rows, seed)
    if as_json:
        value = {
            "seed": seed,
            "rows": [asdict(r) for r in rows],
            "checks": [asdict(c) for c in found],
        }
        out.print(json.dumps(value))
    else:
        _show(rows)
    _judge(found, as_json)


def _show(rows: "Sequence[Row]") -> None:
    from analysis.report.sentences import COLUMNS, validation_cells

    head = validation_cells(say)
    tell_table(
        dict(zip(COLUMNS, head, strict=True)), [validation_cells(say, r) for r in rows], COLUMNS[1:]
    )


def _judge(found: "Sequence[Check]", quiet: bool) -> None:
    broken = [check for check in found if not check.kept]
    for check in broken:
        remark(
            "cli_broken",
            cell=check.cell,
            promise=say(f"promise_{check.promise}"),
            share=say.percent(check.share),
            bound=say.percent(check.bound),
        )
    if not quiet:
        tell("cli_kept", kept=len(found) - len(broken), all=len(found))
    if broken:
        raise typer.Exit(1)
