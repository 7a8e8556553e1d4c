"""Alerts about sources, sent to a real web hook."""

import json
import re

from analysis.messages import Messages
from db.core.engine import Store
from shrug.health.alerts import send_alert
from shrug.health.sources import SourceHealth
from tests.serving import StubResponse, StubSite

WELL = [SourceHealth("hackernews", "A", "well"), SourceHealth("v2ex", "B", "off")]
QUIET = [SourceHealth("hackernews", "A", "quiet"), SourceHealth("v2ex", "B", "off")]


def test_each_change_is_sent_once_and_a_failed_message_again(store: Store, site: StubSite) -> None:
    site.on("/hook", StubResponse(b"{}"))
    address = site.base.replace("http://", "json://") + "/hook"

    def sent(sources: list[SourceHealth]) -> list[str]:
        before = len(site.bodies)
        assert send_alert(store, sources, address, Messages("en")) is None
        return [json.loads(p)["message"] for p in site.bodies[before:]]

    assert sent(WELL) == []
    (message,) = sent(QUIET)
    assert re.match(r"hackernews: quiet\. .*three days", message)
    assert sent(QUIET) == []
    assert sent(WELL) == ["hackernews: recovered"]
    site.on("/hook", StubResponse(b"", 500))
    error = send_alert(store, QUIET, address, Messages("en"))
    assert error == "the alert was not taken: JSON: failure"
    site.on("/hook", StubResponse(b"{}"))
    assert len(sent(QUIET)) == 1


def test_an_unknown_address_is_named_by_its_setting_alone(store: Store) -> None:
    error = send_alert(store, QUIET, "nothing://secret-token", Messages("en"))
    assert error is not None
    assert "(alert) is none that Apprise knows" in error
    assert "secret-token" not in error
