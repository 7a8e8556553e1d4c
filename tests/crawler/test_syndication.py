"""Feeds are parsed even with invalid character references; anything else raises."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.syndication import parse_feed
from db.core.errors import SourceChanged


def rss(title: str) -> bytes:
    item = f"<item><title>{title}</title></item>"
    return f'<rss version="2.0"><channel>{item}</channel></rss>'.encode()


@given(st.sampled_from([0, 0xD800, 0xDFFF, 0x110000, 10**11]))
def test_an_invalid_character_reference_becomes_the_replacement_character(code: int) -> None:
    for reference in (f"&#{code};", f"&#x{code:X};"):
        assert parse_feed(rss(f"a{reference}b"), "feed").entries[0].title == "a\ufffdb"


def test_a_valid_character_reference_stays() -> None:
    assert parse_feed(rss("&#65;&#x42;"), "feed").entries[0].title == "AB"


@pytest.mark.parametrize("body", [b"", b"<html></html>", b"{}", b"\x00\xff"])
def test_a_document_that_is_no_feed_raises(body: bytes) -> None:
    with pytest.raises(SourceChanged, match="feed: RSS or Atom was due"):
        parse_feed(body, "feed")
