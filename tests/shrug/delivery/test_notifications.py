"""Messages to a real web hook."""

import json

from shrug.delivery.notifications import send
from tests.serving import StubResponse, StubSite


def deliver(address: str) -> str | None:
    return send(address, setting="to", title="shrug", body="1 noticed")


def test_a_message_that_arrives_has_no_error(site: StubSite) -> None:
    site.on("/hook", StubResponse(b"{}"))
    assert deliver(site.base.replace("http://", "json://") + "/hook") is None
    assert json.loads(site.bodies[0])["message"] == "1 noticed"


def test_a_failure_names_the_service_and_never_the_address(site: StubSite) -> None:
    site.on("/secret-token", StubResponse(b"", 500))
    address = site.base.replace("http://", "json://") + "/secret-token"
    assert deliver(address) == "JSON: failure"
    assert deliver("nothing://secret-token") == "its address (to) is none that Apprise knows"
