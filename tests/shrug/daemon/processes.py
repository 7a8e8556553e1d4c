"""The daemon as a process, for tests that start, signal and kill it."""

import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.shrug.config_files import configure
from tests.waiting import MAX_WAIT_SECONDS, wait_for


@dataclass
class DaemonProcess:
    """A daemon as a process, with its log so far."""

    process: "subprocess.Popen[str]"
    port: int
    log_lines: list[str] = field(default_factory=list)

    def wait_for_line(self, words: str) -> str:
        """Wait for a line that contains these words, and return it."""

        def line() -> str:
            over = self.process.poll() is not None
            match = next((line for line in self.log_lines if words in line), "")
            assert match or not over, f"it ended before it said: {words}"
            return match

        return wait_for(line, words)

    def wait_for_second_line(self, words: str) -> None:
        """Wait for a second line that contains these words."""
        wait_for(lambda: sum(words in line for line in self.log_lines) > 1, f"{words}, twice")

    def stop(self) -> None:
        """Stop it with SIGTERM, and wait until it has ended in good order."""
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(MAX_WAIT_SECONDS) == 0

    def get(self, path: str) -> tuple[int, str]:
        wait_for(lambda: _listens(self.port), "it listens")
        try:
            with urllib.request.urlopen(
                f"http://127.0.0.1:{self.port}{path}", timeout=MAX_WAIT_SECONDS
            ) as got:
                return got.status, got.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()


def _listens(port: int) -> bool:
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


@contextmanager
def daemon(url: str, config: Path, **settings: object) -> Iterator[DaemonProcess]:
    port = free_port()
    configure(config, daemon_port=port, **settings)
    process = subprocess.Popen(
        [sys.executable, "-m", "shrug", "daemon", "--database", url],
        stderr=subprocess.PIPE, text=True, env={**os.environ, "SHRUG_LANG": "en"},
    )  # fmt: skip
    running = DaemonProcess(process, port)

    def listen() -> None:
        for line in process.stderr or ():
            running.log_lines.append(line)

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    try:
        running.wait_for_line("the daemon keeps the store")
        yield running
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        listener.join(MAX_WAIT_SECONDS)
