"""Outages that a burst of posts suggests."""

import json
from datetime import timedelta

from db.core.engine import Store
from db.crawl import outages
from tests.conftest import Run
from tests.shrug.measure.floods import OUTAGE, fill_with_flood, make_post


def test_a_burst_suggests_an_outage_that_judges_nothing_until_confirmed(
    run: Run, store: Store
) -> None:
    at = [OUTAGE + timedelta(days=-5, seconds=10 * i) for i in range(300)]
    fill_with_flood(store, [make_post(10_000 + i, t, 10_000 + i) for i, t in enumerate(at)])
    for _ in range(2):
        code, out, _ = run("outages", "suggest")
        assert code == 0
        assert out.startswith("1 outages suggested")
    with store.reading() as connection:
        known = outages.read(connection)
    suggested = [o for o in known if o.origin == "burst"]
    assert [(o.start, o.confirmed) for o in suggested] == [(OUTAGE - timedelta(days=5), False)]
    measured = json.loads(run("measure", "--json")[1])["outages"]
    reasons = {o["origin"]: o["reason"] for o in measured}
    assert reasons["burst"] == "found_in_posts"
    assert "outage?" in run("outages", "list")[1]
    run("outages", "confirm", suggested[0].id)
    assert "outage?" not in run("outages", "list")[1]
    run("outages", "suggest")
    measured = json.loads(run("measure", "--json")[1])["outages"]
    assert {o["origin"]: o["verdict"] for o in measured}["burst"] == "noticed"
