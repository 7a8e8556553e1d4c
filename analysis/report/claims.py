"""Answers to the article's six claims, each with its evidence or with what is missing."""

from collections import defaultdict
from collections.abc import Sequence

from analysis.behaviour.shares import Behaviour
from analysis.boards.censored import probability_of_superiority, share_below
from analysis.report.data import (
    BoardComparison,
    Claim,
    ClaimAnswer,
    Message,
    OutageReport,
    interval_values,
)
from analysis.report.groups import attention_trend, log_ratio
from analysis.statistics import pooling
from analysis.statistics.interval import Interval
from analysis.statistics.pooling import LogRatio

CLAIMS = 6
HALF = 0.5
# What is compared needs as many outages, or providers, and an outage as many posts.
LEAST_OUTAGES, LEAST_PROVIDERS, LEAST_POSTS = 3, 5, 20
# Providers are alike where they differ by less than the first; not, where by more than the second.
ALIKE, UNLIKE = 1.5, 1.25


def answer_claims(
    boards: tuple[BoardComparison, ...],
    outages: Sequence[OutageReport],
    article: int | None,
    *,
    simulated: bool,
) -> tuple[Claim, ...]:
    """Answers from what was measured; a simulation answers nothing about the world.

    article: the id of the article's own outage among `outages`.
    """
    if simulated:
        return tuple(_open(n, "claim_simulated") for n in range(1, CLAIMS + 1))
    board = next((b for b in boards if b.article), boards[0] if boards else None)
    outage = next((o for o in outages if o.id == article and o.behaviour), None)
    confirmed = [o for o in outages if o.confirmed]
    ai = [o for o in confirmed if o.provider_kind == "ai"]
    others = [o for o in ai if o.id != article]
    return (
        _ripple(board, confirmed, others),
        _trend(board, ai),
        _switching(outage),
        _complaints(outage, others),
        _dumber(outage, others),
        _alike(ai),
    )


def _open(number: int, why: str) -> Claim:
    return Claim(number, ClaimAnswer.CANT_TELL, "", None, ((why, {}),))


def _ripple(
    board: BoardComparison | None, confirmed: Sequence[OutageReport], others: Sequence[OutageReport]
) -> Claim:
    """Claim 1: it made hardly a ripple, less than a popular game server's maintenance.

    others: the confirmed AI outages but for the article's own.
    """
    if board is None:
        return _open(1, "claim_no_board")
    presence, value = board.article, board.game_beats_article
    if presence is None or presence.peak_heat is None:
        return _open(1, "claim_article_absent")
    if value is None:
        return _open(1, "claim_few_events")
    stood: dict[str, object] = {
        "snapshots": presence.snapshots,
        "rank": presence.best_rank,
        "heat": presence.peak_heat,
        "first": presence.first_seen,
        "last": presence.last_seen,
    }
    evidence: list[Message] = [
        ("claim1_presence", stood),
        ("claim1_games", {"share": value.estimate, "n": board.number("game")}),
    ]
    if board.among_ai:
        share = board.among_ai.estimate
        evidence.append(("claim1_ai", {"share": share, "n": board.number("ai")}))
    evidence += _among_listed(board.board, float(presence.peak_heat), others)
    evidence += _other_classes(board.board, confirmed)
    evidence.append(("claim_conditional", {"board": board.board}))
    return Claim(1, _side(value, HALF), "game_beats_article", value, tuple(evidence))


def _among_listed(board: str, peak: float, others: Sequence[OutageReport]) -> list[Message]:
    """Where the article's peak stands among all listed AI outages, on the board or not."""
    peaks, bounds = _heats(board, others)
    share = share_below(peak, peaks, bounds)
    if share is None:
        return []
    values = interval_values("share", share, n=len(peaks) + len(bounds), reached=len(peaks))
    return [("claim1_listed", values)]


def _other_classes(board: str, outages: Sequence[OutageReport]) -> list[Message]:
    """Whether listed outages of games, clouds and apps draw more than listed AI outages."""
    ai = _heats(board, [o for o in outages if o.provider_kind == "ai"])
    rest = _heats(board, [o for o in outages if o.provider_kind != "ai"])
    more = probability_of_superiority(rest, ai)
    if more is None:
        return []
    values = interval_values("share", more, n=sum(map(len, rest)), ai=sum(map(len, ai)))
    return [("claim1_classes", values)]


def _heats(board: str, outages: Sequence[OutageReport]) -> tuple[list[float], list[float]]:
    """Peak heats of outages on the board, and upper bounds of those that never reached it."""
    on_board = [p for o in outages for p in o.boards if p.board == board]
    return (
        [float(p.peak_heat) for p in on_board if p.peak_heat],
        [float(p.upper_bound_heat) for p in on_board if not p.peak_heat and p.upper_bound_heat],
    )


def _trend(board: BoardComparison | None, outages: Sequence[OutageReport]) -> Claim:
    """Claim 2: once a leading model's outage shook the field; by now nobody cares."""
    attention = attention_trend(outages)
    changes: list[Message] = []
    if attention:
        values = interval_values("slope", attention.slope, n=attention.outages)
        changes = [("claim2_attention", values)]
    trend = board.ai_trend if board else None
    if board is None or trend is None:
        if attention is None:
            return _open(2, "claim_few_events" if board else "claim_no_board")
        answer = _side(attention.slope, 0, above=ClaimAnswer.CONTRADICTED)
        return Claim(2, answer, "attention_trend", attention.slope, tuple(changes))
    figures: dict[str, object] = {
        "n": trend.events,
        "tau": trend.kendall_tau,
        "p": trend.p_value,
    }
    years: list[Message] = [
        ("claim2_year", {"year": str(y.year), "ai": y.ai, "game": y.game, "days": y.days})
        for y in board.years
        if y.ai
    ]
    unseen: Message = ("claim2_unseen", {"board": board.board})
    evidence = (("claim2_trend", figures), *years, *changes, unseen)
    answer = _side(trend.slope_a_year, 0, above=ClaimAnswer.CONTRADICTED)
    return Claim(2, answer, "ai_trend", trend.slope_a_year, evidence)


