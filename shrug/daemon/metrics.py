"""What Prometheus reads: sources from the store at each scrape, jobs as they end."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from analysis.report.data import SourceCover
from db.core.engine import Store
from shrug.health.sources import Health
from shrug.measure.coverage import cover

DAY = timedelta(days=1)
BUCKETS = (0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600)


class Metrics:
    """The registry of one daemon."""

    def __init__(
        self, store: Store, health: Callable[[], Sequence[Health]], now: Callable[[], datetime]
    ) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_Sources(store, health, now))
        named = ["job"]
        self._seconds = Histogram(
            "shrug_job_seconds",
            "How long jobs took",
            named,
            buckets=BUCKETS,
            registry=self._registry,
        )
        self._runs = Counter(
            "shrug_job_runs", "Runs of jobs", [*named, "outcome"], registry=self._registry
        )

    def told(self, job: str, outcome: str, seconds: float) -> None:
        """A job has ended."""
        self._seconds.labels(job).observe(seconds)
        self._runs.labels(job, outcome).inc()

    def text(self) -> bytes:
        """In Prometheus' text format."""
        return generate_latest(self._registry)


class _Sources(Collector):
    def __init__(
        self, store: Store, health: Callable[[], Sequence[Health]], now: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._health = health
        self._now = now

    def collect(self) -> Iterable[GaugeMetricFamily]:
        now = self._now()
        posts = GaugeMetricFamily("shrug_source_posts", "Posts of the last day", labels=["source"])
        read = GaugeMetricFamily(
            "shrug_source_coverage", "Share of the last day that was read", labels=["source"]
        )
        for each in cover(self._store, now - DAY, now):
            _add_cover(each, posts, read)
        lag = GaugeMetricFamily(
            "shrug_source_lag_seconds", "Since the last crawl began", labels=["source"]
        )
        well = GaugeMetricFamily(
            "shrug_source_well", "1 where the last crawl missed nothing", labels=["source", "state"]
        )
        for health in self._health():
            if health.last is not None:
                lag.add_metric([health.source], (now - health.last).total_seconds())
                well.add_metric([health.source, health.state], float(health.state == "well"))
        return posts, read, lag, well


def _add_cover(each: SourceCover, posts: GaugeMetricFamily, read: GaugeMetricFamily) -> None:
    posts.add_metric([each.source], each.posts)
    if each.strip:
        read.add_metric([each.source], each.covered_hours / 24)
