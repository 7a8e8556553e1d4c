"""Running the real `shrug crawl` in a process of its own, as a user does."""

import os
import subprocess
import sys
from collections.abc import Sequence


def command(url: str, arguments: Sequence[object]) -> list[str]:
    own = ["--database", url, "--delay", "0"]
    return [sys.executable, "-m", "shrug", "crawl", *(str(a) for a in arguments), *own]


def crawl(url: str, *arguments: object) -> tuple[int, str]:
    """(exit code, stdout and stderr) of a crawl into the store at `url`."""
    done = subprocess.run(
        command(url, arguments),
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "no_proxy": "127.0.0.1,localhost"},
    )
    return done.returncode, done.stdout + done.stderr
