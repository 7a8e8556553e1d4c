"""The badge of a provider."""

from xml.etree import ElementTree

from tests.shrug.web.conftest import PageClient


def test_a_badge_counts_a_providers_verdicts(page: PageClient) -> None:
    got = page.get("/badge/deepseek.svg")
    root = ElementTree.fromstring(got.text)  # noqa: S314 - our own answer
    assert root.attrib["aria-label"] == "DeepSeek: 3 outages, 2 shrugged off"
    # A badge is for other pages.
    assert got.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "3 次故障，2 次无人在意" in page.get("/badge/deepseek.svg?lang=zh").text
    assert page.get("/badge/nobody.svg").status == 404
