"""`shrug daemon` and `shrug config`"""

import typer

from shrug.cli import options
from shrug.cli.commands import Commands
from shrug.cli.console import say, tell_table

config = Commands(no_args_is_help=True)


def daemon(database: options.Database = "") -> None:
    """Keep the schedule."""
    from db.core.engine import password_of
    from shrug.daemon import logs
    from shrug.daemon.main import Daemon
    from shrug.settings import read
    from shrug.store.bootstrap import address

    settings = read()
    url = address(database or settings.database)
    logs.begin(settings.log_form, [*settings.secrets.values(), password_of(url)])
    with options.store(url) as store:
        raise typer.Exit(Daemon(store, url, read).run())


@config.command("show", help=say("help_config_show"))
def show() -> None:
    """Every setting, its value, and where it comes from."""
    from shrug.settings import config_file, told

    names = ("setting", "value", "from")
    rows = [(t.name, t.value, say(f"config_{t.origin}", file=config_file())) for t in told()]
    tell_table({name: say(f"column_{name}") for name in names}, rows)


@config.command("path", help=say("help_config_path"))
def path() -> None:
    """Where the file of settings is, or would be."""
    from shrug.settings import config_file

    tell_table({"path": say("column_path")}, [(str(config_file()),)])
