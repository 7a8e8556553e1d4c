"""The article's six claims, each answered by name or told what is missing."""

from collections import defaultdict
from collections.abc import Sequence

from analysis.behaviour.shares import Behaviour
from analysis.boards.censored import more_often, share_below
from analysis.report.data import Answer, BoardComparison, Claim, OutageReport
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


def answer(
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
    own = next((o for o in outages if o.id == article and o.behaviour), None)
    others = [o for o in outages if o.provider_kind == "ai" and o.confirmed and o.id != article]
    return (
        _ripple(board, [o for o in outages if o.confirmed], article),
        _trend(board, [o for o in outages if o.provider_kind == "ai" and o.confirmed]),
        _switching(own),
        _complaints(own, others),
        _dumber(own, others),
        _alike([o for o in outages if o.provider_kind == "ai" and o.confirmed]),
    )


def _open(number: int, why: str) -> Claim:
    return Claim(number, Answer.CANT_TELL, "", None, ((why, {}),))


def _ripple(
    board: BoardComparison | None, outages: Sequence[OutageReport], article: int | None
) -> Claim:
    """Claim 1: it made hardly a ripple, less than a popular game server's maintenance."""
    if board is None:
        return _open(1, "claim_no_board")
    if board.article is None or board.article.peak_heat is None:
        return _open(1, "claim_article_absent")
    value = board.game_beats_article
    if value is None:
        return _open(1, "claim_few_events")
    presence = board.article
    others = [o for o in outages if o.provider_kind == "ai" and o.id != article]
    games, ai = board.number("game"), board.number("ai")
    evidence: list[tuple[str, dict[str, object]]] = [
        (
            "claim1_presence",
            {
                "snapshots": presence.snapshots,
                "rank": presence.best_rank,
                "heat": presence.peak_heat,
                "first": presence.first_seen,
                "last": presence.last_seen,
            },
        ),
        ("claim1_games", {"share": value.estimate, "n": games}),
    ]
    if board.among_ai:
        evidence.append(("claim1_ai", {"share": board.among_ai.estimate, "n": ai}))
    evidence += _listed(board.board, float(presence.peak_heat or 0), others)
    evidence += _classes(board.board, outages)
    evidence.append(("claim_conditional", {"board": board.board}))
    return Claim(1, _side(value, HALF), "game_beats_article", value, tuple(evidence))


def _listed(
    board: str, peak: float, others: Sequence[OutageReport]
) -> list[tuple[str, dict[str, object]]]:
    """Where the article's peak stands among all listed AI outages, on the board or not."""
    peaks, bounds = _heats(board, others)
    share = share_below(peak, peaks, bounds)
    if share is None:
        return []
    values = {"share": share.estimate, "low": share.low, "high": share.high}
    return [("claim1_listed", {"n": len(peaks) + len(bounds), "reached": len(peaks), **values})]


def _classes(board: str, outages: Sequence[OutageReport]) -> list[tuple[str, dict[str, object]]]:
    """Whether listed outages of games, clouds and apps draw more than listed AI outages."""
    ai = _heats(board, [o for o in outages if o.provider_kind == "ai"])
    rest = _heats(board, [o for o in outages if o.provider_kind != "ai"])
    more = more_often(rest, ai)
    if more is None:
        return []
    values = {"share": more.estimate, "low": more.low, "high": more.high}
    return [("claim1_classes", {"n": sum(map(len, rest)), "ai": sum(map(len, ai)), **values})]


def _heats(board: str, outages: Sequence[OutageReport]) -> tuple[list[float], list[float]]:
    """Peaks of those that reached the board, and what each of the others drew less than."""
    own = [p for o in outages for p in o.boards if p.board == board]
    return (
        [float(p.peak_heat) for p in own if p.peak_heat],
        [float(p.upper_bound_heat) for p in own if not p.peak_heat and p.upper_bound_heat],
    )


def _trend(board: BoardComparison | None, outages: Sequence[OutageReport]) -> Claim:
    """Claim 2: once a leading model's outage shook the field; by now nobody cares."""
    attention = _attention(outages)
    trend = board.ai_trend if board else None
    if board is None or trend is None:
        if attention is None:
            return _open(2, "claim_few_events" if board else "claim_no_board")
        slope, told = attention
        return Claim(2, _turned(_side(slope, 0)), "attention_trend", slope, (told,))
    slope = trend.slope_a_year
    evidence: list[tuple[str, dict[str, object]]] = [
        ("claim2_trend", {"n": trend.events, "tau": trend.kendall_tau, "p": trend.p_value})
    ]
    evidence += [
        ("claim2_year", {"year": str(y.year), "ai": y.ai, "game": y.game, "days": y.days})
        for y in board.years
        if y.ai
    ]
    if attention:
        evidence.append(attention[1])
    evidence.append(("claim2_unseen", {"board": board.board}))
    return Claim(2, _turned(_side(slope, 0)), "ai_trend", slope, tuple(evidence))


def _attention(
    outages: Sequence[OutageReport],
) -> tuple[Interval, tuple[str, dict[str, object]]] | None:
    """How the attention ratio of AI outages changes a year, as evidence."""
    found = attention_trend(outages)
    if found is None:
        return None
    slope = found.slope
    values: dict[str, object] = {"n": found.outages, "slope": slope.estimate}
    values |= {"low": slope.low, "high": slope.high}
    return slope, ("claim2_attention", values)


def _switching(own: OutageReport | None) -> Claim:
    """Claim 3: users switch within a second to an alternative."""
    if own is None or own.behaviour is None:
        return _open(3, "claim_needs_posts")
    share = own.behaviour.act("switching")
    if share.lift is None:
        return _open(3, "claim_nobody")
    evidence: list[tuple[str, dict[str, object]]] = [
        ("claim_share", {"n": share.posts, "posts": own.behaviour.posts})
    ]
    evidence += [
        ("claim3_turned", {"provider": t.provider, "n": t.posts}) for t in own.behaviour.turned_to
    ]
    evidence.append(("claim_rules", {}))
    return Claim(3, _side(share.lift, 1), "switching_lift", share.lift, tuple(evidence))


def _complaints(own: OutageReport | None, others: Sequence[OutageReport]) -> Claim:
    """Claim 4: even complaints have become scarce."""
    if own is None or own.behaviour is None:
        return _open(4, "claim_needs_posts")
    usual = [(b, b.act("complaint")) for b in _enough(others)]
    if len(usual) < LEAST_OUTAGES:
        return _open(4, "claim_few_outages")
    mine = own.behaviour.act("complaint")
    hits, of = sum(s.posts for _, s in usual), sum(b.posts for b, _ in usual)
    value = pooling.interval(pooling.of_shares(mine.posts, own.behaviour.posts, hits, of))
    evidence: tuple[tuple[str, dict[str, object]], ...] = (
        ("claim_share", {"n": mine.posts, "posts": own.behaviour.posts}),
        ("claim4_others", {"outages": len(usual), "n": hits, "posts": of}),
        ("claim_rules", {}),
    )
    return Claim(4, _turned(_side(value, 1)), "complaint_ratio", value, evidence)


def _dumber(own: OutageReport | None, others: Sequence[OutageReport]) -> Claim:
    """Claim 5: users say that the model has got dumber and reeks of AI."""
    if own is None or own.behaviour is None:
        return _open(5, "claim_needs_posts")
    by_provider: dict[str, Behaviour] = {}
    for o in others:
        if o.provider != own.provider and o.behaviour and o.behaviour.usual_posts >= LEAST_POSTS:
            by_provider[o.provider] = o.behaviour
    if len(by_provider) < LEAST_OUTAGES or own.behaviour.usual_posts < LEAST_POSTS:
        return _open(5, "claim_few_outages")
    mine = _usual(own.behaviour, "dumber")
    usual = [_usual(b, "dumber") for b in by_provider.values()]
    hits, of = sum(n for n, _ in usual), sum(n for _, n in usual)
    value = pooling.interval(pooling.of_shares(*mine, hits, of))
    evidence: tuple[tuple[str, dict[str, object]], ...] = (
        ("claim_share", {"n": round(mine[0]), "posts": round(mine[1])}),
        ("claim5_others", {"providers": len(usual), "n": round(hits), "posts": round(of)}),
        ("claim_rules", {}),
    )
    return Claim(5, _side(value, 1), "dumber_ratio", value, evidence)


def _alike(outages: Sequence[OutageReport]) -> Claim:
    """Claim 6: the models have converged, so who is down no longer matters."""
    groups: dict[str, list[LogRatio]] = defaultdict(list)
    for o, ratio in _measured(outages):
        groups[o.provider].append(ratio)
    if len(groups) < LEAST_PROVIDERS:
        return _open(6, "claim_few_providers")
    pooled = pooling.pool(pooling.within(list(groups.values())))
    if pooled is None:
        return _open(6, "claim_few_providers")
    if pooled.spread.high < ALIKE:
        found = Answer.SUPPORTED
    else:
        found = Answer.CONTRADICTED if pooled.spread.low > UNLIKE else Answer.CANT_TELL
    evidence: tuple[tuple[str, dict[str, object]], ...] = (
        (
            "claim6_pooled",
            {
                "providers": pooled.number,
                "outages": sum(map(len, groups.values())),
                "ratio": pooled.ratio.estimate,
                "low": pooled.ratio.low,
                "high": pooled.ratio.high,
                "p": pooled.q_p,
            },
        ),
    )
    return Claim(6, found, "provider_spread", pooled.spread, evidence)


def _measured(outages: Sequence[OutageReport]) -> list[tuple[OutageReport, LogRatio]]:
    """The outages whose attention was measured, each with its log ratio."""
    return [(o, ratio) for o in outages if (ratio := log_ratio(o.combined)) is not None]


def _side(value: Interval, than: float) -> Answer:
    """Supported where the interval lies above, contradicted where it lies below."""
    if value.low > than:
        return Answer.SUPPORTED
    return Answer.CONTRADICTED if value.high < than else Answer.CANT_TELL


def _turned(answer: Answer) -> Answer:
    swapped = {
        Answer.SUPPORTED: Answer.CONTRADICTED,
        Answer.CONTRADICTED: Answer.SUPPORTED,
    }
    return swapped.get(answer, answer)


def _enough(outages: Sequence[OutageReport]) -> list[Behaviour]:
    return [o.behaviour for o in outages if o.behaviour and o.behaviour.posts >= LEAST_POSTS]


def _usual(behaviour: Behaviour, name: str) -> tuple[float, float]:
    """How many of how many usual posts."""
    usual = behaviour.act(name).usual
    return (usual.estimate if usual else 0.0) * behaviour.usual_posts, float(behaviour.usual_posts)
