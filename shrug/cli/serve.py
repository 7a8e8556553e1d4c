"""`shrug serve`"""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from shrug.cli import options
from shrug.cli.console import print_note
from shrug.cli.options import option

# A page takes up to a dozen requests.
REQUESTS_PER_MINUTE = 1200
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def serve(
    host: Annotated[str, option("--host", "help_host")] = "127.0.0.1",
    port: Annotated[int, option("--port", "help_port", min=0, max=65535)] = 8765,
    allow_host: Annotated[list[str] | None, option("--allow-host", "help_allow_host")] = None,
    root_path: Annotated[str, option("--root-path", "help_root_path")] = "",
    every: Annotated[int, option("--every", "help_every", min=1)] = 60,
    rate: Annotated[int, option("--rate", "help_rate", min=0)] = REQUESTS_PER_MINUTE,
    at: Annotated[str, option("--at", "help_at")] = "",
    zone: options.Zone = "UTC",
    database: options.Database = "",
) -> None:
    """Serve the page and the API."""
    import uvicorn

    from shrug.health import sources
    from shrug.web.app import create_app
    from shrug.web.site import Site
    from shrug.web.snapshot import ReportRefresher

    tz = options.read_zone(zone)
    settings = options.settings()
    fixed = options.read_optional_instant(at, tz, "--at")
    with options.open_store(database) as store:
        refresher = ReportRefresher(
            store,
            settings.models_folder,
            timedelta(seconds=every),
            now=lambda: fixed or datetime.now(UTC),
        )
        application = create_app(
            Site(refresher, zone),
            lambda: sources.source_health(store, settings.secrets, settings.addresses),
            [*LOOPBACK, "[::1]", host, *(allow_host or [])],
            rate,
        )
        if host not in LOOPBACK:
            print_note("cli_open_to_others", host=host)
        config = uvicorn.Config(
            application,
            host=host,
            port=port,
            root_path=root_path.rstrip("/"),
            log_level="warning",
            access_log=False,
            server_header=False,
        )
        _announcing_server()(config).run()


def _announcing_server() -> type:
    import uvicorn

    class Server(uvicorn.Server):
        """A server that prints its address once it listens; only then a port of 0 is known."""

        async def startup(self, sockets: object = None) -> None:
            await super().startup(sockets)  # type: ignore[arg-type]
            for server in self.servers:
                for socket in server.sockets:
                    host, port = socket.getsockname()[:2]
                    name = f"[{host}]" if ":" in host else host
                    path = self.config.root_path
                    print_note("cli_serving", address=f"http://{name}:{port}{path}/")

    return Server
