"""Claims three to six, from outages whose posts were measured."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from analysis.attention import verdicts
from analysis.attention.verdicts import Reason, Verdict
from analysis.behaviour.shares import SEEN, Behaviour, Crowd, Turned, behaviour
from analysis.report import claims
from analysis.report.data import Answer, Claim, OutageReport
from analysis.validation.worlds import Cell, world

AT = datetime(2025, 8, 11, 13, 50, tzinfo=UTC)
ARTICLE = 1


def crowd(number: int, **hits: int) -> Crowd:
    acts = np.zeros((number, len(SEEN)))
    for name, n in hits.items():
        acts[:n, SEEN.index(name)] = 1
    return Crowd(np.ones(number), acts, np.zeros(number))


def did(posts: int, usual: int = 400, *, usual_dumber: int = 4, **hits: int) -> Behaviour:
    turned = (Turned("kimi", "Kimi", "Kimi", 3),)
    before = crowd(usual, dumber=usual_dumber, switching=2)
    found = behaviour(crowd(posts, **hits), before, turned, ())
    assert found
    return found


def outage(id_: int, provider: str, found: Behaviour | None, ratio: float = 1.0) -> OutageReport:
    rng = np.random.default_rng(id_)
    measured = verdicts.measure("s", world(rng, Cell("", 20, 0.02, spread=0.1), ratio).channel)
    return OutageReport(
        id=id_, provider=provider, provider_kind="ai", name_en=provider, name_zh=provider,
        start=AT, end=AT + timedelta(hours=2), ongoing=False, kind="outage", title="", url=None,
        origin="ledger", confirmed=True, rounded_minutes=0, read_at=None,
        window=(AT, AT + timedelta(hours=4)), channels=(measured,), combined=measured, boards=(),
        verdict=Verdict.CANT_TELL, reason=Reason.TOO_FEW, behaviour=found,
    )  # fmt: skip


OTHERS = [outage(i, f"p{i}", did(100, complaint=50), ratio=1.0) for i in range(2, 8)]


def claim(number: int, own: Behaviour | None, others: list[OutageReport] = OTHERS) -> Claim:
    mine = outage(ARTICLE, "deepseek", own)
    return claims.answer((), [mine, *others], ARTICLE, simulated=False)[number - 1]


@pytest.mark.parametrize(
    ("number", "own", "answer"),
    [
        (3, did(100, switching=30), Answer.SUPPORTED),
        (3, did(100, switching=1), Answer.CANT_TELL),
        (4, did(100, complaint=20), Answer.SUPPORTED),
        (4, did(100, complaint=85), Answer.CONTRADICTED),
        (4, did(100, complaint=48), Answer.CANT_TELL),
        (5, did(100, usual_dumber=40), Answer.SUPPORTED),
        (5, did(100, usual_dumber=4), Answer.CANT_TELL),
        (5, did(100, usual=2000, usual_dumber=0), Answer.CONTRADICTED),
        (6, None, Answer.CANT_TELL),
    ],
)
def test_answers(number: int, own: Behaviour | None, answer: Answer) -> None:
    found = claim(number, own)
    assert found.answer is answer
    if number < 6:
        assert found.value
        assert found.figure
        assert found.evidence


def test_attention_that_depends_on_the_provider_contradicts_convergence() -> None:
    unlike = [outage(i, f"p{i}", None, ratio=r) for i, r in enumerate((1, 2, 4, 8, 16, 1.5), 2)]
    found = claim(6, None, unlike)
    assert found.answer is Answer.CONTRADICTED
    assert found.value
    assert found.value.low > 1.25
    alike = [outage(i, f"p{i % 20}", None, ratio=1.0) for i in range(2, 150)]
    assert claim(6, None, alike).answer is Answer.SUPPORTED


@pytest.mark.parametrize(
    ("ratios", "answer"),
    [
        ((16, 12, 8, 4, 2, 1), Answer.SUPPORTED),
        ((1, 2, 4, 8, 12, 16), Answer.CONTRADICTED),
        ((4, 1, 6, 2, 4, 3), Answer.CANT_TELL),
    ],
)
def test_a_trend_of_attention_answers_where_no_board_does(
    ratios: tuple[float, ...], answer: Answer
) -> None:
    moved = [
        replace(outage(i, f"p{i}", None, ratio=r), start=AT + timedelta(days=200 * i))
        for i, r in enumerate(ratios, 2)
    ]
    found = claims.answer((), moved, ARTICLE, simulated=False)[1]
    assert found.answer is answer
    assert found.figure == "attention_trend"


def test_what_is_missing_is_said() -> None:
    for number in (3, 4, 5):
        assert claim(number, None).evidence == (("claim_needs_posts", {}),)
    few = OTHERS[:2]
    assert claim(4, did(100, complaint=3), few).evidence == (("claim_few_outages", {}),)
    assert claim(5, did(100), few).evidence == (("claim_few_outages", {}),)
    assert claim(6, did(100), few).evidence == (("claim_few_providers", {}),)
    unconfirmed = [replace(o, confirmed=False) for o in OTHERS]
    assert claim(4, did(100, complaint=3), unconfirmed).answer is Answer.CANT_TELL
    nobody = behaviour(crowd(50), crowd(50), (), ())
    assert claim(3, nobody).evidence == (("claim_nobody", {}),)
