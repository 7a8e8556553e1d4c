"""`python -m tests.servers`: install the servers that npm has, by their lock file."""

import os
import subprocess
import sys
from pathlib import Path

from tests.servers import HERE, node


def main() -> int:
    folder = Path(node()).parent
    path = f"{folder}{os.pathsep}{os.environ.get('PATH', '')}"
    command = [str(folder / "npm"), "ci", "--omit=dev", "--no-audit", "--no-fund", "--silent"]
    done = subprocess.run(command, cwd=HERE, env={**os.environ, "PATH": path}, check=False)
    return done.returncode


sys.exit(main())
