from dataclasses import replace

import numpy as np
import pytest

from analysis.attention import verdicts
from analysis.attention.channel import Channel
from analysis.attention.verdicts import Reason, Verdict
from analysis.validation.worlds import Scenario, simulate_outage


def quiet(**changed: object) -> Channel:
    cell = Scenario("", 20, 0.02, missing=0.0, spread=0.1)
    quiet_one = simulate_outage(np.random.default_rng(2), cell, 1.0).channel
    return replace(quiet_one, **changed)  # type: ignore[arg-type]


def judged(quiet_world: Channel) -> verdicts.Measurement:
    return verdicts.judge([verdicts.measure("s", quiet_world)], 2.0)[0]


def test_a_loud_window_is_noticed() -> None:
    result = judged(quiet(observed=900))
    assert (result.verdict, result.reason) == (Verdict.NOTICED, Reason.EXCESS)
    assert result.ratio is not None
    assert result.ratio.low > 1


def test_a_window_like_any_other_is_shrugged_off() -> None:
    quiet_world = quiet()
    expected = verdicts.measure("s", quiet_world).expected
    assert expected is not None
    result = judged(replace(quiet_world, observed=round(expected)))
    assert (result.verdict, result.reason) == (Verdict.SHRUGGED, Reason.EQUIVALENT)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"window_exposure": 1.0}, Reason.NOT_COVERED),
        ({"control": 0, "observed": 0}, Reason.SILENT_SOURCE),
        ({"exposure": np.zeros((56, 24))}, Reason.NO_HISTORY),
    ],
)
def test_missing_data_are_named_and_no_figure_is_shown(
    changed: dict[str, object], reason: Reason
) -> None:
    result = judged(quiet(**changed))
    assert (result.verdict, result.reason) == (Verdict.CANT_TELL, reason)
    assert result.ratio is None


def test_a_capped_window_has_no_upper_bound_and_is_never_shrugged_off() -> None:
    result = judged(quiet(capped=True, observed=10))
    assert result.ratio is not None
    assert result.ratio.high == float("inf")
    assert (result.verdict, result.reason) == (Verdict.CANT_TELL, Reason.CAPPED)


def test_model_and_placebo_must_agree() -> None:
    quiet_world = quiet(observed=400)
    expected = verdicts.measure("s", quiet_world).expected
    assert expected is not None
    blocks = quiet_world.block_counts.copy()
    blocks[::4] = 900  # the same hours of every fourth earlier day held more
    result = judged(replace(quiet_world, block_counts=blocks))
    assert result.verdict is Verdict.CANT_TELL


def test_many_outages_raise_the_bar() -> None:
    expected = verdicts.measure("s", quiet()).expected
    assert expected is not None
    ordinary = quiet(observed=round(expected))
    loud = next(
        one
        for n in range(round(expected), 400)
        if (verdicts.measure("s", one := quiet(observed=n)).p_value or 0) < 0.02
    )
    measured = [verdicts.measure("s", w) for w in [loud, *[ordinary] * 60]]
    alone = verdicts.judge(measured[:1], 2.0)[0]
    among = verdicts.judge(measured, 2.0)[0]
    assert measured[0].p_value is not None
    assert 0.001 < measured[0].p_value < 0.05
    assert alone.verdict is Verdict.NOTICED
    assert among.verdict is not Verdict.NOTICED


def test_sources_together_add_counts_and_expectations() -> None:
    both = [verdicts.measure(name, quiet(observed=n)) for name, n in (("a", 80), ("b", 90))]
    together = verdicts.combine(both)
    assert together is not None
    assert together.observed == 170
    assert together.expected == pytest.approx(sum(m.expected or 0 for m in both))
    assert together.dispersion < both[0].dispersion
    assert verdicts.combine([verdicts.measure("s", quiet(control=0))]) is None


def test_silence_of_a_side_source_proves_nothing_while_the_main_one_was_not_read() -> None:
    main = judged(quiet(window_exposure=0.0))
    quiet_world = quiet()
    expected = verdicts.measure("s", quiet_world).expected
    assert expected is not None
    side = judged(replace(quiet_world, observed=round(expected)))
    assert side.verdict is Verdict.SHRUGGED
    side = replace(side, history_posts=main.history_posts // 20)
    verdict, reason = verdicts.overall_verdict([main, side], verdicts.combine([main, side]), 2.0)
    assert (verdict, reason) == (Verdict.CANT_TELL, Reason.NOT_COVERED)


def test_ratio_worth_the_word_is_the_reference_classes_median() -> None:
    assert verdicts.attention_threshold([3.0] * 9) == 2.0
    assert verdicts.attention_threshold([3.0] * 5 + [5.0] * 6) == 5.0


@pytest.mark.parametrize("mean", [0.002, 0.01, 0.05, 0.2, 2.0])
@pytest.mark.parametrize("days", [8, 15, 56])
def test_the_ratio_that_was_seen_lies_in_its_own_interval(mean: float, days: int) -> None:
    rng = np.random.default_rng(11)
    for observed in (0, 1, 3, 20, 200):
        for _ in range(25):
            quiet_world = simulate_outage(
                rng, Scenario("", mean, 0.5, missing=0.0, days=days), 1.0
            ).channel
            result = verdicts.measure("s", replace(quiet_world, observed=observed))
            if result.ratio:
                assert result.ratio.low <= result.ratio.estimate <= result.ratio.high


def test_two_posts_are_nobodys_attention() -> None:
    quiet_world = simulate_outage(
        np.random.default_rng(0), Scenario("", 0.002, 0.2, missing=0.0), 1.0
    ).channel
    alone, crowd = (judged(replace(quiet_world, observed=n)) for n in (2, 30))
    assert alone.ratio is not None
    assert alone.ratio.low > 1
    assert (alone.verdict, alone.reason) == (Verdict.CANT_TELL, Reason.TOO_FEW)
    assert crowd.verdict is Verdict.NOTICED
