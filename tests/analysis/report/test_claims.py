"""Claims three to six, from outages whose posts were measured."""

from dataclasses import replace
from datetime import timedelta

import pytest

from analysis.behaviour.shares import Behaviour, measure_behaviour
from analysis.report import claims
from analysis.report.data import Claim, ClaimAnswer, OutageReport
from tests.analysis.report.reports import AT, author_counts, make_outage, measured_behaviour

ARTICLE = 1
OTHERS = [
    make_outage(i, f"p{i}", measured_behaviour(100, complaint=50), ratio=1.0) for i in range(2, 8)
]


def claim(number: int, behaviour: Behaviour | None, others: list[OutageReport] = OTHERS) -> Claim:
    mine = make_outage(ARTICLE, "deepseek", behaviour)
    return claims.answer_claims((), [mine, *others], ARTICLE, simulated=False)[number - 1]


@pytest.mark.parametrize(
    ("number", "behaviour", "answer"),
    [
        (3, measured_behaviour(100, switching=30), ClaimAnswer.SUPPORTED),
        (3, measured_behaviour(100, switching=1), ClaimAnswer.CANT_TELL),
        (4, measured_behaviour(100, complaint=20), ClaimAnswer.SUPPORTED),
        (4, measured_behaviour(100, complaint=85), ClaimAnswer.CONTRADICTED),
        (4, measured_behaviour(100, complaint=48), ClaimAnswer.CANT_TELL),
        (5, measured_behaviour(100, usual_dumber=40), ClaimAnswer.SUPPORTED),
        (5, measured_behaviour(100, usual_dumber=4), ClaimAnswer.CANT_TELL),
        (5, measured_behaviour(100, usual=2000, usual_dumber=0), ClaimAnswer.CONTRADICTED),
        (6, None, ClaimAnswer.CANT_TELL),
    ],
)
def test_a_claim_is_answered_from_the_behaviour_of_outages(
    number: int, behaviour: Behaviour | None, answer: ClaimAnswer
) -> None:
    answered = claim(number, behaviour)
    assert answered.answer is answer
    if number < 6:
        assert answered.value
        assert answered.figure
        assert answered.evidence


def test_attention_that_depends_on_the_provider_contradicts_convergence() -> None:
    unlike = [
        make_outage(i, f"p{i}", None, ratio=r) for i, r in enumerate((1, 2, 4, 8, 16, 1.5), 2)
    ]
    answered = claim(6, None, unlike)
    assert answered.answer is ClaimAnswer.CONTRADICTED
    assert answered.value
    assert answered.value.low > 1.25
    alike = [make_outage(i, f"p{i % 20}", None, ratio=1.0) for i in range(2, 150)]
    assert claim(6, None, alike).answer is ClaimAnswer.SUPPORTED


@pytest.mark.parametrize(
    ("ratios", "answer"),
    [
        ((16, 12, 8, 4, 2, 1), ClaimAnswer.SUPPORTED),
        ((1, 2, 4, 8, 12, 16), ClaimAnswer.CONTRADICTED),
        ((4, 1, 6, 2, 4, 3), ClaimAnswer.CANT_TELL),
    ],
)
def test_a_trend_of_attention_answers_without_a_board(
    ratios: tuple[float, ...], answer: ClaimAnswer
) -> None:
    moved = [
        replace(make_outage(i, f"p{i}", None, ratio=r), start=AT + timedelta(days=200 * i))
        for i, r in enumerate(ratios, 2)
    ]
    answered = claims.answer_claims((), moved, ARTICLE, simulated=False)[1]
    assert answered.answer is answer
    assert answered.figure == "attention_trend"


def test_a_claim_without_enough_data_names_what_is_missing() -> None:
    for number in (3, 4, 5):
        assert claim(number, None).evidence == (("claim_needs_posts", {}),)
    few = OTHERS[:2]
    calm = measured_behaviour(100, complaint=3)
    assert claim(4, calm, few).evidence == (("claim_few_outages", {}),)
    assert claim(5, measured_behaviour(100), few).evidence == (("claim_few_outages", {}),)
    assert claim(6, measured_behaviour(100), few).evidence == (("claim_few_providers", {}),)
    unconfirmed = [replace(o, confirmed=False) for o in OTHERS]
    assert claim(4, calm, unconfirmed).answer is ClaimAnswer.CANT_TELL
    nobody = measure_behaviour(author_counts(50), author_counts(50), (), ())
    assert claim(3, nobody).evidence == (("claim_nobody", {}),)
