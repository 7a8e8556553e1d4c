"""How commands are registered: each can say what it says as JSON."""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any

import typer

from shrug.cli import options
from shrug.cli.console import use_json

Command = Callable[..., Any]


class Commands(typer.Typer):
    """Commands that all have `--json`."""

    def command(  # type: ignore[override]
        self, *args: Any, **kwargs: Any
    ) -> Callable[[Command], Command]:
        register = super().command(*args, **kwargs)

        def registered(function: Command) -> Command:
            register(with_json(function))
            return function

        return registered


def with_json(function: Command) -> Command:
    """A command with `--json`; one that has it makes its JSON itself."""
    signature = inspect.signature(function)
    own = "as_json" in signature.parameters

    @wraps(function)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        use_json(kwargs["as_json"] if own else kwargs.pop("as_json"))
        return function(*args, **kwargs)

    if not own:
        asked = inspect.Parameter(
            "as_json", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=options.AsJson
        )
        both = [*signature.parameters.values(), asked]
        wrapped.__signature__ = signature.replace(parameters=both)  # type: ignore[attr-defined]
        wrapped.__annotations__ = {**function.__annotations__, "as_json": options.AsJson}
    return wrapped
