"""The daemon's HTTP server says whether the daemon is well."""

from starlette.testclient import TestClient

from db.core.errors import ShrugError
from shrug.daemon.server import application


class StubMetrics:
    """Metrics whose store may be out of reach."""

    def __init__(self, error: str = "") -> None:
        self._error = error

    def text(self) -> bytes:
        if self._error:
            raise ShrugError(self._error)
        return b"shrug_job_runs 1\n"


def test_a_daemon_that_is_well_answers_200() -> None:
    client = TestClient(application(StubMetrics(), lambda: None, lambda: None))  # type: ignore[arg-type]
    for path in ("/health", "/ready"):
        response = client.get(path)
        assert (response.status_code, response.text) == (200, "well\n")
    assert client.get("/metrics").text == "shrug_job_runs 1\n"


def test_a_problem_is_answered_with_503_and_its_name() -> None:
    metrics = StubMetrics("the store is locked")
    app = application(metrics, lambda: "no heartbeat", lambda: "no store")  # type: ignore[arg-type]
    client = TestClient(app)
    for path, text in (
        ("/health", "no heartbeat\n"),
        ("/ready", "no store\n"),
        ("/metrics", "the store is locked\n"),
    ):
        response = client.get(path)
        assert (response.status_code, response.text) == (503, text)
