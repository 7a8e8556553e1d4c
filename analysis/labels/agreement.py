"""How well the rules agree with the labelled posts."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from analysis.labels.acts import ACTS, Reading
from analysis.labels.labelled_posts import LabelledPost

FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of one act (or of saying that a provider failed): found rightly, found wrongly, missed."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def precision(self) -> float | None:
        """Of those found, how many are; None where none was found."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else None

    @property
    def recall(self) -> float | None:
        """Of those that are, how many were found; None where there are none."""
        return self.right / (self.right + self.missed) if self.right + self.missed else None


def agreement(
    posts: Iterable[LabelledPost], read: Callable[[str], Reading]
) -> dict[str, Agreement]:
    """By act, and for FAILED (which provider a post says failed)."""
    right: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for post in posts:
        found = read(post.text)
        right.update(found.acts & post.acts)
        wrong.update(found.acts - post.acts)
        missed.update(post.acts - found.acts)
        failed = {post.failed} - {None}
        right[FAILED] += len(found.failed & failed)
        wrong[FAILED] += len(found.failed - failed)
        missed[FAILED] += len(failed - found.failed)
    return {name: Agreement(right[name], wrong[name], missed[name]) for name in (*ACTS, FAILED)}
