"""`shrug sentiment …`: choose, train and evaluate sentiment scorers."""

import math
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from db.core.errors import BadInput
from shrug.cli import options
from shrug.cli.commands import Commands
from shrug.cli.console import (
    messages,
    print_error,
    print_json,
    print_message,
    print_note,
    print_table,
    progress,
    titles,
)
from shrug.cli.imports import print_refused_lines
from shrug.cli.options import argument, option

if TYPE_CHECKING:
    from analysis.sentiment.card import ModelCard, Quality, Rate

app = Commands(no_args_is_help=True)

File = Annotated[Path, argument("help_labels", show_default=False)]
Name = Annotated[str, argument("help_scorer", show_default=False)]


@app.command(help=messages("help_sentiment_train"))
def train(
    file: File,
    name: Annotated[str, option("--name", "help_model_name")] = "mine",
    kind: Annotated[str, option("--kind", "help_model_kind")] = "ngrams",
    language: Annotated[list[str] | None, option("--language", "help_model_language")] = None,
    replace: Annotated[bool, option("--replace", "help_replace")] = False,
    as_json: options.AsJson = False,
) -> None:
    """Train a scorer on labelled posts."""
    from analysis.sentiment import plugins
    from analysis.sentiment.trained import training
    from shrug.imports.labels import read_labels

    home = options.settings().models_folder
    plugins.check_name(name, home, replace=replace)
    if kind not in training.KINDS:
        raise BadInput(f"--kind: {kind[:40]!r} is none of {', '.join(training.KINDS)}")
    posts = read_labels(file)
    with progress("cli_training", training.FOLDS + 1) as bar:
        card, model = training.train(
            name, kind, posts.texts, posts.labels, tuple(language or ["zh"]), bar.advance
        )
    folder = plugins.save_model(card, model, home)
    _print_card(card, as_json)
    print_note("cli_model_kept", folder=folder, name=name)
    print_refused_lines(posts.result)


@app.command(help=messages("help_sentiment_evaluate"))
def evaluate(
    file: File,
    scorer: Annotated[str, option("--scorer", "help_scorer")] = "snownlp-field",
    as_json: options.AsJson = False,
) -> None:
    """Print how well a scorer does on labelled posts."""
    from analysis.sentiment.plugins import load_scorer
    from analysis.sentiment.quality import measure_quality
    from shrug.imports.labels import read_labels

    model = load_scorer(scorer, options.settings().models_folder)
    posts = read_labels(file)
    if not posts.texts:
        raise BadInput(f"{file}: no labelled post in it")
    measured = measure_quality(
        file.name, model.score(posts.texts), posts.labels, model.card.threshold
    )
    if as_json:
        print_json({"scorer": model.model, **_plain(measured)})
    else:
        print_message("cli_scorer", name=model.model, version=model.version)
        _print_quality(measured)
    print_refused_lines(posts.result)


@app.command(help=messages("help_sentiment_use"))
def use(name: Name, database: options.Database = "") -> None:
    """Choose the scorer of a store."""
    from shrug.label import sentiment

    with options.open_store(database) as store:
        scorer = sentiment.choose_scorer(store, options.settings().models_folder, name)
    print_message("cli_scorer_used", name=name, languages=messages.listed(scorer.languages))


@app.command("list", help=messages("help_sentiment_list"))
def list_(database: options.Database = "") -> None:
    """List all scorers, and which of them this store uses."""
    from analysis.sentiment.plugins import load_scorer, scorer_names
    from shrug.label import sentiment

    home = options.settings().models_folder
    with options.open_store(database) as store:
        used = {s.model for s in sentiment.scorers_in_use(store, home).values()}
    rows = []
    for name in scorer_names(home):
        try:
            scorer = load_scorer(name, home)
        except BadInput as error:
            print_error(str(error))
            continue
        errors, languages = scorer.card.reference_quality, messages.listed(scorer.languages)
        auc, accuracy = f"{errors.auc:.3f}", _share(errors.accuracy)
        mark = messages("yes_mark") if name in used else ""
        rows.append((name, languages, scorer.version, auc, accuracy, mark))
    print_table(titles("scorer", "languages", "version", "auc", "accuracy", "used"), rows)


@app.command(help=messages("help_sentiment_show"))
def show(name: Name, as_json: options.AsJson = False) -> None:
    """Print a scorer's card."""
    from analysis.sentiment.plugins import load_scorer

    _print_card(load_scorer(name, options.settings().models_folder).card, as_json)


def _print_card(card: "ModelCard", as_json: bool) -> None:
    if as_json:
        print_json({**asdict(card), "measured": [_plain(q) for q in card.measured]})
        return
    print_message("cli_scorer", name=card.name, version=card.version)
    for what, number in card.learnt.items():
        print_message("cli_learnt", what=messages.learnt(what), n=number)
    print_message("cli_threshold", threshold=card.threshold)
    if card.slope is not None and card.offset is not None:
        print_message("cli_calibrated", slope=card.slope, offset=card.offset)
    for quality in card.measured:
        _print_quality(quality)


def _print_quality(quality: "Quality") -> None:
    print_message(
        "cli_quality",
        what=messages.measured_on(quality.what),
        good=quality.good,
        bad=quality.bad,
        neutral=quality.neutral,
        unscored=quality.unscored,
        auc=f"{quality.auc:.3f}",
        accuracy=_share(quality.accuracy),
        sensitivity=_share(quality.sensitivity),
        specificity=_share(quality.specificity),
    )
    confusion = [
        (messages(label), *map(messages.show, row))
        for label, row in zip(("label_bad", "label_other"), quality.confusion, strict=True)
    ]
    columns = {"label": "", "bad": messages("called_bad"), "other": messages("called_other")}
    print_table(columns, confusion, right=columns)
    bins = [
        (f"{n / 10:.1f}–{(n + 1) / 10:.1f}", messages.show(rate.of), messages.percent(rate.share))
        for n, rate in enumerate(quality.bins)
        if rate.of
    ]
    columns = titles("score", "how_many", "are_good")
    print_table(columns, bins, right=columns)


def _share(rate: "Rate") -> str:
    return f"{messages.percent(rate.share)} ({rate.hits}/{rate.of})" if rate.of else "–"


def _plain(quality: "Quality") -> dict[str, object]:
    value: dict[str, object] = asdict(quality)
    return value | {"auc": None if math.isnan(quality.auc) else quality.auc}
