"""Outages and reports for the tests of what is made of them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from analysis.attention import verdicts
from analysis.attention.verdicts import Reason, Verdict
from analysis.attention.windows import Parameters
from analysis.behaviour.shares import (
    COUNTED_ACTS,
    AuthorCounts,
    Behaviour,
    NamedAlternative,
    measure_behaviour,
)
from analysis.report.claims import answer_claims
from analysis.report.data import OutageReport, Report
from analysis.validation.worlds import Scenario, simulate_outage

AT = datetime(2025, 8, 11, 13, 50, tzinfo=UTC)


def author_counts(number: int, **hits: int) -> AuthorCounts:
    """Authors of one post each, of whom so many did each act."""
    acts = np.zeros((number, len(COUNTED_ACTS)))
    for name, n in hits.items():
        acts[:n, COUNTED_ACTS.index(name)] = 1
    return AuthorCounts(np.ones(number), acts, np.zeros(number))


def measured_behaviour(
    posts: int, usual: int = 400, *, usual_dumber: int = 4, **hits: int
) -> Behaviour:
    """The behaviour of so many posts, of which so many did each act."""
    before = author_counts(usual, dumber=usual_dumber, switching=2)
    alternatives = (NamedAlternative("kimi", "Kimi", "Kimi", 3),)
    behaviour = measure_behaviour(author_counts(posts, **hits), before, alternatives, ())
    assert behaviour
    return behaviour


def make_outage(
    id_: int, provider: str, behaviour: Behaviour | None, ratio: float = 1.0
) -> OutageReport:
    """An AI provider's outage that drew `ratio` times the usual posts on one source."""
    scenario = Scenario("", 20, 0.02, spread=0.1)
    simulated = simulate_outage(np.random.default_rng(id_), scenario, ratio)
    measured = verdicts.measure("s", simulated.channel)
    return OutageReport(
        id=id_, provider=provider, provider_kind="ai", name_en=provider, name_zh=provider,
        start=AT, end=AT + timedelta(hours=2), ongoing=False, kind="outage", title="", url=None,
        origin="ledger", confirmed=True, rounded_minutes=0, read_at=None,
        window=(AT, AT + timedelta(hours=4)), channels=(measured,), combined=measured, boards=(),
        verdict=Verdict.CANT_TELL, reason=Reason.TOO_FEW, behaviour=behaviour,
    )  # fmt: skip


def make_report(outages: Sequence[OutageReport], **changed: Any) -> Report:
    """A report of a day with these outages, and nothing else unless it is `changed`."""
    values: dict[str, Any] = {
        "version": "1",
        "start": AT - timedelta(hours=12),
        "end": AT + timedelta(hours=12),
        "parameters": Parameters(),
        "worth": 2.0,
        "worth_events": 0,
        "outages": tuple(outages),
        "boards": (),
        "claims": answer_claims((), outages, None, simulated=False),
        "sources": (),
    }
    return Report(**values | changed)