def _switching(outage: OutageReport | None) -> Claim:
    """Claim 3: users switch within a second to an alternative."""
    if outage is None or outage.behaviour is None:
        return _open(3, "claim_needs_posts")
    share = outage.behaviour.act("switching")
    if share.lift is None:
        return _open(3, "claim_nobody")
    evidence: tuple[Message, ...] = (
        ("claim_share", {"n": share.posts, "posts": outage.behaviour.posts}),
        *(
            ("claim3_turned", {"provider": t.provider, "n": t.posts})
            for t in outage.behaviour.turned_to
        ),
        ("claim_rules", {}),
    )
    return Claim(3, _side(share.lift, 1), "switching_lift", share.lift, evidence)


def _complaints(outage: OutageReport | None, others: Sequence[OutageReport]) -> Claim:
    """Claim 4: even complaints have become scarce."""
    if outage is None or outage.behaviour is None:
        return _open(4, "claim_needs_posts")
    compared = [o.behaviour for o in others if o.behaviour and o.behaviour.posts >= LEAST_POSTS]
    if len(compared) < LEAST_OUTAGES:
        return _open(4, "claim_few_outages")
    counts = [(b.act("complaint").posts, b.posts) for b in (outage.behaviour, *compared)]
    ratio, evidence = _against_others(counts, "claim4_others", "outages")
    answer = _side(ratio, 1, above=ClaimAnswer.CONTRADICTED)
    return Claim(4, answer, "complaint_ratio", ratio, evidence)


def _dumber(outage: OutageReport | None, others: Sequence[OutageReport]) -> Claim:
    """Claim 5: users say that the model has got dumber and reeks of AI."""
    if outage is None or outage.behaviour is None:
        return _open(5, "claim_needs_posts")
    by_provider: dict[str, Behaviour] = {}
    for o in others:
        if o.provider != outage.provider and o.behaviour and o.behaviour.usual_posts >= LEAST_POSTS:
            by_provider[o.provider] = o.behaviour
    if len(by_provider) < LEAST_OUTAGES or outage.behaviour.usual_posts < LEAST_POSTS:
        return _open(5, "claim_few_outages")
    counts = [_usual(b, "dumber") for b in (outage.behaviour, *by_provider.values())]
    ratio, evidence = _against_others(counts, "claim5_others", "providers")
    return Claim(5, _side(ratio, 1), "dumber_ratio", ratio, evidence)


def _against_others(
    counts: Sequence[tuple[float, float]], id_: str, unit: str
) -> tuple[Interval, tuple[Message, ...]]:
    """The ratio of the first share to that of all others together, and the evidence for it.

    counts: (posts that do something, posts). unit: what the message `id_` counts the others in.
    """
    (hits, posts), others = counts[0], counts[1:]
    other_hits, other_posts = sum(n for n, _ in others), sum(n for _, n in others)
    ratio = pooling.ratio_interval(
        pooling.log_ratio_of_shares(hits, posts, other_hits, other_posts)
    )
    compared = {unit: len(others), "n": round(other_hits), "posts": round(other_posts)}
    return ratio, (
        ("claim_share", {"n": round(hits), "posts": round(posts)}),
        (id_, {**compared}),
        ("claim_rules", {}),
    )


def _alike(outages: Sequence[OutageReport]) -> Claim:
    """Claim 6: the models have converged, so who is down no longer matters."""
    groups: dict[str, list[LogRatio]] = defaultdict(list)
    for outage in outages:
        if (ratio := log_ratio(outage.combined)) is not None:
            groups[outage.provider].append(ratio)
    pooled = pooling.pool(pooling.pool_each_group(list(groups.values())))
    if len(groups) < LEAST_PROVIDERS or pooled is None:
        return _open(6, "claim_few_providers")
    if pooled.spread.high < ALIKE:
        answer = ClaimAnswer.SUPPORTED
    else:
        answer = ClaimAnswer.CONTRADICTED if pooled.spread.low > UNLIKE else ClaimAnswer.CANT_TELL
    number = sum(map(len, groups.values()))
    counts = {"providers": pooled.number, "outages": number, "p": pooled.q_p}
    values = interval_values("ratio", pooled.ratio, **counts)
    return Claim(6, answer, "provider_spread", pooled.spread, (("claim6_pooled", values),))


def _side(
    value: Interval, than: float, *, above: ClaimAnswer = ClaimAnswer.SUPPORTED
) -> ClaimAnswer:
    """The answer `above` if the interval lies above `than`, its opposite if it lies below."""
    below = ClaimAnswer.CONTRADICTED if above is ClaimAnswer.SUPPORTED else ClaimAnswer.SUPPORTED
    if value.low > than:
        return above
    return below if value.high < than else ClaimAnswer.CANT_TELL


def _usual(behaviour: Behaviour, act: str) -> tuple[float, float]:
    """Usual posts that do something, and all usual posts."""
    usual = behaviour.act(act).usual
    return (usual.estimate if usual else 0.0) * behaviour.usual_posts, float(behaviour.usual_posts)
