"""The report's sentences, for whichever form it is rendered to."""

from dataclasses import asdict
from datetime import timedelta
from math import isinf

from markupsafe import Markup

from analysis.attention.verdicts import LEAST_REFERENCE, Measured, Verdict
from analysis.attention.volumes import Volume
from analysis.behaviour.shares import Behaviour, Felt
from analysis.boards.presence import Presence
from analysis.messages import Messages
from analysis.report.data import (
    BoardComparison,
    Claim,
    OutageReport,
    Report,
    SourceCover,
    Together,
    tally,
)
from analysis.report.groups import LEAST_SPREAD, LEAST_TREND
from analysis.sentiment.card import Card
from analysis.statistics.interval import Interval
from analysis.validation import results
from analysis.validation.row import Row

MINUTE = timedelta(minutes=1)
MOST_NAMED = 3


class Sentences:
    """What a report says, in one language."""

    def __init__(self, report: Report, messages: Messages) -> None:
        self._report = report
        self.messages = messages

    def headline(self) -> list[str]:
        """The answer in one sentence; a second one where a board was observed."""
        report, say = self._report, self.messages
        judged = report.judged
        if not judged:
            first = say("headline_none", start=report.start, end=report.end)
        elif not any(o.combined for o in judged):
            first = say("headline_unmeasured", total=len(judged))
        else:
            count = tally(judged)
            first = say(
                "headline",
                total=len(judged),
                noticed=count[Verdict.NOTICED],
                shrugged=count[Verdict.SHRUGGED],
                open=count[Verdict.CANT_TELL],
            )
        return [first, *(s for b in report.boards if (s := self._board_headline(b)))]

    def title(self) -> str:
        """What the report is on: a week by its ISO number, or the question itself."""
        if self._report.week is None:
            return self.messages("question")
        year, week = self._report.week.split("-W")
        return self.messages("week_title", year=year, week=str(int(week)))

    def notes(self) -> list[str]:
        """What a reader must know of the data before all else."""
        report, say, found = self._report, self.messages, []
        if report.first is None:
            found.append(say("note_nothing"))
        elif report.judgeable and report.judgeable > report.start:
            found.append(say("note_first", first=report.first, judgeable=report.judgeable))
        if report.gaps:
            told = say.listed(f"{source} {say.percent(share)}" for source, share in report.gaps)
            found.append(say("note_gaps", n=len(report.gaps), told=told))
        return found

    def trend(self) -> str:
        """How AI outages' attention changes over time, or what it takes to tell."""
        found, say = self._report.trend, self.messages
        if found is None:
            days = round(LEAST_SPREAD / timedelta(days=1))
            return say("trend_open", n=LEAST_TREND, days=days)
        factor = say.interval(found.factor)
        return say("trend_note", n=found.outages, factor=factor, since=self._report.since)

    def own_past(self, outage: OutageReport) -> str | None:
        """How it compares with the same provider's earlier outages."""
        past = outage.own_past
        return self.messages("own_past_note", **asdict(past)) if past else None

    def instead(self, outage: OutageReport) -> str:
        """Who was named as an alternative, most first."""
        named = outage.behaviour.turned_to[:MOST_NAMED] if outage.behaviour else ()
        say = self.messages
        return say.listed(f"{say.name(t)} {say.show(t.posts)}" for t in named) or "–"

    def mood(self, outage: OutageReport) -> Markup | str:
        """The share of bad feeling in the language with most posts, the usual one under it."""
        felt = [f for f in outage.behaviour.felt if f.bad] if outage.behaviour else []
        if not felt:
            return "–"
        most, percent = max(felt, key=lambda f: f.posts), self.messages.percent
        if most.bad is None or most.usual is None:
            return percent(most.bad.estimate) if most.bad else "–"
        usual = self.messages("mood_usual", usual=percent(most.usual.estimate))
        return Markup('{}<span class="ci">{}</span>').format(percent(most.bad.estimate), usual)

    def parameters(self) -> list[tuple[str, str]]:
        """What the figures hang on, by name."""
        say, report = self.messages, self._report
        parameters = report.parameters
        shown = {
            "lead": say("in_minutes", n=round(parameters.lead / MINUTE)),
            "lag": say("in_minutes", n=round(parameters.lag / MINUTE)),
            "weeks": say.show(parameters.weeks),
            "worth": say.number(report.worth),
            "reference": say.show(report.worth_events),
            "since": say.show(report.since),
        }
        return [(say(f"parameter_{name}"), value) for name, value in shown.items()]

    def _board_headline(self, board: BoardComparison) -> str | None:
        share = board.game_beats_article
        if share is None or board.among_ai is None:
            return None
        percent = self.messages.percent
        return self.messages(
            "headline_board",
            board=board.board,
            share=percent(share.estimate),
            low=percent(share.low),
            high=percent(share.high),
            ai=percent(board.among_ai.estimate),
        )

    def interval(self, interval: Interval | None) -> Markup | str:
        """An estimate with its interval under it."""
        if interval is None:
            return "–"
        estimate, bounds = self.messages.interval(interval).split(" ", 1)
        return Markup('{}<span class="ci">{}</span>').format(estimate, bounds)

    def span(self, outage: OutageReport) -> str:
        say = self.messages
        if outage.ongoing:
            return f"{say.time(outage.start)} – {say('ongoing')}"
        same_day = say.day(outage.start) == say.day(outage.end)
        end = say.clock(outage.end) if same_day else say.time(outage.end)
        return f"{say.time(outage.start)} – {end}"

    def verdict(self, verdict: Verdict) -> str:
        return self.messages(f"verdict_{verdict.name.lower()}")

    def reason(self, outage: OutageReport) -> str:
        """Why; where it is open, with what these data could have seen."""
        reason = self.messages(f"reason_{outage.reason.value}")
        combined = outage.combined
        least = combined.minimum_detectable_ratio if combined else None
        if outage.verdict is not Verdict.CANT_TELL or least is None or isinf(least):
            return reason
        return self.messages("reason_open", reason=reason, ratio=least)

    def posts(self, measured: Measured | None) -> str:
        if measured is None or measured.expected is None:
            return "–"
        return (
            f"{self.messages.show(measured.observed)} / {self.messages.number(measured.expected)}"
        )

    def seen(self, measured: Measured) -> Markup | str:
        """Posts, and under them how many voices they are."""
        posts = self.messages.show(measured.observed)
        if measured.voices is None:
            return posts
        voices = self.messages("voices", n=measured.voices)
        return Markup('{}<span class="ci">{}</span>').format(posts, voices)

    def lead(self, outage: OutageReport) -> str | None:
        """By how much each source's people led or lagged the status page."""
        say = self.messages
        told = say.listed(f"{source} {round(minutes):+d}" for source, minutes in outage.firsts)
        return say("lead_note", told=told) if told else None

    def volumes(self, outage: OutageReport) -> list[str]:
        """What others counted, a line each."""
        return [self._volume(v) for v in outage.volumes]

    def _volume(self, v: Volume) -> str:
        m = self.messages
        told = {"source": v.source, "series": v.series, "observed": v.observed}
        if v.usual is None or v.ratio is None or v.placebo_p is None:
            return m("volume_short", **told, days=v.days)
        p = m.p_value(v.placebo_p)
        return m("volume_told", **told, usual=v.usual, ratio=v.ratio, p=p, days=v.days)

    def touched(self, outage: OutageReport) -> str | None:
        """What of the service it touched, and whether it was over at once."""
        say, found = self.messages, []
        if outage.components:
            found.append(say("touched_note", components=say.listed(outage.components)))
        if outage.brief:
            found.append(say("brief_note"))
        return " ".join(found) or None

    def rank(self, outage: OutageReport) -> str | None:
        """Its place among all outages, with its doubt."""
        return self.messages("rank_note", **asdict(outage.rank)) if outage.rank else None

    def together(self) -> list[tuple[str, str, str, str]]:
        """Rows of pooled outages: which, how many, ratio, how far apart."""
        say = self.messages
        return [
            (
                self._group(t),
                say.show(t.outages),
                say.interval(t.ratio),
                say.interval(t.spread),
            )
            for t in self._report.together
        ]

    def _group(self, together: Together) -> str:
        if together.group == "class":
            return self.messages(f"class_{together.key}")
        if together.group == "provider":
            both = (*self._report.outages, *self._report.earlier)
            own = (o for o in both if o.provider == together.key)
            return self.messages.name(next(own))
        return self.messages(f"group_{together.group}", key=together.key)

    def board_cell(self, outage: OutageReport) -> str:
        """The best rank on any board, or how high it can have been at most."""
        ranks = [p.best_rank for p in outage.boards if p.best_rank]
        if ranks:
            return f"#{min(ranks)}"
        bounds = [p.upper_bound_heat for p in outage.boards if p.upper_bound_heat]
        return f"< {self.messages.show(min(bounds))}" if bounds else "–"

    def presence(self, presence: Presence) -> str:
        say = self.messages
        if presence.snapshots:
            text = say(
                "presence_note",
                board=presence.board,
                snapshots=presence.snapshots,
                looks=presence.looks,
                rank=presence.best_rank,
                heat=presence.peak_heat,
                first=presence.first_seen,
                last=presence.last_seen,
            )
            gone = presence.absent_from
            return say("presence_until", presence=text, time=gone) if gone else text
        if presence.upper_bound_heat is None:
            return say("absence_unknown", board=presence.board, looks=presence.looks)
        return say(
            "absence_note",
            board=presence.board,
            looks=presence.looks,
            bound=presence.upper_bound_heat,
        )

    def window(self, outage: OutageReport) -> str:
        blocks = max((c.blocks for c in outage.channels), default=0)
        days = max((c.history_days for c in outage.channels), default=0)
        return self.messages(
            "window_note",
            start=outage.window[0],
            end=outage.window[1],
            weeks=self._report.parameters.weeks,
            days=days,
            blocks=blocks,
        )

    def query(self, outage: OutageReport) -> str:
        say = self.messages
        asked = say.listed(f"{source} “{query}”" for source, query in outage.queries if query)
        return say("query_note", asked=asked or "–", names=say.listed(outage.names))

    def crowd(self, behaviour: Behaviour) -> str:
        return self.messages(
            "crowd_note",
            posts=behaviour.posts,
            authors=behaviour.authors,
            usual=behaviour.usual_posts,
        )

    def acts(self, behaviour: Behaviour) -> list[tuple[str, ...]]:
        """Rows of what people did: act, posts, share, usual share, lift; none that nobody did."""
        say = self.messages
        return [
            (
                say(f"act_{share.name}"),
                say.show(share.posts),
                say.interval(share.share, percent=True),
                say.interval(share.usual, percent=True),
                say.interval(share.lift),
            )
            for share in (*behaviour.acts, behaviour.others)
            if share.posts
        ]

    def turned_to(self, behaviour: Behaviour) -> str | None:
        """Whom people turn to, most first."""
        say = self.messages
        named = say.listed(f"{say.name(t)} {say.show(t.posts)}" for t in behaviour.turned_to)
        return say("turned_note", named=named) if named else None

    def dynamics(self, behaviour: Behaviour) -> list[str]:
        """How often they complained, when they noticed, were loudest, and stopped; what can't be
        told is left out."""
        say, found = self.messages, behaviour.dynamics
        lines = []
        if (rate := behaviour.complaints) and rate.a_minute:
            times = say.interval(rate.times)
            note = "rate_note" if rate.times else "rate_unusual"
            lines.append(say(note, rate=rate.a_minute, usual=rate.usual, times=times))
        if found is None:
            return lines
        if found.first is not None:
            led = found.first < 0
            lines.append(
                say("dynamics_led" if led else "dynamics_first", minutes=round(abs(found.first)))
            )
        if found.peak is not None and found.peak_rate is not None:
            lines.append(say("dynamics_peak", minutes=round(found.peak), rate=found.peak_rate))
        if found.half_life is not None:
            lines.append(say("dynamics_half", minutes=round(found.half_life)))
        if found.back is not None:
            lines.append(say("dynamics_back", minutes=round(found.back)))
        return lines

    def felt(self, behaviour: Behaviour) -> list[str]:
        """How people felt, language by language."""
        return [self._felt(felt) for felt in behaviour.felt]

    def _felt(self, felt: Felt) -> str:
        say = self.messages
        return say(
            ("felt_note" if felt.usual else "felt_now") if felt.bad else "felt_open",
            language=say(f"language_{felt.language}"),
            posts=felt.posts,
            called=say.percent(felt.called),
            bad=say.interval(felt.bad, percent=True),
            usual=say.interval(felt.usual, percent=True),
            shift=say.interval(felt.shift),
        )

    def validation(self) -> list[list[str]]:
        """The table of the last validation, its head first."""
        head = validation_cells(self.messages)
        return [head, *(validation_cells(self.messages, row) for row in results.last().rows)]

    def validated(self) -> str:
        """What the table of the last validation shows."""
        rows = results.last().rows
        return self.messages("validation_note", outages=rows[0].outages)

    def cards(self) -> list[str]:
        """What each scorer is worth, as measured."""
        return [self._card(card) for card in self._report.cards]

    def _card(self, card: Card) -> str:
        say, errors = self.messages, card.errors
        learnt = say.listed(f"{say.learnt(what)} {say.show(n)}" for what, n in card.learnt.items())
        return say(
            "card_note",
            name=card.name,
            version=card.version,
            language=say.listed(say(f"language_{code}") for code in card.languages),
            learnt=learnt or "–",
            posts=errors.good + errors.bad + errors.neutral,
            auc=errors.auc,
            right=say.percent(errors.accuracy.share),
            sensitivity=say.percent(errors.sensitivity.share),
            specificity=say.percent(errors.specificity.share),
            limit=card.threshold,
        )

    def reproduce(self) -> str:
        """The command that gives every figure of this report again."""
        start, end = (
            at.isoformat().replace("+00:00", "Z") for at in (self._report.start, self._report.end)
        )
        command = f"shrug measure --from {start} --to {end} --json"
        return self.messages("reproduce_note", command=command)

    def claim(self, claim: Claim) -> str:
        return self.messages(f"claim_{claim.number}")

    def answer(self, claim: Claim) -> str:
        return self.messages(f"answer_{claim.answer.name.lower()}")

    def figure(self, claim: Claim) -> str | None:
        if not claim.figure:
            return None
        share = claim.figure == "game_beats_article"
        value = self.messages.interval(claim.value, percent=share)
        return self.messages(f"figure_{claim.figure}", value=value)

    def evidence(self, claim: Claim) -> list[str]:
        shown = []
        for id_, values in claim.evidence:
            values = dict(values)
            if isinstance(values.get("share"), float):
                for name in ("share", "low", "high"):
                    if isinstance(values.get(name), float):
                        values[name] = self.messages.percent(float(str(values[name])))
            if isinstance(values.get("p"), float):
                values["p"] = self.messages.p_value(float(str(values["p"])))
            shown.append(self.messages(id_, **values))
        return shown

    def board(self, board: BoardComparison) -> list[str]:
        counts = {kind: board.number(kind) for kind in ("ai", "game")}
        first = self.messages(
            "board_percentiles", **counts, first=board.first, last=board.last, looks=board.looks
        )
        if not (board.among_ai and board.among_games and board.game_beats_ai):
            return [first]
        show = self.messages.interval
        second = self.messages(
            "board_figures",
            ai=show(board.among_ai, percent=True),
            game=show(board.among_games, percent=True),
            beats=show(board.game_beats_ai, percent=True),
        )
        return [first, second]

    def remarks(self, cover: SourceCover) -> str:
        """What a reader must know about a source before believing its counts."""
        say, found = self.messages, []
        if cover.assumed:
            found.append(say("remark_assumed"))
        if cover.capped:
            found.append(say("remark_capped"))
        if cover.usual and cover.unusual:
            low, high = cover.usual
            found.append(say("remark_unusual", rate=cover.posts_a_day, low=low, high=high))
        if cover.missed:
            told = say.listed(f"{say(f'state_{kind}')} ({n})" for kind, n in cover.missed)
            found.append(say("remark_missed", told=told))
        return say.listed(found)

    def method(self) -> list[str]:
        report, say = self._report, self.messages
        enough = report.worth_events >= LEAST_REFERENCE
        basis = say("worth_reference", n=report.worth_events) if enough else say("worth_default")
        parameters = report.parameters
        return [
            say(
                "method_1",
                lead=round(parameters.lead / MINUTE),
                lag=round(parameters.lag / MINUTE),
                weeks=parameters.weeks,
            ),
            say("method_2"),
            say("method_3", worth=report.worth, basis=basis),
            say("method_4"),
            say("method_5"),
            *self.cards(),
            self.reproduce(),
        ]


COLUMNS = ("cell", "mean", "held", "false", "found", "shrugged", "missed", "rival")


def validation_cells(say: Messages, row: Row | None = None) -> list[str]:
    """A line of the validation's table; its head without a row."""
    if row is None:
        return [say(f"validation_{column}") for column in COLUMNS]
    show = say.percent
    return [
        say(f"cell_{row.cell}"),
        say.number(row.expected),
        f"{show(min(row.held))}–{show(max(row.held))}",
        show(row.noticed[0]),
        f"{show(row.noticed[-1])} ({show(row.oracle_noticed)})",
        f"{show(row.shrugged[0])} ({show(row.oracle_shrugged)})",
        show(row.shrugged[1]),
        show(row.rival),
    ]
