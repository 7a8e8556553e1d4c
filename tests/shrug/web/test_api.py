"""The API by its own description, and what every answer carries."""

from urllib.parse import quote

import pytest

from tests.shrug.web.conftest import PageClient

V1 = "/api/v1"


def test_pages_of_outages_are_linked_and_contain_each_outage_once(page: PageClient) -> None:
    whole = page.get(f"{V1}/outages").json()
    seen = []
    for number in range(1, whole["total"] + 1):
        got = page.get(f"{V1}/outages?per_page=1&page={number}")
        assert got.json()["pages"] == whole["total"]
        seen += got.json()["items"]
        links = got.headers["link"]
        assert ('rel="next"' in links) == (number < whole["total"])
        assert ('rel="prev"' in links) == (number > 1)
    assert seen == whole["items"]
    assert page.get(f"{V1}/outages?page=1000").json()["items"] == []


def test_filters_search_and_order(page: PageClient) -> None:
    def ids(query: str) -> list[int]:
        return [o["id"] for o in page.get(f"{V1}/outages?{query}").json()["items"]]

    assert ids("verdict=noticed") == [1]
    assert ids("verdict=shrugged") == [3, 2]
    assert ids("q=NOBODY") == [2]
    assert ids(f"q={quote('原神')}") == ids("class=game") == [4]
    assert ids("provider=deepseek") == [3, 1, 2]
    assert ids("sort=loudest")[0] == 1
    assert ids("sort=oldest") == [4, 2, 1, 3]


@pytest.mark.parametrize(
    "query",
    ["page=0", "page=x", "per_page=201", "sort=up", "verdict=loud", "class=x", "provider=nobody"],
)
def test_a_bad_query_is_named(page: PageClient, query: str) -> None:
    got = page.get(f"{V1}/outages?{query}")
    assert got.status == 400
    assert got.headers["content-type"] == "application/problem+json"
    assert query.partition("=")[0] in got.json()["title"]
    assert page.get(f"/en/outages?{query}").status == 400


CHARTS = ["ranking", "trend", "strips", "timeline/1", "past/1", "board/weibo", "provider/deepseek"]


@pytest.mark.parametrize("path", CHARTS)
def test_a_chart_is_served_as_vega_lite_and_as_a_picture(page: PageClient, path: str) -> None:
    spec = page.get(f"/charts/{path}.json?lang=zh").json()
    assert "vega-lite" in spec["$schema"]
    assert page.get(f"/charts/{path}.svg").text.startswith("<svg")


def test_an_unknown_chart_is_not_found(page: PageClient) -> None:
    for path in ("timeline/99", "timeline/x", "past/", "board/none", "../etc/passwd", "track/1"):
        assert page.get(f"/charts/{path}.json").status == 404
    assert page.get("/charts/ranking.exe").status == 404
    assert page.get("/charts/compare.json?id=1").status == 400
