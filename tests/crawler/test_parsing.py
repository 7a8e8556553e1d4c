"""Values of responses are parsed strictly; bad entries cost only themselves."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler import parsing
from crawler.parsing import as_count, check_size, each, field, join_lines, load_list, parse_time
from db.core.errors import SourceChanged


def test_a_bad_entry_is_refused_with_its_number_and_a_skipped_one_is_not() -> None:
    good, refused = each(["1", "x", "", "3"], lambda text: int(text) if text else None)
    assert good == (1, 3)
    assert [why.partition(":")[0] for why in refused] == ["entry 1"]


def test_a_page_with_too_many_entries_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsing, "MAX_ENTRIES", 3)
    assert each(range(3), str)[0] == ("0", "1", "2")
    with pytest.raises(SourceChanged, match="more than 3 entries"):
        each(range(4), str)


def test_a_body_with_too_many_values_or_tags_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsing, "MAX_VALUES", 2)
    monkeypatch.setattr(parsing, "MAX_TAGS", 2)
    check_size(b"[1,<p>", "forum")
    for body in (b"[1,2,3]", b"<p><p><p>"):
        with pytest.raises(SourceChanged, match="forum"):
            check_size(body, "forum")


@pytest.mark.parametrize("value", [{}, {"posts": {}}, [], None, "posts"])
def test_a_missing_field_names_what_was_due(value: object) -> None:
    with pytest.raises(SourceChanged, match=r"forum: posts \(list\) was due"):
        field(value, "posts", list, "forum")


def test_a_list_must_be_a_list() -> None:
    assert load_list(b"[1]", "forum") == [1]
    for body in (b"{}", b"<html>"):
        with pytest.raises(SourceChanged, match="forum"):
            load_list(body, "forum")


@given(st.integers(950_000_000, 1_750_000_000))
def test_a_time_is_read_alike_as_text_and_as_seconds(seconds: int) -> None:
    at = datetime.fromtimestamp(seconds, UTC)
    assert parse_time(at.isoformat()) == at == parse_time(seconds)


@pytest.mark.parametrize(
    "value", [True, "1999-12-31T00:00:00Z", "2026-08-01T00:00:00", 10**18, float("nan"), "soon"]
)
def test_an_impossible_time_raises(value: object) -> None:
    with pytest.raises((ValueError, OverflowError)):
        parse_time(value)


def test_a_time_in_the_future_raises() -> None:
    with pytest.raises(ValueError, match="out of range"):
        parse_time(datetime.now(UTC) + parsing.FUTURE_TOLERANCE + timedelta(minutes=1))


@pytest.mark.parametrize(
    ("text", "count"),
    [("1.2K", 1200), ("3万", 30_000), ("1万+", 10_000), ("赞 5", 5), ("1,234", 1234), ("赞", None)],
)
def test_abbreviated_counts_are_expanded(text: str, count: int | None) -> None:
    assert parsing.parse_count(text) == count


@given(st.none() | st.booleans() | st.integers() | st.floats() | st.text())
def test_a_count_is_one_that_a_store_can_hold_or_none(value: Any) -> None:
    count = as_count(value)
    assert count is None or 0 <= count < 2**53


def test_empty_parts_of_a_post_make_no_lines() -> None:
    assert join_lines("title", None, "", "body") == "title\nbody"
