"""Registering of commands, so that each of them has `--json`."""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any

import typer

from shrug.cli import options
from shrug.cli.console import use_json

Command = Callable[..., Any]


class Commands(typer.Typer):
    """A group of commands that all have `--json`."""

    def command(  # type: ignore[override]
        self, *args: Any, **kwargs: Any
    ) -> Callable[[Command], Command]:
        register = super().command(*args, **kwargs)

        def registered(function: Command) -> Command:
            register(with_json(function))
            return function

        return registered


def with_json(function: Command) -> Command:
    """Add `--json` to a command, unless it has one and makes its JSON itself."""
    signature = inspect.signature(function)
    has_json = "as_json" in signature.parameters

    @wraps(function)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        use_json(kwargs["as_json"] if has_json else kwargs.pop("as_json"))
        return function(*args, **kwargs)

    if not has_json:
        parameter = inspect.Parameter(
            "as_json", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=options.AsJson
        )
        parameters = [*signature.parameters.values(), parameter]
        wrapped.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
        wrapped.__annotations__ = {**function.__annotations__, "as_json": options.AsJson}
    return wrapped
