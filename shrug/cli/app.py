"""All commands together."""

from typing import Annotated

import typer

from shrug.cli.commands import Commands
from shrug.cli.console import out, say
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
from shrug.cli.outages import app as outages
from shrug.cli.privacy import backup, forget, restore, retention, rotate_key, verify
from shrug.cli.rematch import rematch
from shrug.cli.report import report
from shrug.cli.reread import reread
from shrug.cli.score import score
from shrug.cli.sentiment import app as sentiment
from shrug.cli.serve import serve
from shrug.cli.validate import validate
from shrug.version import __version__

app = Commands(
    name="shrug",
    help=say("help_shrug"),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def _version(asked: bool) -> None:
    if asked:
        out.print(f"shrug {__version__}")
        raise typer.Exit


@app.callback()
def shrug(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help=say("help_version"))
    ] = False,
) -> None:
    """Options of the program itself."""


app.command(help=say("help_demo"))(demo)
app.command(help=say("help_crawl"))(crawl)
app.command(help=say("help_reread"))(reread)
app.command(help=say("help_rematch"))(rematch)
app.command(help=say("help_doctor"))(doctor)
app.add_typer(imports, name="import", help=say("help_import"))
app.add_typer(outages, name="outages", help=say("help_outages"))
app.command(help=say("help_score"))(score)
app.add_typer(sentiment, name="sentiment", help=say("help_sentiment"))
app.command(help=say("help_measure"))(measure)
app.command(help=say("help_report"))(report)
app.command(help=say("help_deliver"))(deliver)
app.command(help=say("help_export"))(export)
app.command(help=say("help_explain"))(explain)
app.command(help=say("help_serve"))(serve)
app.command(help=say("help_mcp"))(mcp)
app.command(help=say("help_daemon"))(daemon)
app.add_typer(config, name="config", help=say("help_config"))
app.command(help=say("help_retention"))(retention)
app.command(help=say("help_forget"))(forget)
app.command(help=say("help_backup"))(backup)
app.command(help=say("help_restore"))(restore)
app.command(help=say("help_verify"))(verify)
app.command(name="rotate-key", help=say("help_rotate_key"))(rotate_key)
app.command(help=say("help_validate"))(validate)
app.command(name="new-source", help=say("help_new_source"))(new_source)
