"""All commands of the command line."""

from typing import Annotated

import typer

from shrug.cli.backup import backup, restore, verify
from shrug.cli.commands import Commands
from shrug.cli.console import messages, stdout
from shrug.cli.crawl import crawl
from shrug.cli.daemon import config, daemon
from shrug.cli.deliver import deliver
from shrug.cli.demo import demo
from shrug.cli.doctor import doctor
from shrug.cli.explain import explain
from shrug.cli.export import export
from shrug.cli.imports import app as imports
from shrug.cli.mcp import mcp
from shrug.cli.measure import measure
from shrug.cli.new_source import new_source
from shrug.cli.options import option
from shrug.cli.outages import app as outages
from shrug.cli.privacy import forget, retention, rotate_key
from shrug.cli.rematch import rematch
from shrug.cli.report import report
from shrug.cli.reread import reread
from shrug.cli.score import score
from shrug.cli.sentiment import app as sentiment
from shrug.cli.serve import serve
from shrug.cli.validate import validate
from shrug.version import __version__

app = Commands(
    name="shrug", help=messages("help_shrug"), no_args_is_help=True, pretty_exceptions_enable=False
)


def _print_version(requested: bool) -> None:
    if requested:
        stdout.print(f"shrug {__version__}")
        raise typer.Exit


@app.callback()
def shrug(
    version: Annotated[
        bool, option("--version", "help_version", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Options of the program itself."""


app.command(help=messages("help_demo"))(demo)
app.command(help=messages("help_crawl"))(crawl)
app.command(help=messages("help_reread"))(reread)
app.command(help=messages("help_rematch"))(rematch)
app.command(help=messages("help_doctor"))(doctor)
app.command(help=messages("help_score"))(score)
app.command(help=messages("help_measure"))(measure)
app.command(help=messages("help_report"))(report)
app.command(help=messages("help_deliver"))(deliver)
app.command(help=messages("help_export"))(export)
app.command(help=messages("help_explain"))(explain)
app.command(help=messages("help_serve"))(serve)
app.command(help=messages("help_mcp"))(mcp)
app.command(help=messages("help_daemon"))(daemon)
app.command(help=messages("help_retention"))(retention)
app.command(help=messages("help_forget"))(forget)
app.command(help=messages("help_backup"))(backup)
app.command(help=messages("help_restore"))(restore)
app.command(help=messages("help_verify"))(verify)
app.command(name="rotate-key", help=messages("help_rotate_key"))(rotate_key)
app.command(help=messages("help_validate"))(validate)
app.command(name="new-source", help=messages("help_new_source"))(new_source)
app.add_typer(imports, name="import", help=messages("help_import"))
app.add_typer(outages, name="outages", help=messages("help_outages"))
app.add_typer(sentiment, name="sentiment", help=messages("help_sentiment"))
app.add_typer(config, name="config", help=messages("help_config"))
