"""The command line: `shrug COMMAND`, one file for each command."""

import sys
from collections.abc import Sequence

from db.core.errors import ShrugError
from shrug.cli.app import app
from shrug.cli.console import print_error


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and exit: 0 done, 1 done in part, 2 wrong use or input, 130 interrupted."""
    try:
        app(args=None if arguments is None else list(arguments))
    except ShrugError as error:
        print_error(str(error))
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
