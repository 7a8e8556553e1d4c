"""A report as HTML and Markdown: whole, escaped, and within its size."""

import re
from dataclasses import replace
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.messages import Messages
from analysis.report import render
from analysis.report.data import Quote
from tests.analysis.report.reports import AT, make_outage, make_report, measured_behaviour

HOSTILE = "<script>alert(1)</script> **bold** [a](http://b) | cell"
OUTAGE = replace(
    make_outage(1, "deepseek", measured_behaviour(100, switching=30), ratio=2.0),
    quotes=(Quote("s", "1", AT, HOSTILE, None, None),),
)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_page_shows_every_outage_and_runs_nothing(lang: str) -> None:
    page = render.render_html(make_report([OUTAGE]), Messages(lang))
    assert 'id="outage-1"' in page
    assert "<svg role=" in page
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert not re.search(r'(?:src|href)="http', page)


def test_markdown_shows_a_post_as_text() -> None:
    text = render.render_markdown(make_report([OUTAGE]), Messages("en"))
    assert HOSTILE not in text
    assert r"\*\*bold\*\* \[a\]\(http://b\) \| cell" in text


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=60))
def test_text_for_markdown_keeps_its_words_and_is_one_line(text: str) -> None:
    shown = render.for_markdown(text)
    assert "\n" not in shown
    assert "<" not in shown
    plain = unescape(re.sub(r"\\([\\`*_{}\[\]()#+\-.!|~])", r"\1", shown))
    assert plain == unescape(" ".join(text.split()))


def test_outages_are_ordered_by_attention_then_by_time() -> None:
    loud, quiet = (make_outage(n, "p", None, ratio=r) for n, r in ((1, 8.0), (2, 1.0)))
    older, newer = (
        replace(quiet, id=n, combined=None, start=AT.replace(year=year))
        for n, year in ((3, 2024), (4, 2025))
    )
    ordered = sorted([older, quiet, newer, loud], key=render.attention_order)
    assert [o.id for o in ordered] == [1, 2, 4, 3]


def test_charts_beyond_the_size_limit_are_left_out_and_say_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(render, "PICTURE_BYTES", 1)
    say = Messages("en")
    charts = render.Charts(make_report([OUTAGE]), say)
    first, second = charts.ranking(), charts.ranking()
    assert first is not None
    assert "<svg" in first
    assert second is not None
    assert say("chart_left_out") in unescape(second)
