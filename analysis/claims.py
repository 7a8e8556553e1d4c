"""The article's six claims, each answered by name or told what is missing."""

from analysis.attention.interval import Interval
from analysis.report.data import Answer, BoardComparison, Claim

CLAIMS = 6
HALF = 0.5


def answer(boards: tuple[BoardComparison, ...], *, simulated: bool) -> tuple[Claim, ...]:
    """Answers from what was measured; a simulation answers nothing about the world."""
    if simulated:
        return tuple(_open(n, "claim_simulated") for n in range(1, CLAIMS + 1))
    board = next((b for b in boards if b.article), boards[0] if boards else None)
    return (
        _ripple(board),
        _trend(board),
        _open(3, "claim_needs_posts"),
        _open(4, "claim_needs_posts"),
        _open(5, "claim_needs_posts"),
        _open(6, "claim_needs_posts"),
    )


def _open(number: int, why: str) -> Claim:
    return Claim(number, Answer.CANT_TELL, "", None, ((why, {}),))


def _ripple(board: BoardComparison | None) -> Claim:
    """Claim 1: it made hardly a ripple, less than a popular game server's maintenance."""
    if board is None:
        return _open(1, "claim_no_board")
    if board.article is None or board.article.presence.peak_heat is None:
        return _open(1, "claim_article_absent")
    value = board.game_beats_article
    if value is None:
        return _open(1, "claim_few_events")
    presence = board.article.presence
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
    evidence.append(("claim_conditional", {"board": board.board}))
    return Claim(1, _above_half(value), "game_beats_article", value, tuple(evidence))


def _above_half(value: Interval) -> Answer:
    if value.low > HALF:
        return Answer.SUPPORTED
    return Answer.CONTRADICTED if value.high < HALF else Answer.CANT_TELL


def _trend(board: BoardComparison | None) -> Claim:
    """Claim 2: once a leading model's outage shook the field; by now nobody cares."""
    if board is None:
        return _open(2, "claim_no_board")
    trend = board.ai_trend
    if trend is None:
        return _open(2, "claim_few_events")
    slope = trend.slope_a_year
    if slope.high < 0:
        found = Answer.SUPPORTED
    else:
        found = Answer.CONTRADICTED if slope.low > 0 else Answer.CANT_TELL
    evidence: list[tuple[str, dict[str, object]]] = [
        ("claim2_trend", {"n": trend.events, "tau": trend.kendall_tau, "p": trend.p_value})
    ]
    evidence += [
        ("claim2_year", {"year": str(y.year), "ai": y.ai, "game": y.game, "days": y.days})
        for y in board.years
        if y.ai
    ]
    evidence.append(("claim2_unseen", {"board": board.board}))
    return Claim(2, found, "ai_trend", slope, tuple(evidence))
