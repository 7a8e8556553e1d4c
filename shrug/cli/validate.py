"""`shrug validate`"""

from typing import TYPE_CHECKING, Annotated

import typer

from shrug.cli import options
from shrug.cli.console import (
    messages,
    print_json,
    print_message,
    print_note,
    print_table,
    progress,
    titles,
)
from shrug.cli.options import option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.validation.bounds import PromiseCheck
    from analysis.validation.results import ScenarioResult


def validate(
    outages: Annotated[int, option("--outages", "help_validate_outages", min=50)] = 2000,
    seed: Annotated[int, option("--seed", "help_seed", min=0)] = 0,
    keep: Annotated[bool, option("--keep", "help_keep")] = False,
    as_json: options.AsJson = False,
) -> None:
    """Validate the estimator on simulated outages whose true effect is known."""
    from analysis.report.serialization import to_plain
    from analysis.validation import results
    from analysis.validation.bounds import check_promises
    from analysis.validation.trial import SCENARIOS
    from shrug.measure import validation

    with progress("cli_validating", len(SCENARIOS)) as bar:
        rows = validation.validate(outages, seed, bar.advance)
    outcomes = check_promises(rows)
    if keep:
        results.save(rows, seed)
    if as_json:
        figures = {"rows": list(map(to_plain, rows)), "checks": list(map(to_plain, outcomes))}
        print_json({"seed": seed, **figures})
    else:
        _print_rows(rows)
    _print_broken(outcomes, as_json)


def _print_rows(rows: "Sequence[ScenarioResult]") -> None:
    from analysis.report.sentences import VALIDATION_COLUMNS, validation_row

    columns = titles(*VALIDATION_COLUMNS, kind="validation")
    print_table(columns, [validation_row(messages, row) for row in rows], VALIDATION_COLUMNS[1:])


def _print_broken(results: "Sequence[PromiseCheck]", quiet: bool) -> None:
    broken = [check for check in results if not check.is_kept]
    for check in broken:
        print_note(
            "cli_broken",
            cell=check.scenario,
            promise=messages(f"promise_{check.promise}"),
            share=messages.percent(check.share),
            bound=messages.percent(check.bound),
        )
    if not quiet:
        print_message("cli_kept", kept=len(results) - len(broken), all=len(results))
    if broken:
        raise typer.Exit(1)
