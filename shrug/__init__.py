"""Measures whether people care when an AI provider goes down, with the uncertainty shown.

In a notebook: `shrug.verdicts()`, `shrug.outages()`, `shrug.counts()`, `shrug.posts()` and
`shrug.tables()` give DataFrames, `shrug.report()` the report itself.
"""

from typing import TYPE_CHECKING

from shrug.version import __version__

if TYPE_CHECKING:
    from shrug.report.notebook import counts, outages, posts, report, tables, verdicts

__all__ = ["__version__", "counts", "outages", "posts", "report", "tables", "verdicts"]


def __getattr__(name: str) -> object:
    """Load the functions for notebooks at first use, so that the command line starts fast."""
    if name in __all__:
        from shrug.report import notebook

        return getattr(notebook, name)
    raise AttributeError(f"module 'shrug' has no attribute {name!r}")
