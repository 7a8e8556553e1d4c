"""`shrug sentiment …`: scorers, how good they are, and one's own."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from db.core.errors import BadInput
from shrug.cli import options
from shrug.cli.commands import Commands
from shrug.cli.console import complain, out, progress, remark, say, tell, tell_table
from shrug.cli.imports import name_refused

if TYPE_CHECKING:
    from analysis.sentiment.card import Card, Quality, Rate

app = Commands(no_args_is_help=True)

File = Annotated[Path, typer.Argument(help=say("help_labels"), show_default=False)]
Name = Annotated[str, typer.Argument(help=say("help_scorer"), show_default=False)]


@app.command(help=say("help_sentiment_train"))
def train(
    file: File,
    name: Annotated[str, typer.Option("--name", help=say("help_model_name"))] = "mine",
    kind: Annotated[str, typer.Option("--kind", help=say("help_model_kind"))] = "ngrams",
    language: Annotated[
        list[str] | None, typer.Option("--language", help=say("help_model_language"))
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help=say("help_replace"))] = False,
    as_json: options.AsJson = False,
) -> None:
    """Make a scorer of labelled posts."""
    from analysis.sentiment import plugins
    from analysis.sentiment.trained import training
    from shrug.imports.labels import read_labels

    home = options.settings().models_folder
    plugins.free(name, home, replace=replace)
    if kind not in training.KINDS:
        raise BadInput(f"--kind: {kind[:40]!r} is none of {', '.join(training.KINDS)}")
    posts = read_labels(file)
    with progress() as shown:
        task = shown.add_task(say("cli_training"), total=training.FOLDS + 1)
        card, model = training.train(
            name, kind, posts.texts, posts.labels, tuple(language or ["zh"]),
            lambda: shown.advance(task),
        )  # fmt: skip
    folder = plugins.keep(card, model, home)
    _show(card, as_json)
    remark("cli_model_kept", folder=folder, name=name)
    name_refused(posts.result)


@app.command(help=say("help_sentiment_evaluate"))
def evaluate(
    file: File,
    scorer: Annotated[str, typer.Option("--scorer", help=say("help_scorer"))] = "snownlp-field",
    as_json: options.AsJson = False,
) -> None:
    """How well a scorer does on labelled posts."""
    from analysis.sentiment.plugins import named
    from analysis.sentiment.quality import quality
    from shrug.imports.labels import read_labels

    found = named(scorer, options.settings().models_folder)
    posts = read_labels(file)
    if not posts.texts:
        raise BadInput(f"{file}: no labelled post in it")
    measured = quality(file.name, found.score(posts.texts), posts.labels, found.card.threshold)
    if as_json:
        out.print(json.dumps({"scorer": found.model, **_plain(measured)}, ensure_ascii=False))
    else:
        tell("cli_scorer", name=found.model, version=found.version)
        _tell(measured)
    name_refused(posts.result)


@app.command(help=say("help_sentiment_use"))
def use(name: Name, database: options.Database = "") -> None:
    """Choose the scorer of a store."""
    from shrug.label import sentiment

    with options.store(database) as store:
        scorer = sentiment.use(store, options.settings().models_folder, name)
    tell("cli_scorer_used", name=name, languages=say.listed(scorer.languages))


@app.command("list", help=say("help_sentiment_list"))
def list_(database: options.Database = "") -> None:
    """All scorers, and which this store uses."""
    from analysis.sentiment.plugins import named, names
    from shrug.label import sentiment

    home = options.settings().models_folder
    with options.store(database) as store:
        used = {s.model for s in sentiment.in_use(store, home).values()}
    names_ = ("scorer", "languages", "version", "auc", "accuracy", "used")
    rows = []
    for name in names(home):
        try:
            scorer = named(name, home)
        except BadInput as error:
            complain(str(error))
            continue
        errors, languages = scorer.card.errors, say.listed(scorer.languages)
        told = f"{errors.auc:.3f}", _share(errors.accuracy), say("yes_mark") if name in used else ""
        rows.append((name, languages, scorer.version, *told))
    tell_table({n: say(f"column_{n}") for n in names_}, rows)


@app.command(help=say("help_sentiment_show"))
def show(name: Name, as_json: options.AsJson = False) -> None:
    """A scorer's card."""
    from analysis.sentiment.plugins import named

    _show(named(name, options.settings().models_folder).card, as_json)


def _show(card: "Card", as_json: bool) -> None:
    if as_json:
        measured = [_plain(q) for q in card.measured]
        out.print(json.dumps({**asdict(card), "measured": measured}, ensure_ascii=False))
        return
    tell("cli_scorer", name=card.name, version=card.version)
    for what, number in card.learnt.items():
        tell("cli_learnt", what=say.learnt(what), n=number)
    tell("cli_threshold", threshold=card.threshold)
    if card.slope is not None and card.offset is not None:
        tell("cli_calibrated", slope=card.slope, offset=card.offset)
    for quality in card.measured:
        _tell(quality)


def _tell(quality: "Quality") -> None:
    """A measurement: what tells good from bad, what is called bad, and what scores are worth."""
    tell(
        "cli_quality",
        what=say.measured_on(quality.what),
        good=quality.good,
        bad=quality.bad,
        neutral=quality.neutral,
        unscored=quality.unscored,
        auc=f"{quality.auc:.3f}",
        accuracy=_share(quality.accuracy),
        sensitivity=_share(quality.sensitivity),
        specificity=_share(quality.specificity),
    )
    table = Table(box=None, pad_edge=False)
    for column in ("", say("called_bad"), say("called_other")):
        table.add_column(column, justify="right")
    for label, row in zip(("label_bad", "label_other"), quality.confusion, strict=True):
        table.add_row(say(label), *(say.show(n) for n in row))
    out.print(table)
    bins = Table(box=None, pad_edge=False)
    for column in ("column_score", "column_how_many", "column_are_good"):
        bins.add_column(say(column), justify="right")
    for number, rate in enumerate(quality.bins):
        if rate.of:
            span = f"{number / 10:.1f}–{(number + 1) / 10:.1f}"
            bins.add_row(span, say.show(rate.of), say.percent(rate.share))
    out.print(bins)


def _share(rate: "Rate") -> str:
    return f"{say.percent(rate.share)} ({rate.hits}/{rate.of})" if rate.of else "–"


def _plain(quality: "Quality") -> dict[str, object]:
    value: dict[str, object] = asdict(quality)
    return value | {"auc": None if quality.auc != quality.auc else quality.auc}
