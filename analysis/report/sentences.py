"""The report's sentences in one language, the same for HTML, Markdown and the terminal."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from datetime import timedelta
from math import isinf

from markupsafe import Markup

from analysis.attention.verdicts import MIN_REFERENCE_OUTAGES, Measurement, Verdict
from analysis.attention.volumes import VolumeComparison
from analysis.behaviour.shares import Behaviour, LanguageMood, NamedAlternative
from analysis.boards.presence import Presence
from analysis.messages import Messages
from analysis.report.data import (
    BoardComparison,
    Claim,
    OutageReport,
    PooledOutages,
    Report,
    SourceCoverage,
    count_verdicts,
)
from analysis.report.groups import MIN_TREND_OUTAGES, MIN_TREND_SPAN
from analysis.sentiment.card import ModelCard
from analysis.statistics.interval import Interval
from analysis.validation import results
from analysis.validation.results import ScenarioResult

MINUTE = timedelta(minutes=1)
MOST_NAMED = 3


class Sentences:
    """The sentences and table cells of a report, in one language."""

    def __init__(self, report: Report, messages: Messages) -> None:
        self._report = report
        self.messages = messages

    def headline(self) -> list[str]:
        """The report's answer in one sentence, and one more for each board it can compare on."""
        report, say = self._report, self.messages
        judged = report.judged
        if not judged:
            first = say("headline_none", start=report.start, end=report.end)
        elif not any(o.combined for o in judged):
            first = say("headline_unmeasured", total=len(judged))
        else:
            count = count_verdicts(judged)
            first = say(
                "headline",
                total=len(judged),
                noticed=count[Verdict.NOTICED],
                shrugged=count[Verdict.SHRUGGED],
                open=count[Verdict.CANT_TELL],
            )
        return [first, *(s for b in report.boards if (s := self._board_headline(b)))]

    def title(self) -> str:
        """The ISO week that the report covers, or else the report's question."""
        if self._report.week is None:
            return self.messages("question")
        year, week = self._report.week.split("-W")
        return self.messages("week_title", year=year, week=str(int(week)))

    def notes(self) -> list[str]:
        """Warnings about the data that a reader needs before the figures."""
        report, say, notes = self._report, self.messages, []
        if report.first is None:
            notes.append(say("note_nothing"))
        elif report.judgeable and report.judgeable > report.start:
            notes.append(say("note_first", first=report.first, judgeable=report.judgeable))
        if report.gaps:
            shares = say.listed(f"{source} {say.percent(share)}" for source, share in report.gaps)
            notes.append(say("note_gaps", n=len(report.gaps), shares=shares))
        return notes

    def trend(self) -> str:
        """How the attention to AI outages changes over time, or what data it takes to tell."""
        trend, say = self._report.trend, self.messages
        if trend is None:
            days = round(MIN_TREND_SPAN / timedelta(days=1))
            return say("trend_open", n=MIN_TREND_OUTAGES, days=days)
        factor = say.interval(trend.factor)
        return say("trend_note", n=trend.outages, factor=factor, since=self._report.since)

    def own_past(self, outage: OutageReport) -> str | None:
        """How an outage compares with the same provider's earlier ones."""
        past = outage.own_past
        return self.messages("own_past_note", **asdict(past)) if past else None

    def alternatives(self, outage: OutageReport) -> str:
        """The alternatives that most posts named, with their number of posts."""
        named = outage.behaviour.turned_to[:MOST_NAMED] if outage.behaviour else ()
        return self._named(named) or "–"

    def _named(self, alternatives: Iterable[NamedAlternative]) -> str:
        say = self.messages
        return say.listed(f"{say.name(a)} {say.show(a.posts)}" for a in alternatives)

    def mood(self, outage: OutageReport) -> Markup | str:
        """The share of negative posts in the language with most posts, above the usual share."""
        felt = outage.behaviour.felt if outage.behaviour else ()
        corrected = [(f, f.bad.estimate) for f in felt if f.bad]
        if not corrected:
            return "–"
        most, bad = max(corrected, key=lambda pair: pair[0].posts)
        percent = self.messages.percent
        if most.usual is None:
            return percent(bad)
        usual = self.messages("mood_usual", usual=percent(most.usual.estimate))
        return _stacked(percent(bad), usual)

    def parameters(self) -> list[tuple[str, str]]:
        """The parameters that the figures depend on: (name, value)."""
        say, report = self.messages, self._report
        lead, lag = self.lead_and_lag()
        shown = {
            "lead": say("in_minutes", n=lead),
            "lag": say("in_minutes", n=lag),
            "weeks": say.show(report.parameters.weeks),
            "worth": say.number(report.worth),
            "reference": say.show(report.worth_events),
            "since": say.show(report.since),
        }
        return [(say(f"parameter_{name}"), value) for name, value in shown.items()]

    def lead_and_lag(self) -> tuple[int, int]:
        """Minutes before and after an outage that belong to its window."""
        parameters = self._report.parameters
        return round(parameters.lead / MINUTE), round(parameters.lag / MINUTE)

    def worth(self) -> str:
        """The smallest ratio that counts as attention, and what it is based on."""
        report, say = self._report, self.messages
        enough = report.worth_events >= MIN_REFERENCE_OUTAGES
        basis = say("worth_reference", n=report.worth_events) if enough else say("worth_default")
        return say("method_3", worth=report.worth, basis=basis)

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
        """An estimate above its interval."""
        if interval is None:
            return "–"
        return _stacked(*self.messages.interval(interval).split(" ", 1))

    def span(self, outage: OutageReport) -> str:
        """When an outage began and ended; the date of the end only if it is another day."""
        say = self.messages
        if outage.ongoing:
            return f"{say.time(outage.start)} – {say('ongoing')}"
        same_day = say.day(outage.start) == say.day(outage.end)
        end = say.clock(outage.end) if same_day else say.time(outage.end)
        return f"{say.time(outage.start)} – {end}"

    def verdict(self, verdict: Verdict) -> str:
        """The name of a verdict."""
        return self.messages(f"verdict_{verdict.name.lower()}")

    def reason(self, outage: OutageReport) -> str:
        """The reason for an outage's verdict; if it is open, with the ratio the data could show."""
        reason = self.messages(f"reason_{outage.reason.value}")
        combined = outage.combined
        least = combined.minimum_detectable_ratio if combined else None
        if outage.verdict is not Verdict.CANT_TELL or least is None or isinf(least):
            return reason
        return self.messages("reason_open", reason=reason, ratio=least)

    def posts(self, measured: Measurement | None) -> str:
        """Observed and expected posts."""
        if measured is None or measured.expected is None:
            return "–"
        say = self.messages
        return f"{say.show(measured.observed)} / {say.number(measured.expected)}"

    def posts_and_voices(self, measured: Measurement) -> Markup | str:
        """Observed posts above the number of voices among them."""
        posts = self.messages.show(measured.observed)
        if measured.voices is None:
            return posts
        return _stacked(posts, self.messages("voices", n=measured.voices))

    def first_posts(self, outage: OutageReport) -> str | None:
        """By how many minutes each source's first post preceded or followed the official start."""
        say = self.messages
        delays = say.listed(f"{source} {round(minutes):+d}" for source, minutes in outage.firsts)
        return say("lead_note", delays=delays) if delays else None

    def volumes(self, outage: OutageReport) -> list[str]:
        """A line for each series that others counted over the outage."""
        return [self._volume(volume) for volume in outage.volumes]

    def _volume(self, volume: VolumeComparison) -> str:
        compared = volume.ratio is not None and volume.placebo_p is not None
        values = asdict(volume) | {"p": self.messages.p_value(volume.placebo_p or 0.0)}
        return self.messages("volume_told" if compared else "volume_short", **values)

    def components(self, outage: OutageReport) -> str | None:
        """The components that an outage affected, and whether it was over within a minute."""
        say, notes = self.messages, []
        if outage.components:
            notes.append(say("touched_note", components=say.listed(outage.components)))
        if outage.brief:
            notes.append(say("brief_note"))
        return " ".join(notes) or None

    def rank(self, outage: OutageReport) -> str | None:
        """An outage's rank among all outages, with its interval."""
        return self.messages("rank_note", **asdict(outage.rank)) if outage.rank else None

    def together(self) -> list[tuple[str, str, str, str]]:
        """Rows of pooled outages: group, number of outages, ratio, spread."""
        say = self.messages
        return [
            (self._group(t), say.show(t.outages), say.interval(t.ratio), say.interval(t.spread))
            for t in self._report.together
        ]

    def _group(self, together: PooledOutages) -> str:
        if together.group == "class":
            return self.messages(f"class_{together.key}")
        if together.group == "provider":
            both = (*self._report.outages, *self._report.earlier)
            return self.messages.name(next(o for o in both if o.provider == together.key))
        return self.messages(f"group_{together.group}", key=together.key)

    def board_cell(self, outage: OutageReport) -> str:
        """The best rank on any board, or the heat that an outage off the boards stayed under."""
        ranks = [p.best_rank for p in outage.boards if p.best_rank]
        if ranks:
            return f"#{min(ranks)}"
        bounds = [p.upper_bound_heat for p in outage.boards if p.upper_bound_heat]
        return f"< {self.messages.show(min(bounds))}" if bounds else "–"

    def presence(self, presence: Presence) -> str:
        """How long and how high something stood on a board, or what its absence says."""
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
        """The outage's window and the history that it is compared with."""
        return self.messages(
            "window_note",
            start=outage.window[0],
            end=outage.window[1],
            weeks=self._report.parameters.weeks,
            days=max((c.history_days for c in outage.channels), default=0),
            blocks=max((c.blocks for c in outage.channels), default=0),
        )

    def query(self, outage: OutageReport) -> str:
        """The queries that each source was sent, and the names that a post is counted for."""
        say = self.messages
        queries = say.listed(f"{source} “{query}”" for source, query in outage.queries if query)
        return say("query_note", asked=queries or "–", names=say.listed(outage.names))

    def sample(self, behaviour: Behaviour) -> str:
        """The number of posts and authors that the behaviour was measured on."""
        return self.messages(
            "crowd_note",
            posts=behaviour.posts,
            authors=behaviour.authors,
            usual=behaviour.usual_posts,
        )

    def acts(self, behaviour: Behaviour) -> list[tuple[str, ...]]:
        """Rows of what people did: act, posts, share, usual share, lift; only acts with posts."""
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
        """The alternatives that people named, those with most posts first."""
        named = self._named(behaviour.turned_to)
        return self.messages("turned_note", named=named) if named else None

    def dynamics(self, behaviour: Behaviour) -> list[str]:
        """How often people complained, when they noticed, peaked and stopped, as far as known."""
        say, timing = self.messages, behaviour.dynamics
        lines = []
        if (rate := behaviour.complaints) and rate.rate:
            times = say.interval(rate.times)
            note = "rate_note" if rate.times else "rate_unusual"
            lines.append(say(note, rate=rate.rate, usual=rate.usual, times=times))
        if timing is None:
            return lines
        if timing.first is not None:
            id_ = "dynamics_led" if timing.first < 0 else "dynamics_first"
            lines.append(say(id_, minutes=round(abs(timing.first))))
        later = {"peak": timing.peak, "half": timing.half_life, "back": timing.back}
        return lines + [
            say(f"dynamics_{moment}", minutes=round(minutes), rate=timing.peak_rate)
            for moment, minutes in later.items()
            if minutes is not None
        ]

    def felt(self, behaviour: Behaviour) -> list[str]:
        """How people felt, a line for each language."""
        return [self._felt(felt) for felt in behaviour.felt]

    def _felt(self, felt: LanguageMood) -> str:
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
        rows = (validation_row(self.messages, result) for result in results.last().rows)
        return [validation_head(self.messages), *rows]

    def validation_note(self) -> str:
        """What the table of the last validation shows."""
        rows = results.last().rows
        return self.messages("validation_note", outages=rows[0].outages)

    def cards(self) -> list[str]:
        """How well each scorer did when it was measured, a line each."""
        return [self._card(card) for card in self._report.cards]

    def _card(self, card: ModelCard) -> str:
        say, errors = self.messages, card.reference_quality
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
        """The command that reproduces every figure of this report."""
        span = (self._report.start, self._report.end)
        start, end = (at.isoformat().replace("+00:00", "Z") for at in span)
        command = f"shrug measure --from {start} --to {end} --json"
        return self.messages("reproduce_note", command=command)

    def claim(self, claim: Claim) -> str:
        """The claim itself."""
        return self.messages(f"claim_{claim.number}")

    def answer(self, claim: Claim) -> str:
        """Whether the data support the claim."""
        return self.messages(f"answer_{claim.answer.name.lower()}")

    def figure(self, claim: Claim) -> str | None:
        """The figure that the answer rests on, if there is one."""
        if not claim.figure:
            return None
        share = claim.figure == "game_beats_article"
        value = self.messages.interval(claim.value, percent=share)
        return self.messages(f"figure_{claim.figure}", value=value)

    def evidence(self, claim: Claim) -> list[str]:
        """What supports a claim's answer, or what is missing, a line each."""
        return [self.messages(id_, **self._formatted(values)) for id_, values in claim.evidence]

    def _formatted(self, values: Mapping[str, object]) -> dict[str, object]:
        """Shares and their bounds become percentages, p-values their short form."""
        percentages = ("share", "low", "high") if "share" in values else ()
        forms: dict[str, Callable[[float], str]] = {
            "p": self.messages.p_value,
            **dict.fromkeys(percentages, self.messages.percent),
        }
        return {
            name: forms[name](value) if name in forms and isinstance(value, float) else value
            for name, value in values.items()
        }

    def board(self, board: BoardComparison) -> list[str]:
        """How the article's outage and AI's outages compare with games' on a board."""
        say = self.messages
        counts = {kind: board.number(kind) for kind in ("ai", "game")}
        span = {"first": board.first, "last": board.last, "looks": board.looks}
        lines = [say("board_percentiles", **counts, **span)]
        if board.among_ai and board.among_games and board.game_beats_ai:
            figures = {
                "ai": board.among_ai,
                "game": board.among_games,
                "beats": board.game_beats_ai,
            }
            shown = {name: say.interval(value, percent=True) for name, value in figures.items()}
            lines.append(say("board_figures", **shown))
        return lines

    def remarks(self, cover: SourceCoverage) -> str:
        """What a reader needs to know about a source before trusting its counts."""
        say, remarks = self.messages, []
        if cover.assumed:
            remarks.append(say("remark_assumed"))
        if cover.capped:
            remarks.append(say("remark_capped"))
        if cover.usual and cover.unusual:
            low, high = cover.usual
            remarks.append(say("remark_unusual", rate=cover.posts_a_day, low=low, high=high))
        if cover.missed:
            causes = say.listed(f"{say(f'state_{kind}')} ({n})" for kind, n in cover.missed)
            remarks.append(say("remark_missed", causes=causes))
        return say.listed(remarks)

    def method(self) -> list[str]:
        """How the figures were measured, a paragraph each."""
        say = self.messages
        lead, lag = self.lead_and_lag()
        return [
            say("method_1", lead=lead, lag=lag, weeks=self._report.parameters.weeks),
            say("method_2"),
            self.worth(),
            say("method_4"),
            say("method_5"),
            *self.cards(),
            self.reproduce(),
        ]


def _stacked(above: str, below: str) -> Markup:
    """A figure with a smaller one under it."""
    return Markup('{}<span class="ci">{}</span>').format(above, below)


VALIDATION_COLUMNS = ("cell", "mean", "held", "false", "found", "shrugged", "missed", "rival")


def validation_head(say: Messages) -> list[str]:
    """The column titles of the validation's table."""
    return [say(f"validation_{column}") for column in VALIDATION_COLUMNS]


def validation_row(say: Messages, result: ScenarioResult) -> list[str]:
    """A row of the validation's table."""
    show = say.percent
    return [
        say(f"cell_{result.scenario}"),
        say.number(result.expected),
        f"{show(min(result.holds))}–{show(max(result.holds))}",
        show(result.noticed[0]),
        f"{show(result.noticed[-1])} ({show(result.oracle_noticed)})",
        f"{show(result.shrugged[0])} ({show(result.oracle_shrugged)})",
        show(result.shrugged[1]),
        show(result.rival),
    ]
