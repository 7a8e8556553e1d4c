"""The language of a page and the path behind a proxy follow from the request."""

import pytest
from starlette.requests import Request

from shrug.web.site import InteractiveCharts, base_of, language


def request(path: str, query: str = "", accept: str = "", root_path: str = "") -> Request:
    headers = [(b"accept-language", accept.encode())] if accept else []
    return Request(
        {
            "type": "http",
            "method": "GET",
            "path": path,
            "root_path": root_path,
            "query_string": query.encode(),
            "headers": headers,
            "server": ("localhost", 80),
            "scheme": "http",
        }
    )


@pytest.mark.parametrize(
    ("path", "query", "accept", "expected"),
    [
        ("/zh/outages", "lang=en", "en", "zh"),
        ("/feed.atom", "lang=zh", "en", "zh"),
        ("/", "", "fr, zh-CN;q=0.8, en", "zh"),
        ("/", "", "fr", "en"),
        ("/", "lang=tlh", "", "en"),
    ],
)
def test_the_path_decides_the_language_then_the_query_then_the_browser(
    path: str, query: str, accept: str, expected: str
) -> None:
    assert language(request(path, query, accept)) == expected


def test_the_path_of_a_proxy_is_no_language() -> None:
    behind_proxy = request("/zh/en/outages", root_path="/zh/")
    assert base_of(behind_proxy) == "/zh"
    assert language(behind_proxy) == "en"


def test_a_chart_names_its_address_and_escapes_it() -> None:
    charts = InteractiveCharts("/shrug", "zh")
    assert 'data-chart="/shrug/charts/ranking.json?lang=zh"' in charts.ranking()
    assert "<b>" not in charts.at('"><b>', id=[1, 2])
    assert "lang=zh&amp;id=1&amp;id=2" in charts.at("compare", id=[1, 2])
