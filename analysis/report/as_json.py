"""The report as JSON; its schema is docs/report.schema.json."""

import json
from dataclasses import asdict
from datetime import datetime, timedelta
from math import isinf
from pathlib import Path
from typing import Any

from analysis.attention.interval import Interval
from analysis.behaviour.measured import Behaviour, PerMinute, Share
from analysis.boards import Presence
from analysis.comparison import Trend
from analysis.report.data import (
    AttentionTrend,
    BoardComparison,
    BoardEvent,
    Claim,
    Hour,
    OutageReport,
    Report,
    Together,
)
from analysis.verdicts import Measured

SCHEMA = Path(__file__).with_name("report.schema.json")


def dump(report: Report) -> str:
    """The whole report; the same report gives the same bytes."""
    return json.dumps(as_dict(report), ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def as_dict(report: Report) -> dict[str, Any]:
    return {
        "version": report.version,
        "simulated": report.simulated,
        "parameters": {
            "start": time(report.start),
            "end": time(report.end),
            "lead_minutes": _minutes(report.parameters.lead),
            "lag_minutes": _minutes(report.parameters.lag),
            "weeks": report.parameters.weeks,
            "smallest_ratio_worth_calling_attention": report.worth,
            "reference_outages": report.worth_events,
            "compared_since": time(report.since),
            "week": report.week,
        },
        "read_since": time(report.first),
        "earlier": [_earlier(o) for o in report.earlier],
        "trend": _attention_trend(report.trend),
        "outages": [outage(o) for o in report.outages],
        "boards": [_comparison(b) for b in report.boards],
        "claims": [_claim(c) for c in report.claims],
        "together": [_together(t) for t in report.together],
        "read_step_minutes": _minutes(report.step),
        "sources": [
            {
                "source": s.source,
                "posts": s.posts,
                "first": time(s.first),
                "last": time(s.last),
                "covered_hours": s.covered_hours,
                "assumed": s.assumed,
                "capped": s.capped,
                "missed": dict(s.missed),
                "unusual": s.unusual,
                "read": [round(share, 3) for share in s.strip],
            }
            for s in report.sources
        ],
    }


def time(value: datetime | None) -> str | None:
    return value.isoformat().replace("+00:00", "Z") if value else None


def _minutes(value: timedelta) -> float:
    return value / timedelta(minutes=1)


def _interval(value: Interval | None) -> dict[str, float | None] | None:
    """An interval; a bound that is not known is null."""
    if value is None:
        return None
    return {"estimate": value.estimate, "low": value.low, "high": _finite(value.high)}


def _finite(value: float | None) -> float | None:
    return None if value is None or isinf(value) else value


def outage(o: OutageReport) -> dict[str, Any]:
    return {
        "id": o.id,
        "provider": o.provider,
        "provider_kind": o.provider_kind,
        "start": time(o.start),
        "end": None if o.ongoing else time(o.end),
        "kind": o.kind,
        "title": o.title,
        "url": o.url,
        "origin": o.origin,
        "confirmed": o.confirmed,
        "rounded_minutes": o.rounded_minutes,
        "times_read_at": o.read_at,
        "window": [time(t) for t in o.window],
        "channels": [channel(c) for c in o.channels],
        "combined": channel(o.combined) if o.combined else None,
        "boards": [_presence(p) for p in o.boards],
        "verdict": str(o.verdict),
        "reason": str(o.reason),
        "shrug_index": _interval(o.shrug_index),
        "components": list(o.components),
        "brief": o.brief,
        "component_minutes": None if o.ongoing else o.component_minutes,
        "first_posts": [{"source": source, "minutes": m} for source, m in o.firsts],
        "volumes": [asdict(v) for v in o.volumes],
        "rank": asdict(o.rank) if o.rank else None,
        "own_past": asdict(o.own_past) if o.own_past else None,
        "hours": [hour(h) for h in o.hours],
        "behaviour": _behaviour(o.behaviour) if o.behaviour else {},
        "names": list(o.names),
        "queries": [{"source": source, "query": query} for source, query in o.queries],
        "posts": [
            {
                "source": q.source,
                "id": q.external_id,
                "created_at": time(q.created_at),
                "url": q.url,
                "score": q.score,
            }
            for q in o.quotes
        ],
        "true_ratio": o.truth,
    }


def hour(h: Hour) -> dict[str, Any]:
    return {
        "at": time(h.at),
        "posts": h.posts,
        "expected": h.expected,
        "low": h.low,
        "high": h.high,
        "covered": h.covered,
    }


def _earlier(o: OutageReport) -> dict[str, Any]:
    """An outage before the span: what the others are compared with."""
    return {
        "id": o.id,
        "provider": o.provider,
        "provider_kind": o.provider_kind,
        "start": time(o.start),
        "confirmed": o.confirmed,
        "ratio": _interval(o.combined.ratio) if o.combined else None,
        "verdict": str(o.verdict),
    }


def _attention_trend(t: AttentionTrend | None) -> dict[str, Any] | None:
    if t is None:
        return None
    return {"outages": t.outages, "factor_a_year": _interval(t.factor)}


def _behaviour(b: Behaviour) -> dict[str, Any]:
    return {
        "posts": b.posts,
        "authors": b.authors,
        "usual_posts": b.usual_posts,
        "acts": {share.name: _share(share) for share in b.acts},
        "names_another_provider": _share(b.others),
        "dynamics": asdict(b.dynamics) if b.dynamics else None,
        "complaints": _rate(b.complaints) if b.complaints else None,
        "turned_to": [{"provider": t.provider, "posts": t.posts} for t in b.turned_to],
        "felt": [
            {
                "language": f.language,
                "scorer": f.model,
                "version": f.version,
                "posts": f.posts,
                "called_bad": f.called,
                "bad": _interval(f.bad),
                "usually_bad": _interval(f.usual),
                "mean_score_shift": _interval(f.shift),
            }
            for f in b.felt
        ],
    }


def _rate(r: PerMinute) -> dict[str, Any]:
    return {"a_minute": r.a_minute, "usual": r.usual, "times_usual": _interval(r.times)}


def _share(s: Share) -> dict[str, Any]:
    return {
        "posts": s.posts,
        "share": _interval(s.share),
        "usual": _interval(s.usual),
        "lift": _interval(s.lift),
    }


def channel(c: Measured) -> dict[str, Any]:
    return {
        "source": c.source,
        "observed": c.observed,
        "expected": c.expected,
        "ratio": _interval(c.ratio),
        "excess": _interval(c.excess),
        "p_value": c.p_value,
        "placebo_p": c.placebo_p,
        "coverage": c.coverage,
        "capped": c.capped,
        "history_days": c.history_days,
        "history_posts": c.history_posts,
        "voices": c.voices,
        "voices_expected": c.voices_expected,
        "voices_ratio": _interval(c.voices_ratio),
        "baseline_blocks": c.blocks,
        "minimum_detectable_ratio": _finite(c.minimum_detectable_ratio),
        "verdict": str(c.verdict),
        "reason": str(c.reason),
    }


def _presence(p: Presence) -> dict[str, Any]:
    return {
        "board": p.board,
        "looks": p.looks,
        "snapshots": p.snapshots,
        "first_seen": time(p.first_seen),
        "last_seen": time(p.last_seen),
        "absent_from": time(p.absent_from),
        "minutes": p.minutes,
        "best_rank": p.best_rank,
        "peak_heat": p.peak_heat,
        "heat_hours": p.heat_hours,
        "upper_bound_heat": p.upper_bound_heat,
        "titles": [
            {
                "title": t.title,
                "snapshots": t.snapshots,
                "first_seen": time(t.first_seen),
                "last_seen": time(t.last_seen),
                "best_rank": t.best_rank,
                "peak_heat": t.peak_heat,
            }
            for t in p.titles
        ],
    }


def _event(e: BoardEvent) -> dict[str, Any]:
    return {
        "outage": e.outage_id,
        "provider": e.provider,
        "provider_kind": e.provider_kind,
        "article": e.article,
        **_presence(e.presence),
    }


def _comparison(b: BoardComparison) -> dict[str, Any]:
    return {
        "board": b.board,
        "conditional_on": "reaching the board",
        "first": time(b.first),
        "last": time(b.last),
        "looks": b.looks,
        "article": _event(b.article) if b.article else None,
        "article_percentile_among_ai": _interval(b.among_ai),
        "article_percentile_among_games": _interval(b.among_games),
        "games_that_drew_more_than_article": _interval(b.game_beats_article),
        "probability_game_draws_more_than_ai": _interval(b.game_beats_ai),
        "ai_trend": _trend(b.ai_trend),
        "events": [_event(e) for e in b.events],
        "years": [{"year": y.year, "ai": y.ai, "game": y.game, "days": y.days} for y in b.years],
    }


def _trend(t: Trend | None) -> dict[str, Any] | None:
    if t is None:
        return None
    return {
        "events": t.events,
        "log_heat_a_year": _interval(t.slope_a_year),
        "kendall_tau": t.kendall_tau,
        "p_value": t.p_value,
    }


def _together(t: Together) -> dict[str, Any]:
    pooled = t.pooled
    return {
        "group": t.group,
        "key": t.key,
        "outages": pooled.number,
        "ratio": _interval(pooled.ratio),
        "spread": _interval(pooled.spread),
        "p_all_alike": pooled.q_p,
    }


def _claim(c: Claim) -> dict[str, Any]:
    shown = [
        {
            "message": id_,
            **{k: time(v) if isinstance(v, datetime) else v for k, v in values.items()},
        }
        for id_, values in c.evidence
    ]
    return {
        "claim": c.number,
        "answer": str(c.answer),
        "figure": c.figure or None,
        "value": _interval(c.value),
        "evidence": shown,
    }


def schema() -> dict[str, Any]:
    """The JSON schema of what `as_dict` gives."""
    loaded: dict[str, Any] = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return loaded
