"""The command line: `shrug COMMAND`. Each command has a file of its own."""

import sys
from collections.abc import Sequence

from db.core.errors import ShrugError
from shrug.cli.app import app
from shrug.cli.console import complain


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command; exits with 0 done, 1 done in part, 2 wrong use or input, 130 interrupted."""
    try:
        app(args=None if arguments is None else list(arguments))
    except ShrugError as error:
        complain(str(error))
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
