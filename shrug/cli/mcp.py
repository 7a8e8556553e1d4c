"""`shrug mcp`"""

from db.core.extras import require_extra
from shrug.cli import options


def mcp(zone: options.Zone = "UTC", database: options.Database = "") -> None:
    """Serve an assistant over standard input and output (Model Context Protocol)."""
    with require_extra("mcp", "shrug mcp"):
        from shrug.report.mcp_server import ReportTools

    options.read_zone(zone)
    with options.open_store(database) as store:
        ReportTools(store, options.settings(), zone).server().run("stdio")
