"""Metrics for Prometheus: sources from the store at each scrape, jobs as they end."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from db.core.engine import Store
from shrug.health.sources import SourceHealth
from shrug.measure.coverage import source_coverage

DAY = timedelta(days=1)
BUCKETS = (0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600)


class Metrics(Collector):
    """The metrics of one daemon; it collects those of the sources itself."""

    def __init__(self, store: Store, health: Callable[[], Sequence[SourceHealth]]) -> None:
        self._store = store
        self._health = health
        self._registry = CollectorRegistry()
        self._registry.register(self)
        self._seconds = Histogram(
            "shrug_job_seconds",
            "How long jobs took",
            ["job"],
            buckets=BUCKETS,
            registry=self._registry,
        )
        self._runs = Counter(
            "shrug_job_runs", "Runs of jobs", ["job", "outcome"], registry=self._registry
        )

    def record_run(self, job: str, outcome: str, seconds: float) -> None:
        """Record that a job has ended."""
        self._seconds.labels(job).observe(seconds)
        self._runs.labels(job, outcome).inc()

    def text(self) -> bytes:
        """Return all metrics in Prometheus' text format."""
        return generate_latest(self._registry)

    def collect(self) -> Iterable[GaugeMetricFamily]:
        now = datetime.now(UTC)
        posts = GaugeMetricFamily("shrug_source_posts", "Posts of the last day", labels=["source"])
        read = GaugeMetricFamily(
            "shrug_source_coverage", "Share of the last day that was read", labels=["source"]
        )
        for each in source_coverage(self._store, now - DAY, now):
            posts.add_metric([each.source], each.posts)
            if each.strip:
                read.add_metric([each.source], each.covered_hours / 24)
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
