"""Security headers and ETags of every response."""

from tests.shrug.web.conftest import PageClient

V1 = "/api/v1"


def test_a_response_that_the_reader_has_is_not_sent_again(page: PageClient) -> None:
    for path in (f"{V1}/outages", "/en/outages", "/feed.atom", "/badge/deepseek.svg"):
        first = page.get(path)
        again = page.get(path, if_none_match=f'"other", W/{first.headers["etag"]}')
        assert (again.status, again.body) == (304, b"")
        assert page.get(path, if_none_match='"other"').body == first.body


def test_every_response_has_security_headers(page: PageClient) -> None:
    for path in ("/en", f"{V1}/now", "/en/nothing", "/static/page.js", "/en/reports/2026-W16.html"):
        headers = page.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert "server" not in headers
    assert "unsafe" not in page.get("/en").headers["content-security-policy"]
