"""Optional dependencies, which only some commands need."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

from db.core.errors import BadInput


@contextmanager
def require_extra(extra: str, feature: str) -> Iterator[None]:
    """Raise BadInput saying what to install if a module imported inside is missing."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise BadInput(f"{feature} needs {error.name}: pip install 'shrug[{extra}]'") from None


def installed(*modules: str) -> bool:
    """Whether all of these modules can be imported."""
    return all(find_spec(name) for name in modules)
