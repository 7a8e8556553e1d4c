"""`shrug doctor`"""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from shrug.cli import options
from shrug.cli.console import messages, print_error, print_json, print_table, titles
from shrug.cli.options import option

if TYPE_CHECKING:
    from shrug.health.alerts import send_alert
    from shrug.health.checks import Check
    from shrug.health.sources import SourceHealth


def doctor(
    everything: Annotated[bool, option("--all", "help_doctor_all")] = False,
    fix: Annotated[bool, option("--fix", "help_fix")] = False,
    alert: Annotated[bool, option("--alert", "help_alert")] = False,
    as_json: options.AsJson = False,
    database: options.Database = "",
) -> None:
    """Print the state of the store and of each source, and what to do about it."""
    from shrug.health.checks import repair, run_checks
    from shrug.health.sources import HEALTHY_STATES, source_health

    # Posts that wait to be scored are no problem.
    fine = HEALTHY_STATES | {"unscored"}

    with options.open_store(database) as store:
        settings = options.settings()
        results = run_checks(store, settings, datetime.now(UTC))
        if fix and sum(repair(check, store, settings) for check in results):
            results = run_checks(store, settings, datetime.now(UTC))
        health = source_health(store, settings.secrets, settings.addresses, datetime.now(UTC))
        address = settings.alert.get_secret_value() if alert else ""
        alert_error = send_alert(store, health, address, messages) if address else None
    if alert_error:
        print_error(alert_error)
    if as_json:
        rows = [{**asdict(c), "advice": _advice(c)} for c in results]
        print_json({"checks": rows, "sources": [asdict(s) for s in health]})
    else:
        # A run that sends alerts lists only what needs attention.
        hidden = set() if everything else fine if alert else {"off"}
        _print_checks([c for c in results if not (alert and c.state in fine)])
        _print_sources([s for s in health if s.state not in hidden])
    states = {c.state for c in results} | {s.state for s in health}
    if states - fine or alert_error:
        raise typer.Exit(1)


def _advice(check: "Check") -> str:
    return messages(f"check_{check.state}", **check.values)


def _print_checks(results: "list[Check]") -> None:
    columns = titles("checked", "what", kind="doctor")
    print_table(columns, [(messages(f"checked_{c.what}"), _advice(c)) for c in results])


def _print_sources(health: "list[SourceHealth]") -> None:
    from shrug.health.sources import advice

    rows = [
        (
            s.source,
            s.tier,
            messages(f"state_{s.state}"),
            messages.show(s.last),
            messages.show(s.posts),
            advice(s, messages),
        )
        for s in health
    ]
    columns = titles("source", "tier", "state", "last", "posts", "what", kind="doctor")
    print_table(columns, rows)
