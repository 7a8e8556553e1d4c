"""`shrug mcp`"""

from db.core.extras import require_extra
from shrug.cli import options


def mcp(zone: options.Zone = "UTC", database: options.Database = "") -> None:
    """Answer an assistant over standard input and output."""
    with require_extra("mcp", "shrug mcp"):
        from shrug.report.mcp_server import Assistant

    options.zone_of(zone)
    with options.store(database) as store:
        Assistant(store, options.settings(), zone).server().run("stdio")
