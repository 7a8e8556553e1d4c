"""`shrug doctor`"""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from shrug.cli import options
from shrug.cli.console import complain, say, tell_json, tell_table

if TYPE_CHECKING:
    from db.core.engine import Store
    from shrug.health.checks import Check
    from shrug.health.sources import Health


def doctor(
    everything: Annotated[bool, typer.Option("--all", help=say("help_doctor_all"))] = False,
    fix: Annotated[bool, typer.Option("--fix", help=say("help_fix"))] = False,
    alert: Annotated[bool, typer.Option("--alert", help=say("help_alert"))] = False,
    as_json: options.AsJson = False,
    database: options.Database = "",
) -> None:
    """How the store and each source are, and what to do about it."""
    from shrug.health.checks import checks, mend
    from shrug.health.sources import FINE, sources

    # What waits to be scored is no illness either.
    fine = FINE | {"unscored"}

    with options.store(database) as store:
        settings = options.settings()
        around = checks(store, settings, datetime.now(UTC))
        if fix and sum(mend(check, store, settings) for check in around):
            around = checks(store, settings, datetime.now(UTC))
        found = sources(store, settings.secrets, settings.addresses, datetime.now(UTC))
        failed = _alerted(store, found, settings.alert.get_secret_value()) if alert else None
    if failed:
        complain(failed)
    if as_json:
        told = [{**asdict(c), "advice": _advice(c)} for c in around]
        tell_json({"checks": told, "sources": [asdict(s) for s in found]})
    else:
        # Who is told by an alert needs no list of what is well.
        hidden = set() if everything else fine if alert else {"off"}
        _show([c for c in around if not (alert and c.state in fine)])
        _show_sources([s for s in found if s.state not in hidden])
    states = {c.state for c in around} | {s.state for s in found}
    if states - fine or failed:
        raise typer.Exit(1)


def _alerted(store: "Store", found: "list[Health]", address: str) -> str | None:
    from shrug.health.alerts import alert

    return alert(store, found, address, say) if address else None


def _advice(check: "Check") -> str:
    return say(f"check_{check.state}", **check.values)


def _show(around: "list[Check]") -> None:
    columns = {name: say(f"doctor_{name}") for name in ("checked", "what")}
    tell_table(columns, [(say(f"checked_{c.what}"), _advice(c)) for c in around])


def _show_sources(found: "list[Health]") -> None:
    from shrug.health.sources import advice

    names = ("source", "tier", "state", "last", "posts", "what")
    rows = [
        (
            s.source,
            s.tier,
            say(f"state_{s.state}"),
            say.show(s.last),
            say.show(s.posts),
            advice(s, say),
        )
        for s in found
    ]
    tell_table({name: say(f"doctor_{name}") for name in names}, rows)
