"""Comparisons of outages on a board, all conditional on having reached it."""

from collections.abc import Sequence
from datetime import datetime

from analysis.boards.presence import BoardYear
from analysis.report.data import BoardComparison, BoardEvent
from analysis.statistics import comparison
from analysis.statistics.interval import Interval

DAYS_A_YEAR = 365.2425


def compare_on_board(
    board: str,
    extent: tuple[datetime, datetime],
    looks: int,
    events: Sequence[BoardEvent],
    years: Sequence[BoardYear] = (),
) -> BoardComparison:
    """Compare the article's outage with others by peak heat, and AI's outages with games'.

    The article's peak event is left out of the classes that it is compared with.
    """
    article = next((e for e in events if e.article), None)
    ai = _heats(events, "ai")
    games = _heats(events, "game")
    peak = article.peak_heat if article else None
    others = _heats([e for e in events if not e.article], "ai")
    among_games = comparison.percentile(peak, games) if peak else None
    dated = [(e, e.peak_heat) for e in events if e.provider_kind == "ai"]
    hot = [(e.at.timestamp() / 86400 / DAYS_A_YEAR, float(heat)) for e, heat in dated if heat]
    return BoardComparison(
        board=board,
        first=extent[0],
        last=extent[1],
        looks=looks,
        events=tuple(events),
        article=article,
        among_ai=comparison.percentile(peak, others) if peak else None,
        among_games=among_games,
        game_beats_article=_other_side(among_games),
        game_beats_ai=comparison.probability_of_superiority(games, ai),
        ai_trend=comparison.trend([year for year, _ in hot], [heat for _, heat in hot]),
        years=tuple(years),
    )


def _heats(events: Sequence[BoardEvent], kind: str) -> list[float]:
    heats = [e.peak_heat for e in events if e.provider_kind == kind]
    return [float(heat) for heat in heats if heat]


def _other_side(share: Interval | None) -> Interval | None:
    if share is None:
        return None
    return Interval(1 - share.estimate, 1 - share.high, 1 - share.low)
