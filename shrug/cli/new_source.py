"""`shrug new-source`"""

from pathlib import Path
from typing import Annotated

from shrug.cli.console import print_message, stdout
from shrug.cli.options import argument, option


def new_source(
    name: Annotated[str, argument("help_new_name")],
    shape: Annotated[str, option("--shape", "help_new_shape")] = "window",
    into: Annotated[Path, option("--into", "help_new_into")] = Path(),
    package: Annotated[bool, option("--package", "help_new_package")] = False,
) -> None:
    """Write the files of a new source, to be filled in by hand."""
    from shrug.new_source.scaffold import write

    for path in write(name, shape, into, package=package):
        stdout.print(str(path))
    print_message("cli_new_package" if package else "cli_new_source", name=name)
