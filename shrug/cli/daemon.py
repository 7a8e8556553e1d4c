"""`shrug daemon` and `shrug config`"""

import typer

from shrug.cli import options
from shrug.cli.commands import Commands
from shrug.cli.console import messages, print_table, titles

config = Commands(no_args_is_help=True)


def daemon(database: options.Database = "") -> None:
    """Run the jobs of the schedule until told to stop."""
    from db.core.engine import password_of
    from shrug.daemon import logs
    from shrug.daemon.main import Daemon
    from shrug.settings import read_settings
    from shrug.store.bootstrap import database_url

    settings = read_settings()
    url = database_url(database or settings.database)
    logs.configure_logging(settings.log_form, [*settings.secrets.values(), password_of(url)])
    with options.open_store(url) as store:
        raise typer.Exit(Daemon(store, url, read_settings).run())


@config.command("show", help=messages("help_config_show"))
def show() -> None:
    """List every setting, its value, and where it comes from."""
    from shrug.settings import config_file, setting_values

    rows = [
        (t.name, t.value, messages(f"config_{t.origin}", file=config_file()))
        for t in setting_values()
    ]
    print_table(titles("setting", "value", "from"), rows)


@config.command("path", help=messages("help_config_path"))
def path() -> None:
    """Print where the file of settings is, or would be."""
    from shrug.settings import config_file

    print_table(titles("path"), [(str(config_file()),)])
