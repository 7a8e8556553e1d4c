"""The pages of docs/ that show how good scorers and rules are, from their cards and by trial."""

from collections.abc import Iterable, Sequence

from analysis.labels import labelled_posts
from analysis.labels.acts import ACTS, PostLabels, bundled_rules
from analysis.labels.agreement import FAILED, Agreement, measure_agreement
from analysis.messages import Messages
from analysis.report.sentences import validation_head, validation_row
from analysis.sentiment.card import ModelCard, Rate
from analysis.sentiment.scorers import Snownlp, Vader, field
from analysis.validation import results
from shrug.label.matcher import matcher

Table = Iterable[Sequence[object]]
SAYS = {FAILED: "name the provider that failed"}


def scorer_rows() -> tuple[Sequence[str], Table]:
    """A line for each measurement of each bundled scorer."""
    head = (
        "scorer", "for", "measured on", "good", "bad", "neutral", "AUC", "accuracy",
        "sensitivity", "specificity", "threshold",
    )  # fmt: skip
    return head, [row for s in (Snownlp(), field(), Vader()) for row in _card(s.card)]


def _card(card: ModelCard) -> Table:
    say = Messages("en")
    for q in card.measured:
        shares = [_rate(r) for r in (q.accuracy, q.sensitivity, q.specificity)]
        where = say.measured_on(q.what)
        languages = ", ".join(card.languages)
        numbers = (q.good, q.bad, q.neutral, f"{q.auc:.3f}")
        yield card.name, languages, where, *numbers, *shares, f"{card.threshold:.2f}"


def _rate(rate: Rate) -> str:
    return f"{rate.share:.0%} ({rate.hits}/{rate.of})"


def behaviour_rows() -> tuple[Sequence[str], Table]:
    """A line for each act: how well the rules find it, on known posts and on fresh ones."""
    known = [
        p
        for part in labelled_posts.PARTS
        if part != "fresh"
        for p in labelled_posts.load_posts(part)
    ]
    both = (
        measure_agreement(known, _read),
        measure_agreement(labelled_posts.load_posts("fresh"), _read),
    )
    say = Messages("en")
    rows = [
        (SAYS.get(act) or say(f"act_{act}"), *(cell for a in both for cell in _cells(a[act])))
        for act in (*ACTS, FAILED)
    ]
    fresh = len(labelled_posts.load_posts("fresh"))
    head = (
        "posts that", f"in {len(known)} known", "precision", "recall",
        f"in {fresh} fresh", "precision", "recall",
    )  # fmt: skip
    return head, rows


def validation_rows() -> tuple[Sequence[str], Table]:
    """A line for each kind of world."""
    say = Messages("en")
    return validation_head(say), [validation_row(say, row) for row in results.last().rows]


def _read(text: str) -> PostLabels:
    return bundled_rules().label(text, matcher())


def _cells(result: Agreement) -> Sequence[object]:
    shown = (
        "–" if share is None else f"{share:.0%}" for share in (result.precision, result.recall)
    )
    return result.true_positives + result.false_negatives, *shown
