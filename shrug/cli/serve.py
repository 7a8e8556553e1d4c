"""`shrug serve`"""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from shrug.cli import options
from shrug.cli.console import remark, say

# Requests a minute of one reader: a page takes up to a dozen.
RATE = 1200
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def serve(
    host: Annotated[str, typer.Option("--host", help=say("help_host"))] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help=say("help_port"))] = 8765,
    allow_host: Annotated[
        list[str] | None, typer.Option("--allow-host", help=say("help_allow_host"))
    ] = None,
    root_path: Annotated[str, typer.Option("--root-path", help=say("help_root_path"))] = "",
    every: Annotated[int, typer.Option("--every", min=1, help=say("help_every"))] = 60,
    rate: Annotated[int, typer.Option("--rate", min=0, help=say("help_rate"))] = RATE,
    at: Annotated[str, typer.Option("--at", help=say("help_at"))] = "",
    zone: options.Zone = "UTC",
    database: options.Database = "",
) -> None:
    """Show the page and the API."""
    import uvicorn

    from shrug.health import sources
    from shrug.web.app import create
    from shrug.web.site import Site
    from shrug.web.snapshot import Keeper

    tz = options.zone_of(zone)
    settings = options.settings()
    fixed = options.instant(at, tz, "--at") if at else None
    with options.store(database) as store:
        keeper = Keeper(
            store,
            settings.models_folder,
            timedelta(seconds=every),
            now=lambda: fixed or datetime.now(UTC),
        )
        application = create(
            Site(keeper, zone),
            lambda: sources.sources(store, settings.secrets, settings.addresses),
            [*LOOPBACK, "[::1]", host, *(allow_host or [])],
            rate,
        )
        if host not in LOOPBACK:
            remark("cli_open_to_others", host=host)
        config = uvicorn.Config(
            application,
            host=host,
            port=port,
            root_path=root_path.rstrip("/"),
            log_level="warning",
            access_log=False,
            server_header=False,
        )
        _announced()(config).run()


def _announced() -> type:
    import uvicorn

    class Server(uvicorn.Server):
        """Says where it listens once it does; a port of 0 is known only then."""

        async def startup(self, sockets: object = None) -> None:
            await super().startup(sockets)  # type: ignore[arg-type]
            for server in self.servers:
                for socket in server.sockets:
                    host, port = socket.getsockname()[:2]
                    name = f"[{host}]" if ":" in host else host
                    path = self.config.root_path
                    remark("cli_serving", address=f"http://{name}:{port}{path}/")

    return Server
