from analysis.labels.acts import ACTS, PostLabels
from analysis.labels.agreement import FAILED, Agreement, measure_agreement
from analysis.labels.labelled_posts import LabelledPost


def post(text: str, acts: set[str], failed: str | None) -> LabelledPost:
    return LabelledPost("bad", frozenset(acts), failed, None, "en", text)


LABELS = {
    "right": PostLabels(frozenset({"joke"}), frozenset({"kimi"})),
    "wrong": PostLabels(frozenset({"news"}), frozenset({"qwen"})),
    "none": PostLabels(frozenset(), frozenset()),
}
POSTS = (
    post("right", {"joke"}, "kimi"),
    post("wrong", {"joke"}, "kimi"),
    post("none", {"joke"}, None),
)


def test_labels_are_counted_as_right_wrong_and_missed() -> None:
    agreement = measure_agreement(POSTS, LABELS.__getitem__)
    assert agreement.keys() == {*ACTS, FAILED}
    assert agreement["joke"] == Agreement(1, 0, 2)
    assert agreement["news"] == Agreement(0, 1, 0)
    assert agreement[FAILED] == Agreement(1, 1, 1)


def test_precision_and_recall_are_shares_or_none() -> None:
    assert Agreement(3, 1, 2).precision == 0.75
    assert Agreement(3, 1, 2).recall == 0.6
    assert Agreement(0, 0, 2).precision is None
    assert Agreement(0, 2, 0).recall is None
