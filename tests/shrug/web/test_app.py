"""The application: its methods, its hosts, and its path behind a proxy."""

import re
from pathlib import Path

from tests.shrug.web.conftest import NOW, PageClient, serve

V1 = "/api/v1"


def test_the_page_is_read_only_and_rejects_foreign_hosts(page: PageClient) -> None:
    for method in ("POST", "PUT", "DELETE"):
        assert page.get(f"{V1}/outages", method=method).status == 405
    assert page.get(f"{V1}/outages", host="evil.example").status == 400
    assert page.get("/", accept_language="zh-CN,en").headers["location"] == "/zh"
    assert page.get("/", accept_language="fr").headers["location"] == "/en"


def test_under_a_proxys_path_every_link_stays_there(filled_url: str, tmp_path: Path) -> None:
    with serve(filled_url, tmp_path, "--at", NOW.isoformat(), "--root-path", "/shrug") as served:
        bare = PageClient(served.base.removesuffix("/shrug"), filled_url)
        # A proxy takes its own path off before it asks.
        text = bare.get("/en/outages/1").text
        links = set(_links(text))
        assert links
        assert all(link.startswith(("/shrug/", "#", "https://forum", "data:")) for link in links)
        assert bare.get("/").headers["location"] == "/shrug/en"
        assert bare.get(f"{V1}/openapi.json").json()["servers"] == [{"url": "/shrug"}]


def _links(text: str) -> list[str]:
    return re.findall(r'(?:href|src|data-chart)="([^"]+)"', text)
