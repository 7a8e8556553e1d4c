"""Measuring one outage, here and in another process."""

import pickle
from datetime import timedelta

from analysis.attention.verdicts import Verdict
from analysis.attention.windows import Parameters
from db.core.engine import Store
from db.crawl import outages
from shrug.measure.outage import OutageMeasurer
from tests.shrug.measure.floods import OUTAGE, fill_with_flood, make_post


def test_a_pickled_measurer_measures_the_same(store: Store) -> None:
    times = [OUTAGE + timedelta(seconds=10 * i) for i in range(300)]
    fill_with_flood(store, [make_post(n, t, n) for n, t in enumerate(times, start=10_000)])
    with store.reading() as connection:
        (outage,) = outages.read(connection)
    measurer = OutageMeasurer(store, Parameters(), OUTAGE + timedelta(days=1), {}, {})
    report = measurer.measure(outage)
    assert report.verdict is Verdict.CANT_TELL
    assert report.ratio is not None
    assert report.ratio.low > 3
    detailed = measurer.with_details(report)
    assert len(detailed.quotes) == 5
    assert detailed.behaviour is None or detailed.behaviour.posts <= 300
    elsewhere = pickle.loads(pickle.dumps(measurer))  # noqa: S301 - pickled by this test
    assert elsewhere.measure(outage).ratio == report.ratio
