"""Metrics are what Prometheus reads."""

from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from tests.shrug.daemon.processes import daemon


def test_metrics_are_what_prometheus_reads(url: str, config: Path) -> None:
    with daemon(url, config) as running:
        running.wait_for_line("job ledger: done")
        status, text = running.get("/metrics")
        assert status == 200
        families = {f.name: f for f in text_string_to_metric_families(text)}
        assert {"shrug_source_posts", "shrug_source_lag_seconds"} <= set(families)
        done = [s for s in families["shrug_job_runs"].samples if s.labels.get("job") == "ledger"]
        assert {s.labels["outcome"] for s in done} == {"done"}
