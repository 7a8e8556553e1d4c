"""`shrug new-source`"""

from pathlib import Path
from typing import Annotated

import typer

from shrug.cli.console import out, say, tell


def new_source(
    name: Annotated[str, typer.Argument(help=say("help_new_name"))],
    shape: Annotated[str, typer.Option("--shape", help=say("help_new_shape"))] = "window",
    into: Annotated[Path, typer.Option("--into", help=say("help_new_into"))] = Path(),
    package: Annotated[bool, typer.Option("--package", help=say("help_new_package"))] = False,
) -> None:
    """Write the files of a new source, to be filled in."""
    from shrug.new_source.scaffold import write

    for path in write(name, shape, into, package=package):
        out.print(str(path), soft_wrap=True, markup=False, highlight=False)
    tell("cli_new_package" if package else "cli_new_source", name=name)
