"""Filters, order and pages of outages."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.attention.verdicts import Reason, Verdict
from analysis.report.data import OutageReport
from db.core.errors import BadInput
from shrug.report.query import (
    PROVIDER_CLASSES,
    SORTS,
    VERDICTS,
    OutageFilter,
    compare_outages,
    outages_by_id,
    select_outages,
)

START = datetime(2026, 4, 15, tzinfo=UTC)


def outage(id_: int, **changes: object) -> OutageReport:
    start = START + timedelta(days=id_)
    plain = OutageReport(
        id=id_, provider="deepseek", provider_kind="ai", name_en="DeepSeek", name_zh="深度求索",
        start=start, end=start + timedelta(hours=id_), ongoing=False, kind="outage",
        title=f"API down {id_}", url=None, origin="file", confirmed=True, rounded_minutes=0,
        read_at=None, window=(start, start), channels=(), combined=None, boards=(),
        verdict=Verdict.CANT_TELL, reason=Reason.NO_SOURCE, hours=(),
    )  # fmt: skip
    return replace(plain, **changes)  # type: ignore[arg-type]


OUTAGES = [
    outage(1),
    outage(2, provider="kimi", name_en="Kimi", name_zh="月之暗面", verdict=Verdict.NOTICED),
    outage(3, provider="genshin", provider_kind="game", title="Maintenance"),
]


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ({}, [3, 2, 1]),
        ({"sort": "oldest"}, [1, 2, 3]),
        ({"sort": "longest"}, [3, 2, 1]),
        ({"provider": "kimi"}, [2]),
        ({"verdict": "noticed"}, [2]),
        ({"class": "game"}, [3]),
        ({"q": "月之"}, [2]),
        ({"q": "MAINTENANCE"}, [3]),
        ({"page": "2", "per_page": "2"}, [1]),
        ({"page": "9"}, []),
    ],
)
def test_a_filter_selects_orders_and_pages(query: dict[str, str], ids: list[int]) -> None:
    selection = select_outages(OUTAGES, OutageFilter.from_query(query))
    assert [o.id for o in selection.outages] == ids
    assert selection.pages == (2 if "per_page" in query else 1)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "verdict": st.sampled_from(["", *VERDICTS]),
            "class": st.sampled_from(["", *PROVIDER_CLASSES]),
            "provider": st.sampled_from(["", "kimi", "deepseek"]),
            "sort": st.sampled_from(list(SORTS)),
            "q": st.text(max_size=20),
            "page": st.integers(1, 99).map(str),
        },
    )
)
def test_a_filter_survives_its_own_address(query: dict[str, str]) -> None:
    filter_ = OutageFilter.from_query(query)
    assert OutageFilter.from_query(filter_.to_query()) == filter_


@pytest.mark.parametrize(
    "query",
    [
        {"provider": "nobody"},
        {"verdict": "loud"},
        {"class": "bank"},
        {"sort": "random"},
        {"page": "0"},
        {"page": "²"},
        {"per_page": "1000"},
    ],
)
def test_a_parameter_that_is_wrong_is_named(query: dict[str, str]) -> None:
    (name,) = query
    with pytest.raises(BadInput, match=f"^{name}: "):
        OutageFilter.from_query(query)


def test_two_to_six_known_outages_can_be_compared() -> None:
    known = {o.id: o for o in OUTAGES}
    assert outages_by_id(["2", "1", "2"], known) == [known[2], known[1]]
    for wrong in (["1"], ["1", "9"], ["1", "x"], [str(i) for i in range(1, 8)]):
        with pytest.raises(BadInput, match=r"^id: "):
            outages_by_id(wrong, known)
    assert compare_outages(OUTAGES) == {"measured": [], "louder": []}
