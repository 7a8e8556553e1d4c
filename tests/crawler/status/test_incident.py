"""Incidents of all platforms are built alike."""

from datetime import UTC, datetime

import pytest

from crawler.status.incident import OUTAGE, Incident, component_names

START = datetime(2026, 8, 1, tzinfo=UTC)


@pytest.mark.parametrize("end", [None, "", 0])
def test_an_incident_without_an_end_is_open(end: object) -> None:
    assert Incident.make(1, "down", START.isoformat(), end, OUTAGE).end is None


def test_an_incident_never_ends_before_its_start() -> None:
    incident = Incident.make(1, "down", START.isoformat(), "2026-07-31T00:00:00Z", OUTAGE)
    assert incident.end == incident.start == START


def test_components_without_an_id_are_left_out_and_repeated_ones_appear_once() -> None:
    rows = [{"id": 1, "name": "API"}, {"name": "Web"}, "text", {"id": 1, "name": "API"}, {"id": 2}]
    names = component_names(rows)
    incident = Incident.make(1, "down", START.isoformat(), None, OUTAGE, None, names)
    assert incident.components == (("1", "API"), ("2", ""))


def test_no_components_are_none() -> None:
    assert component_names(None) == []
