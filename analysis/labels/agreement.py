"""Agreement of the rules with posts labelled by hand."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from analysis.labels.acts import ACTS, PostLabels
from analysis.labels.labelled_posts import LabelledPost

FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Agreement:
    """How often a label was assigned rightly, assigned wrongly, and missed."""

    true_positives: int = 0
    false_positives: int = 0
    false_negatives: int = 0

    @property
    def precision(self) -> float | None:
        """The share of assigned labels that are right; None if none was assigned."""
        assigned = self.true_positives + self.false_positives
        return self.true_positives / assigned if assigned else None

    @property
    def recall(self) -> float | None:
        """The share of labels by hand that were assigned; None if there are none."""
        labelled = self.true_positives + self.false_negatives
        return self.true_positives / labelled if labelled else None


def measure_agreement(
    posts: Iterable[LabelledPost], label: Callable[[str], PostLabels]
) -> dict[str, Agreement]:
    """Return the agreement on each act, and on which provider failed (FAILED)."""
    right: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for post in posts:
        labels = label(post.text)
        right.update(labels.acts & post.acts)
        wrong.update(labels.acts - post.acts)
        missed.update(post.acts - labels.acts)
        failed = {post.failed} - {None}
        right[FAILED] += len(labels.failed & failed)
        wrong[FAILED] += len(labels.failed - failed)
        missed[FAILED] += len(failed - labels.failed)
    return {name: Agreement(right[name], wrong[name], missed[name]) for name in (*ACTS, FAILED)}
